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
  /** Bytes of the values before the name's; -1 where they vary, undefined without a name. */
  readonly nameBehind: number | undefined;
}

export type Abbreviations = ReadonlyMap<number, Abbreviation>;

/** Shapes of entries by a hash of their bytes, for one context: the units of a file have most of them in common. */
export type Shapes = Map<number, Shape>;

interface Shape {
  readonly abbreviation: Abbreviation;
  /** Where it was met first. */
  readonly start: number;
  readonly end: number;
}

/** More attributes than any compiler gives an entry: what has more is damaged. */
const maxAttributes = 1000;

/** The table at an offset of .debug_abbrev, for units of that context. */
export function readAbbreviations(bytes: Uint8Array, offset: number, context: FormContext, shapes: Shapes) {
  const table = new Map<number, Abbreviation>();
  const cursor = new Cursor(bytes, offset);
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    const entry = sharedAbbreviation(cursor, context, shapes);
    // Of two with one code the first counts, as readers that search from the start do.
    if (!table.has(code)) table.set(code, entry);
    if (cursor.atEnd) break;
  }
  return table;
}

function sharedAbbreviation(cursor: Cursor, context: FormContext, shapes: Shapes): Abbreviation {
  const { bytes, at: start } = cursor;
  const end = endOf(bytes, start);
  let hash = end - start;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  const known = shapes.get(hash);
  if (known && isSame(bytes, known, start, end)) {
    cursor.at = end;
    return known.abbreviation;
  }
  const abbreviation = readAbbreviation(cursor, context);
  if (!known) shapes.set(hash, { abbreviation, start, end });
  return abbreviation;
}

function isSame(bytes: Uint8Array, known: Shape, start: number, end: number): boolean {
  if (known.end - known.start !== end - start) return false;
  for (let i = 0; i < end - start; i++) if (bytes[known.start + i] !== bytes[start + i]) return false;
  return true;
}

/** Where the abbreviation ends that begins, behind its code, at `at`. */
function endOf(bytes: Uint8Array, at: number): number {
  at = behindLeb(bytes, at) + 1;
  for (let count = 0; count <= maxAttributes; count++) {
    const form = behindLeb(bytes, at);
    const isLast = bytes[at] === 0 && bytes[form] === 0;
    const isConstant = bytes[form] === Form.implicitConst;
    at = behindLeb(bytes, form);
    if (isLast) return at;
    if (isConstant) at = behindLeb(bytes, at);
  }
  throw new DwarfError('an abbreviation has too many attributes');
}

function behindLeb(bytes: Uint8Array, at: number): number {
  while ((bytes[at++] ?? outOfBytes()) >= 0x80);
  return at;
}

function outOfBytes(): never {
  throw new DwarfError('it ends in the middle of something');
}

function readAbbreviation(cursor: Cursor, context: FormContext): Abbreviation {
  const tag = cursor.uleb();
  const children = cursor.u8() !== 0;
  const attributes: number[] = [];
  const forms: number[] = [];
  const sizes: number[] = [];
  let constants = none;
  for (;;) {
    const attribute = cursor.uleb();
    const form = cursor.uleb();
    if (attribute === 0 && form === 0) break;
    if (form === Form.implicitConst) constants = new Map([...constants, [attributes.length, cursor.sleb()]]);
    attributes.push(attribute);
    forms.push(form);
    sizes.push(fixedSize(form, context));
  }
  const size = sum(sizes);
  const name = attributes.indexOf(At.name);
  const nameBehind = name < 0 ? undefined : sum(sizes.slice(0, name));
  const sibling = attributes.indexOf(At.sibling);
  return { tag, children, attributes, forms, sizes, constants, size, sibling, nameBehind };
}

const none: ReadonlyMap<number, number> = new Map();

/** -1 where one of them is. */
function sum(sizes: readonly number[]): number {
  return sizes.includes(-1) ? -1 : sizes.reduce((all, next) => all + next, 0);
}
