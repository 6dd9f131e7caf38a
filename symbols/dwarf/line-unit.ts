// One line number program of .debug_line and its rows.

import { hex } from '../../emulator/address.ts';
import type { ByteSource } from '../../emulator/loader/index.ts';
import { Cursor, DwarfError, within } from './cursor.ts';
import { type FileTable, type LineHeader, readFileTable, readLineHeader } from './line-header.ts';
import { runLineProgram } from './line-program.ts';
import type { DebugSections } from './sections.ts';

/** Where a line program lies in .debug_line. */
export interface LineUnit {
  readonly offset: number;
  /** With its length field. */
  readonly size: number;
}

/** Contiguous code with its rows, ascending; columns of the same index belong together. */
export interface Sequence {
  readonly base: bigint;
  readonly size: number;
  /** Bytes behind `base`. */
  readonly offsets: number[];
  /** The file register; see `filePaths`. */
  readonly files: number[];
  readonly lines: number[];
  readonly columns: number[];
  readonly isStmt: boolean[];
  /** Indices of the rows where a function's prologue is over. */
  readonly prologueEnds: Set<number>;
}

/** The line program at an offset; cut where the section ends. */
export function lineUnitAt(lines: ByteSource, offset: number): LineUnit {
  const cursor = new Cursor(lines.read(offset, 12));
  const size = within('.debug_line', () => cursor.unitLength()) + cursor.at;
  return { offset, size: Math.min(size, lines.size - offset) };
}

/** Every line program, found by the lengths alone. */
export function* findLineUnits(lines: ByteSource): Generator<LineUnit> {
  for (let offset = 0; offset + 4 <= lines.size; ) {
    const unit = lineUnitAt(lines, offset);
    within('.debug_line', () => {
      if (unit.size < shortest) throw new DwarfError(`the line table at ${hex(offset)} is too short`);
    });
    yield unit;
    offset += unit.size;
  }
}

/** Bytes of the shortest line program's fixed fields. */
const shortest = 16;

/** A line program, opened: its header is read, its rows are not. */
export class LineProgram {
  readonly header: LineHeader;
  readonly cursor: Cursor;
  readonly #sections: DebugSections;

  constructor(unit: LineUnit, sections: DebugSections) {
    this.cursor = new Cursor(sections.open('.debug_line').read(unit.offset, unit.size));
    this.header = within('.debug_line', () => readLineHeader(this.cursor));
    this.#sections = sections;
  }

  /** The directories and files that the rows are of. */
  files(): FileTable {
    return within('.debug_line', () => readFileTable(this.header, this.cursor, this.#sections));
  }

  /** The address ranges that it has code for. */
  ranges(visit: (base: bigint, size: number) => void): void {
    within('.debug_line', () => runLineProgram(this.header, this.cursor, { row: () => {}, end: visit }));
  }

  sequences(): Sequence[] {
    return within('.debug_line', () => this.#run());
  }

  #run(): Sequence[] {
    const found: Sequence[] = [];
    let current = emptySequence();
    runLineProgram(this.header, this.cursor, {
      row(offset, file, line, column, isStmt, isPrologueEnd) {
        if (isPrologueEnd) current.prologueEnds.add(current.lines.length);
        current.offsets.push(offset);
        current.files.push(file);
        current.lines.push(line);
        current.columns.push(column);
        current.isStmt.push(isStmt);
      },
      end(base, size) {
        if (size > 0) found.push({ ...current, base, size });
        current = emptySequence();
      },
    });
    return found;
  }
}

function emptySequence() {
  return {
    offsets: [] as number[],
    files: [] as number[],
    lines: [] as number[],
    columns: [] as number[],
    isStmt: [] as boolean[],
    prologueEnds: new Set<number>(),
  };
}

/** Index of the last row at or before `offset`, -1 when there is none. */
export function rowAt({ offsets }: Sequence, offset: number): number {
  let [from, to] = [0, offsets.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((offsets[middle] ?? 0) <= offset) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}
