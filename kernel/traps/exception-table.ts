// Linux's __ex_table: the instructions at which the kernel reckons with a fault, each with the code that goes on instead.

import { plus, type VirtAddr, virt } from '../../emulator/address.ts';
import { littleEndian } from '../../emulator/mmu/regime.ts';
import type { ReadVirtual } from '../read-virtual.ts';
import type { KernelSymbols } from '../symbols.ts';

/** Address of an instruction that may fault → where the kernel goes on. At the addresses that the symbols have. */
export type ExceptionTable = ReadonlyMap<VirtAddr, VirtAddr>;

export type ExceptionEntry = readonly [at: VirtAddr, fixup: VirtAddr];

/** Bytes of struct exception_table_entry since 5.17: two offsets from their own places, type and data. */
export const RELATIVE_ENTRY = 12;
/** More entries than any kernel has: the symbols are not what they seem. */
const MOST = 1 << 20;

/**
 * Reads the table from the kernel's memory; empty where it has none. Up to Linux 5.16 it holds addresses, later offsets;
 * which it is shows in what is in it. Both are right also while the kernel sorts them.
 */
export function readExceptionTable(symbols: KernelSymbols, xlen: 32 | 64, read: ReadVirtual): ExceptionTable {
  const start = symbols.valueOf('__start___ex_table');
  const end = symbols.valueOf('__stop___ex_table');
  if (start === undefined || end === undefined || end <= start || end - start > MOST) return new Map();
  const from = virt(start);
  const bytes = read(from, Number(end - start));
  const text = textOf(symbols);
  const candidates = [relativeEntries(bytes, from, xlen), absoluteEntries(bytes, xlen)];
  const within = (entries: readonly ExceptionEntry[]) => entries.filter(([at]) => text(at)).length;
  const best = candidates.sort((a, b) => within(b) / (b.length || 1) - within(a) / (a.length || 1))[0] ?? [];
  return new Map(best.filter(([at]) => text(at)));
}

/** As since 5.17; `from` is where the bytes are. */
export function relativeEntries(bytes: Uint8Array, from: VirtAddr, xlen: 32 | 64): ExceptionEntry[] {
  const entries: ExceptionEntry[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const target = (at: number) => virt(BigInt.asUintN(xlen, from + BigInt(at) + BigInt(view.getInt32(at, true))));
  for (let at = 0; at + RELATIVE_ENTRY <= bytes.length; at += RELATIVE_ENTRY)
    entries.push([target(at), target(at + 4)]);
  return entries;
}

/** As up to 5.16. */
export function absoluteEntries(bytes: Uint8Array, xlen: 32 | 64): ExceptionEntry[] {
  const size = xlen / 8;
  const entries: ExceptionEntry[] = [];
  const word = (at: number) => virt(littleEndian(bytes.subarray(at, at + size)));
  for (let at = 0; at + 2 * size <= bytes.length; at += 2 * size) entries.push([word(at), word(at + size)]);
  return entries;
}

/** Whether an address lies in the kernel's image. */
function textOf(symbols: KernelSymbols): (va: VirtAddr) => boolean {
  const start = symbols.valueOf('_start') ?? symbols.valueOf('_stext') ?? 0n;
  const end = symbols.valueOf('_end') ?? plus(virt(start), 1n << 30n);
  return (va) => va >= start && va < end;
}
