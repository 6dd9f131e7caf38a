// What a function's entries tell of its calls (DWARF 5, section 3.4 "Call Site Entries and Parameters").

import { At, Tag } from '../dwarf/constants.ts';
import type { Entry } from '../dwarf/entry.ts';

/** How deep blocks and inlined copies are nested at most. */
const maxNesting = 128;

/** Functions that are looked at for jumps back to one. */
const mostFunctions = 256;

const siteTags: ReadonlySet<number> = new Set([Tag.callSite, Tag.gnuCallSite]);
const innerTags: ReadonlySet<number> = new Set([Tag.lexicalBlock, Tag.inlinedSubroutine]);

/** The calls of a function and of what is inlined into it. */
function* callSites(scope: Entry, depth = maxNesting): Generator<Entry> {
  for (const child of scope.children()) {
    if (siteTags.has(child.tag)) yield child;
    else if (innerTags.has(child.tag) && depth > 0) yield* callSites(child, depth - 1);
  }
}

/** The call whose return address is `pc`. */
export function callSite(scope: Entry, pc: bigint): Entry | undefined {
  for (const site of callSites(scope)) if (returnOf(site) === pc) return site;
  return undefined;
}

/** The address behind a call or jump. */
export function returnOf(site: Entry): bigint | undefined {
  return site.address(At.callReturnPc) ?? site.address(At.lowPc);
}

/** Calls of a function that are jumps: what is called returns to the function's caller. */
export function* tailCallSites(scope: Entry): Generator<Entry> {
  for (const site of callSites(scope)) if (site.flag(At.callTailCall) || site.flag(At.gnuTailCall)) yield site;
}

/** The function that is called, as the unit names it; undefined for calls by pointer. */
export function calleeOf(site: Entry): Entry | undefined {
  return site.reference(At.callOrigin) ?? site.reference(At.abstractOrigin);
}

/** The expression of where a call by pointer leads. */
export function targetOf(site: Entry): Uint8Array | undefined {
  return site.block(At.callTarget) ?? site.block(At.gnuCallSiteTarget);
}

/** A function's name as its symbol has it. */
export function symbolNameOf(entry: Entry): string | undefined {
  return entry.whoHas(At.linkageName)?.text(At.linkageName) ?? entry.whoHas(At.name)?.text(At.name);
}

/**
 * Whether a function may come to its own beginning again by jumps alone: its caller's call is not the last one of it then.
 * So it is too where a jump's target is not known. `functionsNamed` gives the entries with the code of functions.
 */
export function mayReenter(start: Entry, functionsNamed: (name: string) => readonly Entry[]): boolean {
  const seen = new Set<string>();
  const left = [start];
  for (let next = left.pop(); next; next = left.pop()) {
    for (const site of tailCallSites(next)) {
      const callee = calleeOf(site);
      const targets = callee && functionsNamed(symbolNameOf(callee) ?? '');
      if (!targets || targets.length === 0) return true;
      for (const target of targets) {
        if (target.at === start.at && target.unit === start.unit) return true;
        const key = `${target.unit.offset} ${target.at}`;
        if (seen.has(key)) continue;
        if (seen.size >= mostFunctions) return true;
        seen.add(key);
        left.push(target);
      }
    }
  }
  return false;
}
