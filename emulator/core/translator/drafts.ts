// Which instructions go into a region: all that can be reached in the page from its entries. Regions that overlap are
// merged, so that an instruction is in one of them, unless they would grow too large.

import { isSwitch, PAGE } from './blocks.ts';
import type { CodePage, Step } from './code-page.ts';

/** Most instructions of a region that is merged with others. */
const MAX_INSTRUCTIONS = 800;

/**
 * Most instructions of a region that is merged with none: those of a page, where each takes 4 bytes. What lies behind a cut is
 * reached by no jump, so that it would be interpreted for ever.
 */
const ALONE = 1024;

/** A region to be made. */
export interface Draft {
  /** Page offsets that it may be entered at: hot ones, the heads of loops, and those that calls return to. */
  readonly entries: ReadonlySet<number>;
  /** Page offsets of its instructions. */
  readonly covers: ReadonlySet<number>;
  /** Places of the regions that it takes the place of. */
  readonly replaces: ReadonlySet<number>;
}

/** Drafts for the page offsets that have become hot, and for what calls them, to call them directly. */
export function draftsFor(page: CodePage, become: readonly number[]): readonly Draft[] {
  const kept = become.filter((offset) => !isInsideRound(page, offset));
  const hot = [...new Set([...kept, ...page.callersOf(kept)])];
  const drafts = new Set<Draft>();
  const drafted: (Draft | undefined)[] = [];
  for (const offset of hot) {
    if (drafted[offset >> 1]?.covers.has(offset)) continue;
    const absorbed = new Set<Draft>();
    const draft = reach(page, offset, { drafted, absorbed }) ?? reach(page, offset);
    if (!draft?.entries.size) continue;
    for (const other of absorbed) drafts.delete(other);
    drafts.add(draft);
    for (const covered of draft.covers) drafted[covered >> 1] = draft;
  }
  return [...drafts].map((draft) => {
    const asked = hot.filter((offset) => draft.covers.has(offset));
    return { ...draft, entries: new Set([...draft.entries, ...asked]) };
  });
}

/** Longest round of a loop that is looked for, in instructions. */
const LONGEST_ROUND = 32;

/**
 * Whether the offset lies inside a short loop that is translated. An access whose page is not at hand leaves the region, and control
 * comes back behind it; to enter the loop there would make every round dearer. Where the loop calls, or jumps by a table,
 * control may come there otherwise.
 */
function isInsideRound(page: CodePage, offset: number): boolean {
  const region = page.ownerOf(offset);
  if (!region || region.entries.includes(offset)) return false;
  let at = offset;
  for (let count = 0; count < LONGEST_ROUND && at < PAGE; count += 1) {
    const step = page.stepAt(at);
    if (!step || leavesRound(step)) return false;
    const back = Math.min(...step.successors);
    if (back < offset && region.entries.includes(back) && isRound(page, back, offset, LONGEST_ROUND - count))
      return true;
    at += step.instruction.length;
  }
  return false;
}

/** Whether nothing but the instructions of a loop lie between, at most so many. */
function isRound(page: CodePage, from: number, to: number, most: number): boolean {
  let at = from;
  for (let count = 0; count < most && at < to; count += 1) {
    const step = page.stepAt(at);
    if (!step || leavesRound(step)) return false;
    at += step.instruction.length;
  }
  return at === to;
}

/** A call, or a jump to an address in a register that is no return. */
const leavesRound = (step: Step) => step.calls || isSwitch(step.instruction);

interface Others {
  readonly drafted: readonly (Draft | undefined)[];
  /** Gets the drafts that were merged. */
  readonly absorbed: Set<Draft>;
}

/** What can be reached from `start`, merged with what it overlaps; undefined when that is too much. Without `others`
 * nothing is merged, and instructions over the limit are left out. */
function reach(page: CodePage, start: number, others?: Others): Draft | undefined {
  const covers = new Set<number>();
  /** Instructions on the way to the one at hand: what jumps to one of them closes a loop. Jumps back from code that a compiler
   * has put out of the way do not. */
  const onTheWay = new Set<number>();
  const entries = new Set([start]);
  const replaces = new Set<number>();
  const work = [start];
  const take = (more: Iterable<number>) => {
    for (const entry of more) {
      entries.add(entry);
      work.push(entry);
    }
  };
  for (let offset = work.pop(); offset !== undefined; offset = work.pop()) {
    if (offset < 0) onTheWay.delete(~offset);
    if (offset < 0 || covers.has(offset)) continue;
    const step = page.stepAt(offset);
    if (!step) continue;
    if (covers.size >= (others ? MAX_INSTRUCTIONS : ALONE)) {
      if (others) return undefined;
      break;
    }
    covers.add(offset);
    onTheWay.add(offset);
    work.push(~offset);
    if (others) {
      const draft = others.drafted[offset >> 1];
      if (draft && !others.absorbed.has(draft)) {
        others.absorbed.add(draft);
        for (const slot of draft.replaces) replaces.add(slot);
        take(draft.entries);
      }
      const region = page.ownerOf(offset);
      if (region && !replaces.has(region.slot)) {
        replaces.add(region.slot);
        take(region.entries);
      }
    }
    for (const successor of step.successors) {
      work.push(successor);
      if (step.calls || onTheWay.has(successor)) entries.add(successor);
    }
  }
  for (const entry of entries) if (!covers.has(entry)) entries.delete(entry);
  return { entries, covers, replaces };
}
