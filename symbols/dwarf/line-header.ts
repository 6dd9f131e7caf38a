// The header of a line number program, DWARF 2 to 5 (DWARF 5, section 6.2.4 "The Line Number Program Header").

import { type Cursor, DwarfError } from './cursor.ts';
import { type FormContext, readNumber, readString } from './forms.ts';
import type { DebugSections } from './sections.ts';

export interface LineFile {
  readonly name: string;
  /** Index into the directories. */
  readonly directory: number;
}

export interface LineHeader {
  readonly version: number;
  readonly minInstructionLength: number;
  readonly maxOperations: number;
  readonly defaultIsStmt: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Operands of each standard opcode, by opcode. */
  readonly operands: readonly number[];
  readonly addressSize: number;
  readonly offsetSize: number;
  /** Where the tables of directories and files begin, and where the opcodes do. */
  readonly tables: number;
  readonly program: number;
}

/** The directories and files that a line program's rows are of. */
export interface FileTable {
  /** The first is the directory of the compilation; in DWARF 2 to 4 it is empty here, and told by .debug_info. */
  readonly directories: readonly string[];
  /** By the program's file register, which counts from 1 before DWARF 5. */
  readonly files: readonly LineFile[];
}

/** Reads the header, without its tables, that `cursor` stands at; the cursor's bytes are those of the unit and no more. */
export function readLineHeader(cursor: Cursor): LineHeader {
  cursor.unitLength();
  const version = cursor.u16();
  if (version < 2 || version > 5) throw new DwarfError(`line table version ${version} is not supported`);
  const addressSize = version >= 5 ? cursor.u8() : 0;
  if (version >= 5) cursor.u8(); // segment selector size
  const headerLength = cursor.offset();
  const program = cursor.at + headerLength;
  const minInstructionLength = cursor.u8();
  const maxOperations = version >= 4 ? cursor.u8() : 1;
  const defaultIsStmt = cursor.u8() !== 0;
  const lineBase = cursor.i8();
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  const operands = [0];
  for (let opcode = 1; opcode < opcodeBase; opcode++) operands.push(cursor.u8());
  if (lineRange === 0 || opcodeBase === 0) throw new DwarfError('a line table header is damaged');
  return {
    version,
    minInstructionLength,
    maxOperations: Math.max(1, maxOperations),
    defaultIsStmt,
    lineBase,
    lineRange,
    opcodeBase,
    operands,
    addressSize,
    offsetSize: cursor.offsetSize,
    tables: cursor.at,
    program,
  };
}

/** Reads the tables of a header; leaves the cursor anywhere. */
export function readFileTable(header: LineHeader, cursor: Cursor, sections: DebugSections): FileTable {
  cursor.at = header.tables;
  return header.version >= 5 ? readTables(cursor, header, sections) : readOldTables(cursor);
}

/** DWARF 2 to 4: lists that end with an empty name. */
function readOldTables(cursor: Cursor): FileTable {
  const directories = [''];
  for (let name = cursor.string(); name !== ''; name = cursor.string()) directories.push(name);
  const files: LineFile[] = [{ name: '', directory: 0 }];
  for (let name = cursor.string(); name !== ''; name = cursor.string()) {
    files.push({ name, directory: cursor.uleb() });
    cursor.uleb(); // time
    cursor.uleb(); // length
  }
  return { directories, files };
}

const Content = { path: 1, directoryIndex: 2 } as const;

/** DWARF 5: tables that describe their own columns. */
function readTables(cursor: Cursor, context: FormContext, sections: DebugSections): FileTable {
  const table = (): LineFile[] => {
    const columns = Array.from({ length: cursor.u8() }, () => [cursor.uleb(), cursor.uleb()] as const);
    const count = cursor.uleb();
    const rows: LineFile[] = [];
    // Without columns a row takes no bytes, so that the count alone would bound the loop.
    for (let i = 0; i < count && columns.length > 0; i++) {
      let [name, directory] = ['', 0];
      const start = cursor.at;
      for (const [content, form] of columns) {
        if (content === Content.directoryIndex) directory = readNumber(cursor, form, context) ?? 0;
        else {
          const text = readString(cursor, form, context, sections);
          if (content === Content.path) name = text ?? '';
        }
      }
      if (cursor.at === start) throw new DwarfError('a line table header is damaged');
      rows.push({ name, directory });
    }
    return rows;
  };
  const directories = table().map(({ name }) => name);
  return { directories, files: table() };
}
