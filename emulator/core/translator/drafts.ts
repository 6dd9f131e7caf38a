// Which instructions go into a region: all that can be reached in the page from its entries. Regions that overlap are
// merged, so that an instruction is in one of them, unless they would grow too large.

import type { CodePage, Region } from './code-page.ts';

/** A region to be made. */
export interface Draft {
  readonly page: CodePage;
  /** The page's `changes` when the instructions were read. */
  readonly asOf: number;
  /** Page offsets that it may be entered at: hot ones and those that calls return to. */
  readonly entries: ReadonlySet<number>;
  /** Page offsets of its instructions. */
  readonly covers: ReadonlySet<number>;
  /** Regions that it takes the place of. */
  readonly replaces: ReadonlySet<Region>;
}

/** Drafts for the hot page offsets, each of at most `limit` instructions. */
export function draftsFor(page: CodePage, hot: ReadonlySet<number>, limit: number): readonly Draft[] {
  const drafts = new Set<Draft>();
  const drafted: (Draft | undefined)[] = [];
  for (const offset of hot) {
    if (drafted[offset >> 1]?.covers.has(offset)) continue;
    const absorbed = new Set<Draft>();
    const draft = reach(page, offset, limit, { drafted, absorbed }) ?? reach(page, offset, limit);
    if (!draft?.entries.size) continue;
    for (const other of absorbed) drafts.delete(other);
    drafts.add(draft);
    for (const covered of draft.covers) drafted[covered >> 1] = draft;
  }
  return [...drafts].map((draft) => {
    const asked = [...hot].filter((offset) => draft.covers.has(offset));
    return { ...draft, entries: new Set([...draft.entries, ...asked]) };
  });
}

interface Others {
  readonly drafted: readonly (Draft | undefined)[];
  /** Gets the drafts that were merged. */
  readonly absorbed: Set<Draft>;
}

/** What can be reached from `start`, merged with what it overlaps; undefined when that is too much. Without `others`
 * nothing is merged, and instructions over the limit are left out. */
function reach(page: CodePage, start: number, limit: number, others?: Others): Draft | undefined {
  const covers = new Set<number>();
  const entries = new Set([start]);
  const replaces = new Set<Region>();
  const work = [start];
  const take = (more: Iterable<number>) => {
    for (const entry of more) {
      entries.add(entry);
      work.push(entry);
    }
  };
  for (let offset = work.pop(); offset !== undefined; offset = work.pop()) {
    if (covers.has(offset)) continue;
    const step = page.stepAt(offset);
    if (!step) continue;
    if (covers.size >= limit) {
      if (others) return undefined;
      break;
    }
    covers.add(offset);
    if (others) {
      const draft = others.drafted[offset >> 1];
      if (draft && !others.absorbed.has(draft)) {
        others.absorbed.add(draft);
        for (const region of draft.replaces) replaces.add(region);
        take(draft.entries);
      }
      const region = page.ownerOf(offset);
      if (region && !replaces.has(region)) {
        replaces.add(region);
        take(region.entries);
      }
    }
    for (const successor of step.successors) {
      work.push(successor);
      if (step.calls || successor <= offset) entries.add(successor);
    }
  }
  for (const entry of entries) if (!covers.has(entry)) entries.delete(entry);
  return { page, asOf: page.changes, entries, covers, replaces };
}
