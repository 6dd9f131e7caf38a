// Page tables that somebody watches: stores into their pages leave the fast path, all other accesses do not.

import { type PhysAddr, phys } from '../address.ts';
import type { GuestMemory } from '../core/guest-memory.ts';
import { FrameBit, frameMask } from '../core/layout.ts';
import { forgetWritable } from '../hart/forget.ts';
import type { Hart } from '../hart/hart.ts';

const PAGE = 4096n;

export class TablePages {
  private readonly guest: GuestMemory;
  private readonly harts: readonly Hart[];
  /** By page number in RAM. */
  private readonly pages = new Set<number>();

  constructor(guest: GuestMemory, harts: readonly Hart[]) {
    this.guest = guest;
    this.harts = harts;
  }

  watch(addresses: Iterable<PhysAddr>, on: boolean): void {
    for (const address of addresses) {
      const page = this.guest.pageOf(address);
      if (page === undefined || this.pages.has(page) === on) continue;
      if (on) this.pages.add(page);
      else this.pages.delete(page);
      // A page that is no longer watched keeps its mark until it is stored to: tables come back with their process.
      if (on && !this.guest.hasBit(page, FrameBit.table)) this.mark(page);
    }
  }

  /** A store has come by here. Returns whether somebody wants to know; else it need not come again. */
  stored(address: PhysAddr): boolean {
    const page = this.guest.pageOf(address);
    if (page === undefined || this.pages.has(page)) return page !== undefined;
    this.guest.setBit(page, FrameBit.table, false);
    return false;
  }

  /** After a reset. */
  apply(): void {
    for (const page of this.pages) this.mark(page);
  }

  holds(address: PhysAddr): boolean {
    const page = this.guest.pageOf(address);
    return page !== undefined && this.pages.has(page);
  }

  /** The parts of a range that lie in watched pages. */
  within(address: PhysAddr, length: number): { readonly pa: PhysAddr; readonly size: number }[] {
    const parts: { pa: PhysAddr; size: number }[] = [];
    const end = address + BigInt(length);
    for (let at: bigint = address; at < end; at = (at & ~(PAGE - 1n)) + PAGE) {
      const next = (at & ~(PAGE - 1n)) + PAGE;
      if (this.holds(phys(at))) parts.push({ pa: phys(at), size: Number((next < end ? next : end) - at) });
    }
    return parts;
  }

  private mark(page: number): void {
    this.guest.setBit(page, FrameBit.table, true);
    const host = (this.guest.frame(page) & frameMask) >>> 0;
    if (host) for (const hart of this.harts) forgetWritable(hart, host);
  }
}
