// The whole instruction table: one list of rows, in the manuals' order. Nothing else lists instructions.

import { cacheBlocks } from './cache-blocks.ts';
import { compressedHints, hints } from './hints.ts';
import { privileged } from './privileged.ts';
import type { CompressedRow, InstructionRow } from './row.ts';
import { rvA, zacasZabha } from './rv-a.ts';
import { rvC } from './rv-c.ts';
import { rvD } from './rv-d.ts';
import { rvF } from './rv-f.ts';
import { rvI } from './rv-i.ts';
import { rvM } from './rv-m.ts';
import { zb } from './zb.ts';
import { zcb } from './zcb.ts';
import { zfa } from './zfa.ts';
import { zfh } from './zfh.ts';
import { zicond } from './zicond.ts';
import { zicsr } from './zicsr.ts';
import { zifencei } from './zifencei.ts';

/** Every 32-bit instruction. */
export const instructions: readonly InstructionRow[] = [
  ...rvI,
  ...zifencei,
  ...zicsr,
  ...rvM,
  ...rvA,
  ...zacasZabha,
  ...rvF,
  ...rvD,
  ...zfh,
  ...zfa,
  ...zb,
  ...zicond,
  ...hints,
  ...cacheBlocks,
  ...privileged,
];

/** Every 16-bit instruction. */
export const compressedInstructions: readonly CompressedRow[] = [...rvC, ...zcb, ...compressedHints];

/** Whether a row exists in a machine of this XLEN. */
export function existsIn(row: { readonly xlen: 32 | 64 | 'any' }, xlen: 32 | 64): boolean {
  return row.xlen === 'any' || row.xlen === xlen;
}

/** The row of a mnemonic (32-bit instructions only), lower case. */
export function instructionNamed(mnemonic: string, xlen: 32 | 64): InstructionRow | undefined {
  return instructions.find((row) => row.mnemonic === mnemonic && existsIn(row, xlen));
}
