// .debug_abbrev: which attributes entries have, and how they are written (DWARF 5, section 7.5.3 "Abbreviations Tables").

import { At } from './constants.ts';
import { Cursor, DwarfError } from './cursor.ts';
import { Form, type FormContext, fixedSize } from './forms.ts';

/** What an entry of one shape consists of. */
export interface Abbreviation {
  readonly tag: number;
  readonly children: boolean;
  readonly attributes: readonly number[];
  /** By the same index as `attributes`. */
  readonly forms: readonly number[];
  /** Bytes of each attribute's value; -1 where the value itself tells. */
  readonly sizes: readonly number[];
  /** Values of attributes that take no bytes (DW_FORM_implicit_const), by index. */
  readonly constants: ReadonlyMap<number, number>;
  /** Bytes of all values; -1 where they vary. */
  readonly size: number;
  /** Index of DW_AT_sibling, -1 where there is none. */
  readonly sibling: number;
}

export type Abbreviations = ReadonlyMap<number, Abbreviation>;

/** More attributes than any compiler gives an entry: what has more is damaged. */
const maxAttributes = 1000;

/** The table at an offset of .debug_abbrev, for units of that context. */
export function readAbbreviations(bytes: Uint8Array, offset: number, context: FormContext): Abbreviations {
  const table = new Map<number, Abbreviation>();
  const cursor = new Cursor(bytes, offset);
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    const entry = readAbbreviation(cursor, context);
    // Of two with one code the first counts, as readers that search from the start do.
    if (!table.has(code)) table.set(code, entry);
    if (cursor.atEnd) break;
  }
  return table;
}

function readAbbreviation(cursor: Cursor, context: FormContext): Abbreviation {
  const tag = cursor.uleb();
  const children = cursor.u8() !== 0;
  const attributes: number[] = [];
  const forms: number[] = [];
  const sizes: number[] = [];
  const constants = new Map<number, number>();
  for (;;) {
    const attribute = cursor.uleb();
    const form = cursor.uleb();
    if (attribute === 0 && form === 0) break;
    if (form === Form.implicitConst) constants.set(attributes.length, cursor.sleb());
    attributes.push(attribute);
    forms.push(form);
    sizes.push(fixedSize(form, context));
    if (attributes.length > maxAttributes) throw new DwarfError('an abbreviation has too many attributes');
  }
  const size = sizes.includes(-1) ? -1 : sizes.reduce((sum, next) => sum + next, 0);
  return { tag, children, attributes, forms, sizes, constants, size, sibling: attributes.indexOf(At.sibling) };
}
