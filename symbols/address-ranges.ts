// Address ranges with an id each, for look-up by address.

import { orderByAddress } from './order.ts';

export interface AddressRange {
  readonly start: bigint;
  readonly size: number;
  readonly id: number;
}

/** Ranges may touch and, where tools were careless, overlap: so many neighbours are looked at. */
const overlaps = 16;

export class AddressRanges {
  readonly #ranges: readonly AddressRange[];
  readonly #order: Uint32Array;

  constructor(ranges: readonly AddressRange[]) {
    this.#ranges = ranges;
    this.#order = orderByAddress(
      Uint32Array.from(ranges.keys()),
      (i) => Number((ranges[i]?.start ?? 0n) & 0xffffffffn),
      (i) => Number((ranges[i]?.start ?? 0n) >> 32n),
    );
  }

  get count(): number {
    return this.#ranges.length;
  }

  /** The ids of all ranges. */
  ids(): Set<number> {
    return new Set(this.#ranges.map(({ id }) => id));
  }

  /** The range that holds the address; of several the one that begins last. */
  find(address: bigint): AddressRange | undefined {
    const last = this.#after(address) - 1;
    for (let i = last; i >= 0 && i > last - overlaps; i--) {
      const range = this.#at(i);
      if (range && address - range.start < BigInt(Math.floor(range.size))) return range;
    }
    return undefined;
  }

  /** The first range that begins behind the address. */
  next(address: bigint): AddressRange | undefined {
    return this.#at(this.#after(address));
  }

  #at(position: number): AddressRange | undefined {
    return this.#ranges[this.#order[position] ?? -1];
  }

  /** Position of the first range that begins behind the address. */
  #after(address: bigint): number {
    let [from, to] = [0, this.#order.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const range = this.#at(middle);
      if (range && range.start <= address) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** The range that holds `va`, else the next one where it begins before `end`. */
export function within(ranges: AddressRanges, va: bigint, end: bigint): AddressRange | undefined {
  const range = ranges.find(va) ?? ranges.next(va);
  return range && range.start < end ? range : undefined;
}
