// The smallest change of PMP entries that lets an access pass.

import type { PhysAddr } from '../../emulator/address.ts';
import type { Access, Privilege } from '../../emulator/inspection.ts';
import { PmpMatching as M, type PmpRegisters, pmpEntries } from '../../emulator/mmu/pmp.ts';
import type { Trial } from './trial.ts';

const LOCKED = 0x80;
const OPEN = 0x1f;
/** What W needs besides: W without R is reserved. */
const rights: Readonly<Record<Access, number>> = { load: 1, store: 3, fetch: 4 };

const matchingOf = ({ configuration }: PmpRegisters) => (configuration >> 3) & 3;
const isLocked = (entry: PmpRegisters | undefined) => entry !== undefined && (entry.configuration & LOCKED) !== 0;

/** Changes an entry, or sets a free one; false where locked entries leave no way but a reset. */
export function grantPmp(trial: Trial, address: PhysAddr, size: number, access: Access, privilege: Privilege): boolean {
  const registers = trial.pmp;
  const end = address + BigInt(size);
  const entry = pmpEntries(registers).find((one) => one.start < end && address < one.end);
  if (!entry) return openAll(trial, registers);
  const whole = entry.start <= address && end <= entry.end;
  const held = registers[entry.index] as PmpRegisters;
  // An entry that is not locked does not bind M-mode: the one that refuses it there is locked.
  if (whole && !entry.locked && privilege !== 3) {
    trial.setPmp(entry.index, { ...held, configuration: held.configuration | rights[access] });
    return true;
  }
  const cover = napotAround(address, size);
  const above = freeBelow(registers, entry.index);
  if (above !== undefined) {
    trial.setPmp(above, { address: cover, configuration: (M.napot << 3) | rights[access] });
    return true;
  }
  const next = registers[entry.index + 1];
  if (entry.locked || (next && matchingOf(next) === M.tor)) return false;
  const low = entry.start < address ? entry.start : address;
  const high = entry.end > end ? entry.end : end;
  trial.setPmp(entry.index, {
    address: napotAround(low, Number(high - low)),
    configuration: (held.configuration & ~0x18) | (M.napot << 3) | rights[access],
  });
  return true;
}

/** An entry of its own that opens all of memory to S- and U-mode, behind all others. */
function openAll(trial: Trial, registers: readonly PmpRegisters[]): boolean {
  const none = registers.every((entry) => matchingOf(entry) === M.off);
  const free = none ? freeBelow(registers, 1) : lastFree(registers);
  if (free === undefined) return false;
  const everything = (1n << (trial.attempt.machine.xlen === 64 ? 54n : 32n)) - 1n;
  trial.setPmp(free, { address: everything, configuration: OPEN });
  return true;
}

/** Whether an entry is off, may be written, and is not where another one's range begins. */
function isFree(registers: readonly PmpRegisters[], index: number): boolean {
  const next = registers[index + 1];
  const entry = registers[index];
  if (!entry || matchingOf(entry) !== M.off || isLocked(entry)) return false;
  return !next || matchingOf(next) !== M.tor;
}

function freeBelow(registers: readonly PmpRegisters[], index: number): number | undefined {
  for (let candidate = index - 1; candidate >= 0; candidate -= 1) if (isFree(registers, candidate)) return candidate;
  return undefined;
}

const lastFree = (registers: readonly PmpRegisters[]) => freeBelow(registers, registers.length);

/** pmpaddr of the smallest NAPOT range that holds all the bytes. */
function napotAround(address: bigint, size: number): bigint {
  let bits = 3n;
  while (address >> bits !== (address + BigInt(size) - 1n) >> bits) bits += 1n;
  const base = (address >> bits) << bits;
  return (base >> 2n) | ((1n << (bits - 3n)) - 1n);
}
