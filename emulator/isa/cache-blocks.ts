// Zicbom and Zicboz (unprivileged manual, "Cache Management Operations"). The prefetches of Zicbop are among the hints.

import { fixed } from './encoding.ts';
import type { InstructionRow } from './row.ts';

/** Bytes of a block. */
export const cacheBlockBytes = 64;

function row(name: string, code: number, extension: string, text: string): InstructionRow {
  const encoding = fixed(~(31 << 15), (code << 20) | 0x200f);
  return { mnemonic: `cbo.${name}`, extension, xlen: 'any', format: 'cbo', ...encoding, text, host: 'cbo' };
}

/** The fields of menvcfg and senvcfg that allow each operation: CBIE, CBCFE, CBZE. */
export const cacheBlockSwitch = { inval: 3n << 4n, clean: 1n << 6n, flush: 1n << 6n, zero: 1n << 7n } as const;

function management(name: 'inval' | 'clean' | 'flush', code: number, text: string): InstructionRow {
  return { ...row(name, code, 'Zicbom', text), semantics: (e) => e.manageBlock(cacheBlockSwitch[name]) };
}

export const cacheBlocks: readonly InstructionRow[] = [
  management('inval', 0, 'Drops the cached copies of the block at rs1.'),
  management('clean', 1, 'Writes a modified copy of the block at rs1 back to memory.'),
  management('flush', 2, 'Writes a modified copy of the block at rs1 back to memory and drops the copies.'),
  {
    ...row('zero', 4, 'Zicboz', 'Stores zeros to the whole block at rs1.'),
    semantics: (e) => e.zeroBlock(),
  },
];
