// The hints of Zihintpause, Zihintntl and Zicbop, which take the place of instructions that do nothing (unprivileged
// manual, chapters of these names).

import { type Encoding, exact, fixed } from './encoding.ts';
import type { CompressedRow, Format, InstructionRow } from './row.ts';

function row(mnemonic: string, extension: string, format: Format, encoding: Encoding, text: string): InstructionRow {
  return { mnemonic, extension, xlen: 'any', format, ...encoding, text, semantics: () => {} };
}

/** How far the data of the next access will not be used again, with the register that says so. */
const locality = [
  ['p1', 2, "in the innermost level of this hart's caches"],
  ['pall', 3, "in any of this hart's private caches"],
  ['s1', 4, 'in the innermost shared cache'],
  ['all', 5, 'in any cache'],
] as const;

/** `ori zero,rs1,offset`: the low five bits of the offset tell which access is announced. */
function prefetch(letter: string, code: number, purpose: string): InstructionRow {
  const text = `Hints that the block at rs1 + offset will soon be ${purpose}.`;
  return row(`prefetch.${letter}`, 'Zicbop', 'prefetch', fixed(0x01f07fff, (code << 20) | 0x6013), text);
}

export const hints: readonly InstructionRow[] = [
  row('pause', 'Zihintpause', 'none', exact(0x0100000f), 'Hints that this hart waits in a loop.'),
  ...locality.map(([name, register, where]) => {
    const text = `Hints that the next access's data will not be used again soon ${where}.`;
    return row(`ntl.${name}`, 'Zihintntl', 'none', exact((register << 20) | 0x33), text);
  }),
  prefetch('i', 0, 'executed'),
  prefetch('r', 1, 'read'),
  prefetch('w', 3, 'written'),
];

export const compressedHints: readonly CompressedRow[] = locality.map(([name, register, where]) => ({
  mnemonic: `c.ntl.${name}`,
  extension: 'Zihintntl',
  xlen: 'any',
  mask: 0xffff,
  match: 0x9002 | (register << 2),
  text: `Hints that the next access's data will not be used again soon ${where}.`,
  expandsTo: `ntl.${name}`,
  operands: () => ({ rd: 0, rs1: 0, rs2: 0, imm: 0 }),
}));
