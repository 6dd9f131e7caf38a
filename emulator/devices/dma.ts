// Guest RAM as devices reach it, past the harts: what they write is seen by decoded code and ends LR reservations.

import type { PhysAddr } from '../address.ts';

export interface Dma {
  /** Whether all of the range is RAM. */
  holds(address: PhysAddr, length: number): boolean;
  /** A copy of bytes that are RAM. */
  read(address: PhysAddr, length: number): Uint8Array;
  write(address: PhysAddr, bytes: Uint8Array): void;
}
