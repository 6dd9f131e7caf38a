// How attribute values are written (DWARF 5, section 7.5.6 "Form Encodings", and GNU's extensions).

import { type Cursor, DwarfError } from './cursor.ts';
import type { DebugSections } from './sections.ts';

export const Form = {
  string: 0x08,
  data1: 0x0b,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  udata: 0x0f,
  strp: 0x0e,
  secOffset: 0x17,
  indirect: 0x16,
  implicitConst: 0x21,
  lineStrp: 0x1f,
} as const;

/** What a value's size depends on besides its form. */
export interface FormContext {
  readonly version: number;
  readonly addressSize: number;
}

/** A string-valued attribute; undefined, and skipped, where the form is another one. */
export function readString(cursor: Cursor, form: number, context: FormContext, sections: DebugSections) {
  if (form === Form.string) return cursor.string();
  if (form === Form.lineStrp) return sections.string('.debug_line_str', cursor.offset());
  if (form === Form.strp) return sections.string('.debug_str', cursor.offset());
  skipForm(cursor, form, context);
  return undefined;
}

/** An unsigned or offset-valued attribute; undefined, and skipped, where the form is another one. */
export function readNumber(cursor: Cursor, form: number, context: FormContext): number | undefined {
  switch (form) {
    case Form.data1:
      return cursor.u8();
    case Form.data2:
      return cursor.u16();
    case Form.data4:
      return cursor.u32();
    case Form.data8:
      return Number(cursor.u64());
    case Form.udata:
      return cursor.uleb();
    case Form.secOffset:
      return cursor.offset();
  }
  skipForm(cursor, form, context);
  return undefined;
}

/** Sizes in bytes of the forms that have a fixed one. */
const sizes: Readonly<Record<number, number>> = {
  5: 2, // data2
  6: 4, // data4
  7: 8, // data8
  11: 1, // data1
  12: 1, // flag
  17: 1, // ref1
  18: 2, // ref2
  19: 4, // ref4
  20: 8, // ref8
  25: 0, // flag_present
  28: 4, // ref_sup4
  30: 16, // data16
  32: 8, // ref_sig8
  33: 0, // implicit_const
  36: 8, // ref_sup8
  37: 1, // strx1
  38: 2, // strx2
  39: 3, // strx3
  40: 4, // strx4
  41: 1, // addrx1
  42: 2, // addrx2
  43: 3, // addrx3
  44: 4, // addrx4
};

export function skipForm(cursor: Cursor, form: number, context: FormContext): void {
  if (form === Form.string) cursor.skipString();
  else if (form === Form.indirect) skipForm(cursor, cursor.uleb(), context);
  else cursor.skip(sizes[form] ?? variableSize(cursor, form, context));
}

/** Reads what tells the size, and gives the bytes that are left to skip. */
function variableSize(cursor: Cursor, form: number, context: FormContext): number {
  switch (form) {
    case 0x01: // addr
      return context.addressSize;
    case 0x03: // block2
      return cursor.u16();
    case 0x04: // block4
      return cursor.u32();
    case 0x0a: // block1
      return cursor.u8();
    case 0x09: // block
    case 0x18: // exprloc
      return cursor.uleb();
    case 0x0d: // sdata
    case 0x0f: // udata
    case 0x15: // ref_udata
    case 0x1a: // strx
    case 0x1b: // addrx
    case 0x22: // loclistx
    case 0x23: // rnglistx
    case 0x1f01: // GNU_addr_index
    case 0x1f02: // GNU_str_index
      cursor.uleb();
      return 0;
    case 0x10: // ref_addr: an address in DWARF 2, an offset since
      return context.version === 2 ? context.addressSize : cursor.offsetSize;
    case 0x0e: // strp
    case 0x17: // sec_offset
    case 0x1d: // strp_sup
    case 0x1f: // line_strp
    case 0x1f20: // GNU_ref_alt
    case 0x1f21: // GNU_strp_alt
      return cursor.offsetSize;
  }
  throw new DwarfError(`attribute form ${form} is not known`);
}
