// Watched ranges by where they are, so that a change finds those that it concerns among thousands.

import type { MappingChange } from './compare.ts';
import type { WatchedRange } from './finding.ts';

/** The ranges that one change is the first to meet, and how many changes more met them. */
export interface Met {
  readonly change: MappingChange;
  readonly points: readonly number[];
  readonly more: number;
}

export class RangeIndex {
  /** Ascending by their first address. */
  readonly #ranges: readonly WatchedRange[];
  /** The highest last address among a range and those before it. */
  readonly #reach: readonly bigint[];

  constructor(ranges: readonly WatchedRange[]) {
    this.#ranges = [...ranges].sort((a, b) => (a.range.from < b.range.from ? -1 : 1));
    let highest = 0n;
    this.#reach = this.#ranges.map(({ range: { to } }) => {
      highest = to > highest ? to : highest;
      return highest;
    });
  }

  /** The changes that matter to ranges; what one change means to several of them is told together. */
  met(changes: readonly MappingChange[]): Met[] {
    const seen = new Map<WatchedRange, { readonly change: MappingChange; more: number }>();
    for (const change of changes) {
      for (const range of this.#overlapping(change.va, change.va + change.size - 1n)) {
        if (!range.matters(change)) continue;
        const known = seen.get(range);
        if (known) known.more += 1;
        else seen.set(range, { change, more: 0 });
      }
    }
    const groups = new Map<MappingChange, { points: number[]; more: number }>();
    for (const [{ id }, { change, more }] of seen) {
      const group = groups.get(change) ?? { points: [], more: 0 };
      group.points.push(id);
      group.more = Math.max(group.more, more);
      groups.set(change, group);
    }
    return [...groups].map(([change, group]) => ({ change, ...group }));
  }

  *#overlapping(first: bigint, last: bigint): Generator<WatchedRange> {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle] as WatchedRange).range.from <= last) low = middle + 1;
      else high = middle;
    }
    for (let index = low - 1; index >= 0 && (this.#reach[index] as bigint) >= first; index -= 1) {
      const range = this.#ranges[index] as WatchedRange;
      if (range.range.to >= first) yield range;
    }
  }
}
