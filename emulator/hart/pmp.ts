// A hart's PMP entries as the fast walk wants them: a byte for each page.

import type { GuestMemory } from '../core/guest-memory.ts';
import { PmpBit, ramBase } from '../core/layout.ts';
import { pmpConfigurationPlace, pmpEntries } from '../mmu/pmp.ts';
import { Csr } from './csr-numbers.ts';
import type { Hart } from './hart.ts';

/** The configuration byte of an entry. */
export function pmpConfiguration(hart: Hart, entry: number, xlen: 32 | 64): number {
  const { csr, shift } = pmpConfigurationPlace(entry, xlen);
  return Number((hart.raw(csr) >> shift) & 0xffn);
}

/** The PMP CSRs changed: fills the hart's PMP table, a byte of PmpBit for each page of RAM. */
export function summarisePmp(hart: Hart, guest: GuestMemory, implemented: number, xlen: 32 | 64): void {
  const registers = Array.from({ length: implemented }, (_, index) => ({
    address: hart.raw(Csr.pmpaddr0 + index),
    configuration: pmpConfiguration(hart, index, xlen),
  }));
  hart.pmp = pmpEntries(registers);
  const base = BigInt(ramBase);
  const from = guest.regions.pmp + hart.id * guest.pages;
  const table = guest.bytes.subarray(from, from + guest.pages);
  const open = PmpBit.read | PmpBit.write | PmpBit.execute;
  table.fill(implemented ? 0 : open);
  const clamp = (value: bigint) => {
    if (value <= base) return 0n;
    return value - base > guest.size ? guest.size : value - base;
  };
  for (const entry of [...hart.pmp].reverse()) {
    const start = clamp(entry.start);
    const end = clamp(entry.end);
    if (start >= end) continue;
    const rights =
      (entry.read ? PmpBit.read : 0) | (entry.write ? PmpBit.write : 0) | (entry.execute ? PmpBit.execute : 0);
    const bits = entry.locked && rights !== open ? PmpBit.mixed : rights;
    const firstWhole = Number((start + 4095n) >> 12n);
    const endWhole = Number(end >> 12n);
    if (firstWhole < endWhole) table.fill(bits, firstWhole, endWhole);
    if (start & 4095n) table[Number(start >> 12n)] = PmpBit.mixed;
    if (end & 4095n) table[Number(end >> 12n)] = PmpBit.mixed;
  }
}
