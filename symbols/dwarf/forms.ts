// How attribute values are written (DWARF 5, section 7.5.6 "Form Encodings", and GNU's extensions).

import { type Cursor, DwarfError } from './cursor.ts';
import type { DebugSections } from './sections.ts';

export const Form = {
  addr: 0x01,
  block2: 0x03,
  block4: 0x04,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  block1: 0x0a,
  data1: 0x0b,
  flag: 0x0c,
  sdata: 0x0d,
  strp: 0x0e,
  udata: 0x0f,
  refAddr: 0x10,
  ref1: 0x11,
  ref2: 0x12,
  ref4: 0x13,
  ref8: 0x14,
  refUdata: 0x15,
  indirect: 0x16,
  secOffset: 0x17,
  exprloc: 0x18,
  flagPresent: 0x19,
  strx: 0x1a,
  addrx: 0x1b,
  refSup4: 0x1c,
  strpSup: 0x1d,
  data16: 0x1e,
  lineStrp: 0x1f,
  refSig8: 0x20,
  implicitConst: 0x21,
  loclistx: 0x22,
  rnglistx: 0x23,
  refSup8: 0x24,
  strx1: 0x25,
  strx2: 0x26,
  strx3: 0x27,
  strx4: 0x28,
  addrx1: 0x29,
  addrx2: 0x2a,
  addrx3: 0x2b,
  addrx4: 0x2c,
  gnuAddrIndex: 0x1f01,
  gnuStrIndex: 0x1f02,
  gnuRefAlt: 0x1f20,
  gnuStrpAlt: 0x1f21,
} as const;

/** What a value's size depends on besides its form. */
export interface FormContext {
  readonly version: number;
  readonly addressSize: number;
  readonly offsetSize: number;
}

/** A string-valued attribute that needs no unit's tables; undefined, and skipped, where the form is another one. */
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

/** The index of a string or an address in its table; undefined, with nothing read, where the form is another one. */
export function readIndex(cursor: Cursor, form: number): number | undefined {
  switch (form) {
    case Form.strx:
    case Form.addrx:
    case Form.gnuAddrIndex:
    case Form.gnuStrIndex:
      return cursor.uleb();
    case Form.strx1:
    case Form.addrx1:
      return cursor.u8();
    case Form.strx2:
    case Form.addrx2:
      return cursor.u16();
    case Form.strx3:
    case Form.addrx3:
      return cursor.u16() + cursor.u8() * 0x10000;
    case Form.strx4:
    case Form.addrx4:
      return cursor.u32();
  }
  return undefined;
}

/** Sizes in bytes of the forms that have a fixed one. */
const sizes: Readonly<Record<number, number>> = {
  [Form.data1]: 1,
  [Form.data2]: 2,
  [Form.data4]: 4,
  [Form.data8]: 8,
  [Form.data16]: 16,
  [Form.flag]: 1,
  [Form.flagPresent]: 0,
  [Form.implicitConst]: 0,
  [Form.ref1]: 1,
  [Form.ref2]: 2,
  [Form.ref4]: 4,
  [Form.ref8]: 8,
  [Form.refSig8]: 8,
  [Form.refSup4]: 4,
  [Form.refSup8]: 8,
  [Form.strx1]: 1,
  [Form.strx2]: 2,
  [Form.strx3]: 3,
  [Form.strx4]: 4,
  [Form.addrx1]: 1,
  [Form.addrx2]: 2,
  [Form.addrx3]: 3,
  [Form.addrx4]: 4,
};

/** Bytes that a value of this form takes in units of that context; -1 where the value itself tells. */
export function fixedSize(form: number, context: FormContext): number {
  switch (form) {
    case Form.addr:
      return context.addressSize;
    case Form.refAddr: // an address in DWARF 2, an offset since
      return context.version === 2 ? context.addressSize : context.offsetSize;
    case Form.strp:
    case Form.secOffset:
    case Form.strpSup:
    case Form.lineStrp:
    case Form.gnuRefAlt:
    case Form.gnuStrpAlt:
      return context.offsetSize;
  }
  return sizes[form] ?? -1;
}

export function skipForm(cursor: Cursor, form: number, context: FormContext): void {
  const size = fixedSize(form, context);
  if (size >= 0) cursor.skip(size);
  else skipVariable(cursor, form, context);
}

function skipVariable(cursor: Cursor, form: number, context: FormContext): void {
  switch (form) {
    case Form.string:
      cursor.skipString();
      return;
    case Form.block1:
      cursor.skip(cursor.u8());
      return;
    case Form.block2:
      cursor.skip(cursor.u16());
      return;
    case Form.block4:
      cursor.skip(cursor.u32());
      return;
    case Form.block:
    case Form.exprloc:
      cursor.skip(cursor.uleb());
      return;
    case Form.sdata:
    case Form.udata:
    case Form.refUdata:
    case Form.strx:
    case Form.addrx:
    case Form.loclistx:
    case Form.rnglistx:
    case Form.gnuAddrIndex:
    case Form.gnuStrIndex:
      cursor.skipLeb();
      return;
    case Form.indirect: {
      const actual = cursor.uleb();
      if (actual === Form.indirect || actual === Form.implicitConst)
        throw new DwarfError('an indirect form is damaged');
      skipForm(cursor, actual, context);
      return;
    }
  }
  throw new DwarfError(`attribute form ${form} is not known`);
}
