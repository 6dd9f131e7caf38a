// Unprivileged manual, chapter '"Zfa" Extension for Additional Floating-Point Instructions'. Each format's rows need the
// extension that brings the format, too.

import type { Encoding } from './encoding.ts';
import { type FloatFormat, fpRow, opFp } from './fp-rows.ts';
import type { Format, InstructionRow } from './row.ts';
import { double } from './rv-d.ts';
import { single } from './rv-f.ts';
import { half } from './zfh.ts';

function rowsOf({ extension, suffix, fmt, precision }: FloatFormat): InstructionRow[] {
  const row = (name: string, format: Format, encoding: Encoding, text: string) => ({
    ...fpRow('Zfa', 'any', `${name}.${suffix}`, format, encoding, text),
    alsoNeeds: extension,
  });
  const twoSources = (funct5: number, rm: number) => opFp(funct5, fmt, undefined, rm);
  return [
    row('fli', 'fp-immediate', opFp(0b11110, fmt, 1, 0), `Loads one of 32 ${precision} constants.`),
    row('fminm', 'fp-R-norm', twoSources(0b00101, 2), 'Gives the smaller of rs1 and rs2; a NaN wins.'),
    row('fmaxm', 'fp-R-norm', twoSources(0b00101, 3), 'Gives the larger of rs1 and rs2; a NaN wins.'),
    row('fround', 'fp-unary', opFp(0b01000, fmt, 4), `Rounds rs1 to an integer in ${precision}, never inexact.`),
    row('froundnx', 'fp-unary', opFp(0b01000, fmt, 5), `Rounds rs1 to an integer in ${precision}; tells inexact.`),
    row('fleq', 'fp-compare', twoSources(0b10100, 4), 'Compares as fle does; only a signalling NaN is invalid.'),
    row('fltq', 'fp-compare', twoSources(0b10100, 5), 'Compares as flt does; only a signalling NaN is invalid.'),
  ];
}

function doubleRow(
  mnemonic: string,
  format: Format,
  encoding: Encoding,
  text: string,
  xlen: InstructionRow['xlen'],
): InstructionRow {
  return { ...fpRow('Zfa', xlen, mnemonic, format, encoding, text), alsoNeeds: 'D' };
}

export const zfa: readonly InstructionRow[] = [
  ...[single, double, half].flatMap(rowsOf),
  doubleRow(
    'fcvtmod.w.d',
    'fp-to-int',
    opFp(0b11000, double.fmt, 8, 1),
    'Converts the double-precision value in rs1 to an integer and takes its low 32 bits, sign-extended.',
    'any',
  ),
  doubleRow(
    'fmvh.x.d',
    'fp-move-to-int',
    opFp(0b11100, double.fmt, 1, 0),
    'Copies the upper half of a double-precision value into rd.',
    32,
  ),
  doubleRow(
    'fmvp.d.x',
    'fp-from-pair',
    opFp(0b10110, double.fmt, undefined, 0),
    'Puts a double-precision value together from its lower half in rs1 and its upper half in rs2.',
    32,
  ),
];
