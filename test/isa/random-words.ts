// Random encodings of a row of the instruction table, the same for the same seed.

import { csrs } from '../../emulator/csr/table.ts';
import type { Alias } from '../../emulator/isa/pseudo.ts';
import type { InstructionRow } from '../../emulator/isa/row.ts';

/** A generator of 32-bit numbers (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) | 0;
  };
}

/** Words of one row. Fields that an assembler always leaves zero are zero; small values come often, for aliases. */
export function wordsOf(row: InstructionRow, count: number, xlen: 32 | 64, random: () => number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const free = ~row.mask & ~reservedBits(row, xlen);
    const operands = index % 2 === 0 ? random() : random() & ~registerNoise(random());
    return (operands & free) | row.match | csrBits(row, xlen, random);
  });
}

/** Words of a row whose operands fit a pseudo-instruction's condition. */
export function wordsOfAlias(
  { when: { rd, rs1, rs2, imm, sameSources } }: Alias,
  row: InstructionRow,
  count: number,
  xlen: 32 | 64,
  random: () => number,
): number[] {
  const put = (word: number, mask: number, low: number, value: number | undefined) =>
    value === undefined ? word : (word & ~mask) | ((value << low) & mask);
  return wordsOf(row, count, xlen, random).map((any) => {
    const withRegisters = put(put(put(any, 0xf80, 7, rd), 0xf8000, 15, rs1), 0x1f00000, 20, rs2);
    const word = put(withRegisters, 0xfff00000, 20, imm);
    return sameSources ? put(word, 0x1f00000, 20, word >> 15) : word;
  });
}

/** Clears whole register fields now and then, so that x0 is met. */
function registerNoise(choice: number): number {
  const fields = [0xf80, 0xf8000, 0x1f00000];
  return fields.reduce((mask, field, index) => ((choice >> index) & 1 ? mask | field : mask), 0);
}

function reservedBits({ format, mnemonic }: InstructionRow, xlen: 32 | 64): number {
  if (format === 'none') return -1;
  if (format === 'fence') return 0xf00fff80;
  if (format === 'shift' && xlen === 32) return 1 << 25;
  if (format === 'amo-pair') return (1 << 20) | (1 << 7);
  if (format === 'csr' || format === 'csri') return 0xfff00000;
  return ['fcvt.d.w', 'fcvt.d.wu', 'fcvt.d.s', 'fcvt.s.h', 'fcvt.d.h'].includes(mnemonic) ? 0x7000 : 0;
}

function csrBits({ format }: InstructionRow, xlen: 32 | 64, random: () => number): number {
  if (format !== 'csr' && format !== 'csri') return 0;
  const known = csrs.filter((csr) => csr.xlen === undefined || csr.xlen === xlen);
  return (known[(random() >>> 0) % known.length]?.number ?? 0) << 20;
}
