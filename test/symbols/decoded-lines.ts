// Line tables as readelf decodes them: what lineAt is held against.

import { gnu } from '../support/riscv-gcc.ts';

export interface DecodedRow {
  /** Its name without the folder. */
  readonly file: string;
  /** undefined at the end of a sequence. */
  readonly line: number | undefined;
  readonly address: bigint;
  readonly isStmt: boolean;
}

/** The rows of all line tables, in the file's order. */
export function decodedLines(elf: string): DecodedRow[] {
  const text = gnu('readelf', ['--debug-dump=decodedline', '-W', elf]);
  const rows = text.matchAll(/^(\S+) +(\d+|-) +(0x[0-9a-f]+)(?:\[\d+\])?((?: +\d+)?(?: +x)?)/gm);
  return [...rows].map(([, file = '', line, address = '0', marks]) => ({
    file,
    line: line === '-' ? undefined : Number(line),
    address: BigInt(address),
    isStmt: marks?.includes('x') ?? false,
  }));
}

/** `file:line` by address: of the last row at or before it in its sequence. */
export function lineFinder(rows: readonly DecodedRow[]): (address: bigint) => string | undefined {
  const spans = rows.flatMap(({ file, line, address }, i) => {
    const end = rows[i + 1]?.address ?? address;
    return line !== undefined && end > address ? [{ start: address, end, text: `${file}:${line}` }] : [];
  });
  spans.sort((a, b) => (a.start < b.start ? -1 : 1));
  return (address) => {
    let [from, to] = [0, spans.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((spans[middle]?.start ?? 0n) <= address) from = middle + 1;
      else to = middle;
    }
    const span = spans[from - 1];
    return span && address < span.end ? span.text : undefined;
  };
}
