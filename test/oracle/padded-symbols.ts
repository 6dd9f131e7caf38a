// Kernels that can be traced have padding at the start of their functions, which debug information leaves out. gdb compares a
// call's target, which it takes from the symbol, with where the debug information begins, and so believes no value on entry.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bytesSource, openElf } from '../../emulator/loader/index.ts';

/** Four `c.nop`. */
const padding = [1, 0, 1, 0, 1, 0, 1, 0];
const [symbolTable, functionSymbol] = [2, 2];

/** The file, or a copy in the folder with the symbols of padded functions moved behind their padding. */
export function withoutPadding(file: string, folder: string): string {
  const bytes = readFileSync(file);
  const { sections, xlen } = openElf(bytesSource(file, bytes));
  const code = sections.filter(({ flags }) => (flags & 4) !== 0);
  const isPadded = (va: bigint): boolean => {
    const section = code.find((each) => va >= each.va && va < each.va + BigInt(each.size));
    if (!section) return false;
    const at = section.offset + Number(va - section.va);
    return padding.every((byte, index) => bytes[at + index] === byte);
  };
  const [stride, info, value, size] = xlen === 64 ? [24, 4, 8, 16] : [16, 12, 4, 8];
  let moved = 0;
  for (const table of sections.filter(({ type }) => type === symbolTable)) {
    for (let at = table.offset; at + stride <= table.offset + table.size; at += stride) {
      if (((bytes[at + info] ?? 0) & 15) !== functionSymbol) continue;
      const va = xlen === 64 ? bytes.readBigUInt64LE(at + value) : BigInt(bytes.readUInt32LE(at + value));
      if (!isPadded(va)) continue;
      // The low words: no function lies so that 8 more would carry.
      bytes.writeUInt32LE(bytes.readUInt32LE(at + value) + padding.length, at + value);
      bytes.writeUInt32LE(Math.max(0, bytes.readUInt32LE(at + size) - padding.length), at + size);
      moved += 1;
    }
  }
  if (moved === 0) return file;
  const copy = path.join(folder, 'vmlinux');
  writeFileSync(copy, bytes);
  return copy;
}
