// The numbers that decoded records carry: a few operations of the machine itself, then those of each row that has
// generated semantics, then those that ask the host. An instruction's length is part of its operation, so that the way to
// the next record is a constant of the code and needs not wait for the record.

import type { CompressedRow, Format, InstructionRow } from '../isa/row.ts';

/** Bytes of an instruction. */
export type Length = 2 | 4;

/** Operations that are no instruction. */
export const Special = {
  /** Not decoded yet. */
  undecoded: 0,
  /** Translated code begins here; its heat is the number of its entry. */
  region: 1,
  /** Behind the last record of a page. */
  pageEnd: 2,
  /** A breakpoint may lie here. */
  breakpoint: 3,
  /** The instruction goes on in the next page. */
  straddle: 4,
} as const;

const firstRow = 5;

/** Formats with rs2 and an immediate: rs2 stands in the place of rd, which they lack. */
export const hasRs2ForRd = (format: Format): boolean => format === 'S' || format === 'B' || format === 'fp-store';
/** Formats with rs2 and no immediate: registers and rounding mode stand in its place. */
export const hasNoImmediate = (format: Format): boolean => /^(R|amo|sfence|fp-(?!load|store).*)$/.test(format);

export interface Operation {
  readonly row: InstructionRow;
  readonly length: Length;
}

export interface Operations {
  /** In the order of their numbers. */
  readonly rows: readonly Operation[];
  /** The number of a row with generated semantics, or undefined. */
  numberOf(row: InstructionRow, length: Length): number | undefined;
  /** The number of the operation that calls the host. */
  hostOf(length: Length): number;
  /** All of them: numbers are below. */
  readonly count: number;
}

/** `compressed`: encodings of 2 bytes that stand for rows of the table, if the machine has them. */
export function numberOperations(
  table: readonly InstructionRow[],
  compressed: readonly CompressedRow[],
  features: { readonly xlen: 32 | 64; readonly compressed: boolean },
): Operations {
  const exists = (row: { readonly xlen: 32 | 64 | 'any' }) => row.xlen === 'any' || row.xlen === features.xlen;
  const short = new Set((features.compressed ? compressed : []).filter(exists).map(({ expandsTo }) => expandsTo));
  const known = table.filter((row) => row.semantics && exists(row));
  const rows = known.flatMap((row): Operation[] => [
    { row, length: 4 },
    ...(short.has(row.mnemonic) ? [{ row, length: 2 } as const] : []),
  ]);
  const numbers = { 2: new Map<InstructionRow, number>(), 4: new Map<InstructionRow, number>() };
  for (const [index, { row, length }] of rows.entries()) numbers[length].set(row, firstRow + index);
  const behind = firstRow + rows.length;
  return {
    rows,
    numberOf: (row, length) => numbers[length].get(row),
    hostOf: (length) => behind + length / 2 - 1,
    count: behind + 2,
  };
}
