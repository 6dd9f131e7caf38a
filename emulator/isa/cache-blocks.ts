// Zicbom and Zicboz (unprivileged manual, "Cache Management Operations"). The prefetches of Zicbop are among the hints.

import { fixed } from './encoding.ts';
import type { InstructionRow } from './row.ts';

/** Bytes of a block. */
export const cacheBlockBytes = 64;

function row(name: string, code: number, extension: string, text: string): InstructionRow {
  const encoding = fixed(~(31 << 15), (code << 20) | 0x200f);
  return { mnemonic: `cbo.${name}`, extension, xlen: 'any', format: 'cbo', ...encoding, text, host: 'cbo' };
}

export const cacheBlocks: readonly InstructionRow[] = [
  row('inval', 0, 'Zicbom', 'Drops the cached copies of the block at rs1.'),
  row('clean', 1, 'Zicbom', 'Writes a modified copy of the block at rs1 back to memory.'),
  row('flush', 2, 'Zicbom', 'Writes a modified copy of the block at rs1 back to memory and drops the copies.'),
  {
    ...row('zero', 4, 'Zicboz', 'Stores zeros to the whole block at rs1.'),
    semantics: (e) => e.zeroBlock(),
  },
];
