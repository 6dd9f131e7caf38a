// Of a compilation unit only what leads to its lines: the directory it was compiled in and its line program.

import { Cursor, DwarfError } from './cursor.ts';
import { Form, readNumber, readString, skipForm } from './forms.ts';
import type { DebugSections } from './sections.ts';

export interface CompileUnit {
  /** Of the next unit in .debug_info. */
  readonly next: number;
  /** DW_AT_stmt_list: offset of its line program in .debug_line; undefined when it has none. */
  readonly lineOffset: number | undefined;
  /** DW_AT_comp_dir, or empty. */
  readonly directory: string;
}

const Attribute = { stmtList: 0x10, compDir: 0x1b } as const;
/** DW_UT_*: of the unit types those whose headers are longer, by an id or by a type's signature and offset. */
const UnitType = { type: 2, skeleton: 4, splitCompile: 5, splitType: 6 } as const;

/** Bytes that hold a unit's header and root entry, unless its strings are very long; then the other size does. */
const [shortWindow, longWindow] = [512, 1 << 16];

export function readCompileUnit(sections: DebugSections, offset: number): CompileUnit {
  const info = sections.open('.debug_info');
  try {
    return readUnit(sections, new Cursor(info.read(offset, shortWindow)), offset);
  } catch (error) {
    if (!(error instanceof DwarfError)) throw error;
    return readUnit(sections, new Cursor(info.read(offset, longWindow)), offset);
  }
}

function readUnit(sections: DebugSections, cursor: Cursor, offset: number): CompileUnit {
  const length = cursor.unitLength();
  const next = offset + cursor.at + length;
  const version = cursor.u16();
  if (version < 2 || version > 5) throw new DwarfError(`unit at 0x${offset.toString(16)} has version ${version}`);
  let addressSize: number;
  let abbrevOffset: number;
  if (version === 5) {
    const unitType = cursor.u8();
    addressSize = cursor.u8();
    abbrevOffset = cursor.offset();
    if (unitType === UnitType.skeleton || unitType === UnitType.splitCompile) cursor.skip(8);
    if (unitType === UnitType.type || unitType === UnitType.splitType) cursor.skip(8 + cursor.offsetSize);
  } else {
    abbrevOffset = cursor.offset();
    addressSize = cursor.u8();
  }
  const context = { version, addressSize };
  let lineOffset: number | undefined;
  let directory = '';
  for (const [attribute, form] of abbreviation(sections, abbrevOffset, cursor.uleb())) {
    const actual = form === Form.indirect ? cursor.uleb() : form;
    if (attribute === Attribute.stmtList) lineOffset = readNumber(cursor, actual, context);
    else if (attribute === Attribute.compDir) directory = readString(cursor, actual, context, sections) ?? '';
    else skipForm(cursor, actual, context);
  }
  return { next, lineOffset, directory };
}

/** The attributes and forms of an abbreviation. */
function abbreviation(sections: DebugSections, offset: number, wanted: number): [number, number][] {
  const cursor = new Cursor(sections.bytes('.debug_abbrev'), offset);
  for (;;) {
    const code = cursor.uleb();
    if (code === 0) throw new DwarfError(`abbreviation ${wanted} is missing`);
    cursor.uleb(); // tag
    cursor.u8(); // has children
    const attributes: [number, number][] = [];
    for (;;) {
      const attribute = cursor.uleb();
      const form = cursor.uleb();
      if (form === Form.implicitConst) cursor.sleb();
      if (attribute === 0 && form === 0) break;
      if (code === wanted) attributes.push([attribute, form]);
    }
    if (code === wanted) return attributes;
  }
}
