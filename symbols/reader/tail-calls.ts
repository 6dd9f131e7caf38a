// The functions between a caller and a function that was entered by jumps (DWARF 5, section 3.4.1 "Call Site Entries"):
// they have left no trace on the stack, but where one way alone leads from the call to the function, it was that one.

import { type VirtAddr, virt } from '../../emulator/address.ts';
import { At } from '../dwarf/constants.ts';
import type { Entry } from '../dwarf/entry.ts';
import { calleeOf, callSite, returnOf, symbolNameOf, tailCallSites } from './call-sites.ts';
import type { FunctionReader } from './function-reader.ts';

/** More jumps than any way has; what has more is not followed to its end. */
const mostSites = 2000;

export class TailCalls {
  readonly #functions: () => FunctionReader;
  /** The entries with the code of the functions of a name. */
  readonly #named: (name: string) => readonly Entry[];

  constructor(functions: () => FunctionReader, named: (name: string) => readonly Entry[]) {
    this.#functions = functions;
    this.#named = named;
  }

  /** See DebugInfo.tailCalls. */
  between(returnAddress: VirtAddr, inside: VirtAddr): VirtAddr[] {
    const caller = this.#functions().entryAt(virt(returnAddress - 1n));
    const site = caller && callSite(caller, returnAddress);
    const callee = this.#functions().entryAt(inside);
    const called = site && this.#target(site);
    if (!called || !callee || isSame(called, callee)) return [];
    const ways = this.#ways(called, callee);
    const [first] = ways ?? [];
    if (!ways || !first) return [];
    // Of several ways what they have in common is known: where they begin, and where they end.
    const shortest = Math.min(...ways.map(({ length }) => length));
    let [begin, end] = [0, 0];
    while (begin < shortest && ways.every((way) => way[begin] === first[begin])) begin++;
    while (begin + end < shortest && ways.every((way) => way.at(-1 - end) === first.at(-1 - end))) end++;
    const known = [...first.slice(0, begin), ...first.slice(first.length - end)];
    return known.reverse().map(virt);
  }

  /** The addresses behind the jumps of each way, outermost first; undefined where one leads nobody knows where. */
  #ways(from: Entry, to: Entry): bigint[][] | undefined {
    const ways: bigint[][] = [];
    const way: bigint[] = [];
    const met = new Set<bigint>();
    let left = mostSites;
    const follow = (entry: Entry): boolean => {
      for (const site of tailCallSites(entry)) {
        const behind = returnOf(site);
        const target = this.#target(site);
        if (behind === undefined || !target || left-- === 0) return false;
        if (met.has(behind)) continue;
        way.push(behind);
        met.add(behind);
        const isFollowed = isSame(target, to) ? ways.push([...way]) > 0 : follow(target);
        way.pop();
        met.delete(behind);
        if (!isFollowed) return false;
      }
      return true;
    };
    return follow(from) ? ways : undefined;
  }

  /** The function that a call or jump leads to; undefined where that is not told, or not one alone. */
  #target(site: Entry): Entry | undefined {
    const told = calleeOf(site);
    if (!told || told.has(At.lowPc)) return told;
    const named = this.#named(symbolNameOf(told) ?? '');
    return named.length === 1 ? named[0] : undefined;
  }
}

function isSame(a: Entry, b: Entry): boolean {
  return a.unit === b.unit && a.at === b.at;
}
