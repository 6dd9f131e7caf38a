// Guest RAM as devices reach it, past the harts: what they write is seen by decoded code and ends LR reservations.

import type { PhysAddr } from '../address.ts';
import type { GuestMemory } from '../core/guest-memory.ts';

export interface Dma {
  /** Whether all of the range is RAM. */
  holds(address: PhysAddr, length: number): boolean;
  /** A copy of bytes that are RAM. */
  read(address: PhysAddr, length: number): Uint8Array;
  write(address: PhysAddr, bytes: Uint8Array): void;
}

/** DMA to guest RAM; `write` does it, and what else depends on it. */
export function dmaTo(guest: GuestMemory, write: Dma['write']): Dma {
  return {
    holds: (address, length) => {
      const end = address + BigInt(length);
      return guest.pageOf(address) !== undefined && (length === 0 || guest.pageOf(end - 1n) !== undefined);
    },
    read: (address, length) => guest.read(address, length),
    write,
  };
}
