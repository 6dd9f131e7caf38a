// The numbers that decoded records carry: a few operations of the machine itself, then one for each row that has
// generated semantics, then the one that asks the host.

import type { InstructionRow } from '../isa/row.ts';

/** Operations that are no instruction. */
export const Special = {
  /** Not decoded yet. */
  undecoded: 0,
  /** Behind the last record of a page. */
  pageEnd: 1,
  /** A breakpoint may lie here. */
  breakpoint: 2,
  /** The instruction goes on in the next page. */
  straddle: 3,
  /** Translated code begins here; `heat` is the number of its entry. */
  region: 4,
} as const;

const firstRow = 5;

export interface Operations {
  /** Rows with generated semantics, in the order of their numbers. */
  readonly rows: readonly InstructionRow[];
  /** The number of the operation that calls the host. */
  readonly host: number;
  numberOf(row: InstructionRow): number;
}

export function numberOperations(table: readonly InstructionRow[], xlen: 32 | 64): Operations {
  const rows = table.filter((row) => row.semantics && (row.xlen === 'any' || row.xlen === xlen));
  const numbers = new Map(rows.map((row, index) => [row, firstRow + index]));
  const host = firstRow + rows.length;
  return { rows, host, numberOf: (row) => numbers.get(row) ?? host };
}
