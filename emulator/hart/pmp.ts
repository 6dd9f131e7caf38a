// Physical memory protection (privileged manual, "Physical Memory Protection"): which entry decides an access, and the
// same answer for whole pages, as the fast walk wants it.

import type { GuestMemory } from '../core/guest-memory.ts';
import { PmpBit, ramBase } from '../core/layout.ts';
import type { Access, AccessRefusal, Privilege } from '../inspection.ts';
import { Csr, type Hart } from './hart.ts';

/** An active entry: its range of bytes, and what it allows. */
export interface PmpEntry {
  readonly index: number;
  readonly start: bigint;
  /** First byte behind. */
  readonly end: bigint;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** Binds M-mode too. */
  readonly locked: boolean;
}

const Matching = { off: 0, tor: 1, na4: 2, napot: 3 } as const;

/** The configuration byte of an entry: eight a register on RV64 (the even ones), four on RV32. */
export function pmpConfiguration(hart: Hart, entry: number, xlen: 32 | 64): number {
  const number = xlen === 64 ? (entry >> 3) * 2 : entry >> 2;
  const shift = (xlen === 64 ? entry & 7 : entry & 3) * 8;
  return Number((hart.raw(Csr.pmpcfg0 + number) >> BigInt(shift)) & 0xffn);
}

/** The active entries, first = highest priority. */
function pmpEntries(hart: Hart, count: number, xlen: 32 | 64): PmpEntry[] {
  const entries: PmpEntry[] = [];
  const address = (index: number) => hart.raw(Csr.pmpaddr0 + index);
  for (let index = 0; index < count; index += 1) {
    const bits = pmpConfiguration(hart, index, xlen);
    const matching = (bits >> 3) & 3;
    if (matching === Matching.off) continue;
    let start = address(index) << 2n;
    let end = start + 4n;
    if (matching === Matching.tor) {
      end = start;
      start = index ? address(index - 1) << 2n : 0n;
    } else if (matching === Matching.napot) {
      const ones = address(index) ^ (address(index) + 1n);
      start = (address(index) & ~ones) << 2n;
      end = start + ((ones + 1n) << 2n);
    }
    if (start >= end) continue;
    entries.push({
      index,
      start,
      end,
      read: (bits & 1) !== 0,
      write: (bits & 2) !== 0,
      execute: (bits & 4) !== 0,
      locked: (bits & 0x80) !== 0,
    });
  }
  return entries;
}

const permits = (entry: PmpEntry, access: Access) =>
  access === 'load' ? entry.read : access === 'store' ? entry.write : entry.execute;

/** Why PMP refuses; the lowest-numbered entry that matches any byte decides (rule pmp_priority). */
export function pmpRefusal(
  entries: readonly PmpEntry[],
  implemented: number,
  address: bigint,
  size: number,
  access: Access,
  privilege: Privilege,
): AccessRefusal | undefined {
  const end = address + BigInt(size);
  const entry = entries.find((candidate) => candidate.start < end && address < candidate.end);
  if (!entry) {
    if (privilege === 3 || implemented === 0) return undefined;
    return { by: 'PMP', text: `no PMP entry matches (${entries.length} of ${implemented} set)` };
  }
  if (entry.start > address || entry.end < end) {
    return { by: 'PMP', entry: entry.index, text: `PMP entry ${entry.index} matches only a part of the access` };
  }
  if (privilege === 3 && !entry.locked) return undefined;
  if (permits(entry, access)) return undefined;
  const right = { load: 'R', store: 'W', fetch: 'X' }[access];
  return { by: 'PMP', entry: entry.index, text: `PMP entry ${entry.index} has ${right}=0` };
}

/** The PMP CSRs changed: fills the hart's PMP table, a byte of PmpBit for each page of RAM. */
export function summarisePmp(hart: Hart, guest: GuestMemory, implemented: number, xlen: 32 | 64): void {
  hart.pmp = pmpEntries(hart, implemented, xlen);
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
