// Physical memory protection (privileged manual, "Physical Memory Protection"): which entry decides an access, from the
// registers alone.

import type { Access, AccessRefusal, HartView, Inspection, Privilege } from '../inspection.ts';

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

/** The registers of one entry. */
export interface PmpRegisters {
  /** Its byte of pmpcfg. */
  readonly configuration: number;
  /** pmpaddr: bits 55 to 2 of an address. */
  readonly address: bigint;
}

/** pmpcfg.A. */
export const PmpMatching = { off: 0, tor: 1, na4: 2, napot: 3 } as const;
export const pmpMatchingNames = ['OFF', 'TOR', 'NA4', 'NAPOT'] as const;

/** The number of the CSR that holds an entry's byte, and the byte's place: eight a register on RV64 (the even ones), four
 * on RV32. */
export function pmpConfigurationPlace(entry: number, xlen: 32 | 64): { readonly csr: number; readonly shift: bigint } {
  const number = xlen === 64 ? (entry >> 3) * 2 : entry >> 2;
  return { csr: 0x3a0 + number, shift: BigInt((xlen === 64 ? entry & 7 : entry & 3) * 8) };
}

export const pmpAddressCsr = (entry: number) => 0x3b0 + entry;

/** Every entry that the machine's harts implement, as this hart has it. */
export function pmpRegistersOf(machine: Pick<Inspection, 'xlen' | 'pmpEntries'>, hart: Pick<HartView, 'csr'>) {
  return Array.from({ length: machine.pmpEntries }, (_, entry): PmpRegisters => {
    const { csr, shift } = pmpConfigurationPlace(entry, machine.xlen);
    const configuration = Number(((hart.csr(csr) ?? 0n) >> shift) & 0xffn);
    return { address: hart.csr(pmpAddressCsr(entry)) ?? 0n, configuration };
  });
}

/** The range of an entry; undefined when it is off or empty. `below` = pmpaddr of the entry before, 0 of the first. */
export function pmpRange({ configuration, address }: PmpRegisters, below: bigint) {
  const matching = (configuration >> 3) & 3;
  if (matching === PmpMatching.off) return undefined;
  let start = address << 2n;
  let end = start + 4n;
  if (matching === PmpMatching.tor) {
    end = start;
    start = below << 2n;
  } else if (matching === PmpMatching.napot) {
    const ones = address ^ (address + 1n);
    start = (address & ~ones) << 2n;
    end = start + ((ones + 1n) << 2n);
  }
  return start < end ? { start, end } : undefined;
}

/** The active entries, first = highest priority. */
export function pmpEntries(registers: readonly PmpRegisters[]): PmpEntry[] {
  const entries: PmpEntry[] = [];
  for (const [index, entry] of registers.entries()) {
    const range = pmpRange(entry, registers[index - 1]?.address ?? 0n);
    if (!range) continue;
    const bits = entry.configuration;
    entries.push({
      index,
      ...range,
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

/** Why PMP refuses; the lowest-numbered entry that matches any byte decides (rule pmp_entry_priority). */
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
