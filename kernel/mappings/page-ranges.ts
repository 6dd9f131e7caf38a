// Sets of virtual pages, by page number as a paging mode sees it: without the sign extension, so that numbers are exact.

import { type VirtAddr, virt } from '../../emulator/address.ts';
import { canonical, isCanonical, type PagingMode } from '../../emulator/mmu/modes.ts';
import type { VirtRange } from '../leaves.ts';

/** Page numbers, both inclusive. */
export interface Pages {
  readonly first: number;
  readonly last: number;
}

/** Pages of one level's entry. */
export function pagesOf(mode: PagingMode, level: number): number {
  return 2 ** (mode.vpnBits * level);
}

/** The pages that a range touches; undefined where the mode has no such addresses. What lies in the hole is left out. */
export function toPages(mode: PagingMode, range: VirtRange): Pages | undefined {
  const half = 1n << BigInt(mode.vaBits - 1);
  const inMode = (va: VirtAddr) => BigInt.asUintN(mode.vaBits, va);
  const from = isCanonical(mode, range.from) ? inMode(range.from) : half;
  const to = isCanonical(mode, range.to) ? inMode(range.to) : half - 1n;
  return from > to ? undefined : { first: Number(from >> 12n), last: Number(to >> 12n) };
}

/** The virtual addresses of pages. */
export function toRange(mode: PagingMode, { first, last }: Pages): VirtRange {
  const address = (page: number) => canonical(mode, BigInt(page) << 12n);
  return { from: virt(address(first)), to: virt(address(last) + 4095n) };
}

/** Pages in any number of ranges. */
export class PageRanges {
  readonly #firsts: readonly number[];
  readonly #lasts: readonly number[];

  constructor(ranges: readonly Pages[]) {
    const firsts: number[] = [];
    const lasts: number[] = [];
    for (const { first, last } of [...ranges].sort((a, b) => a.first - b.first)) {
      const end = lasts.length - 1;
      if (end >= 0 && first <= (lasts[end] as number) + 1) lasts[end] = Math.max(lasts[end] as number, last);
      else {
        firsts.push(first);
        lasts.push(last);
      }
    }
    this.#firsts = firsts;
    this.#lasts = lasts;
  }

  get empty(): boolean {
    return this.#firsts.length === 0;
  }

  overlaps(first: number, last: number): boolean {
    let low = 0;
    let high = this.#lasts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#lasts[middle] as number) < first) low = middle + 1;
      else high = middle;
    }
    return low < this.#firsts.length && (this.#firsts[low] as number) <= last;
  }
}
