// A debugging information entry: what its attributes say, and the entries below it. Nothing is kept but where it lies.

import type { Abbreviation } from './abbreviations.ts';
import { At } from './constants.ts';
import { type Cursor, DwarfError } from './cursor.ts';
import { Form, readIndex, skipForm } from './forms.ts';
import type { Unit } from './unit.ts';

/** Entries of one level, or levels of entries: more than any compiler writes, fewer than would take long. */
const maxDepth = 256;

export class Entry {
  readonly unit: Unit;
  /** Bytes behind the start of the unit. */
  readonly at: number;
  readonly abbreviation: Abbreviation;
  /** Where the attributes' values begin, counted likewise. */
  readonly #values: number;

  constructor(unit: Unit, at: number, abbreviation: Abbreviation, values: number) {
    this.unit = unit;
    this.at = at;
    this.abbreviation = abbreviation;
    this.#values = values;
  }

  get tag(): number {
    return this.abbreviation.tag;
  }

  has(attribute: number): boolean {
    return this.abbreviation.attributes.includes(attribute);
  }

  /** Where the attribute's value is, in bytes behind the unit's start. */
  valueAt(attribute: number): number | undefined {
    return this.#seek(attribute) === undefined ? undefined : this.unit.cursor.at;
  }

  /** A string. */
  text(attribute: number): string | undefined {
    const form = this.#seek(attribute);
    const { cursor, sections } = this.unit;
    switch (form) {
      case undefined:
        return undefined;
      case Form.string:
        return cursor.string();
      case Form.strp:
        return sections.string('.debug_str', cursor.offset());
      case Form.lineStrp:
        return sections.string('.debug_line_str', cursor.offset());
      case Form.strpSup:
      case Form.gnuStrpAlt:
        throw new DwarfError(
          'it refers to a supplementary file (dwz), which is not read: use the file from before dwz',
        );
    }
    const index = readIndex(cursor, form);
    return index === undefined ? undefined : this.unit.stringOf(index);
  }

  /** A constant or an offset, exact up to 2^53; undefined where the attribute is missing or of another class. */
  number(attribute: number): number | undefined {
    const value = this.constant(attribute);
    return value === undefined ? undefined : Number(value);
  }

  /** A constant; what has no sign of its own is read as unsigned. */
  constant(attribute: number): bigint | undefined {
    const form = this.#seek(attribute);
    const { cursor } = this.unit;
    switch (form) {
      case Form.data1:
      case Form.flag:
        return BigInt(cursor.u8());
      case Form.data2:
        return BigInt(cursor.u16());
      case Form.data4:
        return BigInt(cursor.u32());
      case Form.data8:
        return cursor.u64();
      case Form.data16: {
        const low = cursor.u64();
        return low | (cursor.u64() << 64n);
      }
      case Form.udata:
        return cursor.uleb64();
      case Form.sdata:
        return cursor.sleb64();
      case Form.secOffset:
        return BigInt(cursor.offset());
      case Form.implicitConst:
        return BigInt(this.abbreviation.constants.get(this.abbreviation.attributes.indexOf(attribute)) ?? 0);
    }
    return undefined;
  }

  /** How many bytes a constant has by its form; undefined where that tells nothing (LEB128). */
  constantSize(attribute: number): number | undefined {
    const sizes: Readonly<Record<number, number>> = {
      [Form.data1]: 1,
      [Form.data2]: 2,
      [Form.data4]: 4,
      [Form.data8]: 8,
    };
    return sizes[this.#seek(attribute) ?? -1];
  }

  flag(attribute: number): boolean {
    const form = this.#seek(attribute);
    if (form === Form.flagPresent) return true;
    return form !== undefined && this.constant(attribute) !== 0n;
  }

  /** An address; undefined where the attribute is missing or of another class. */
  address(attribute: number): bigint | undefined {
    const form = this.#seek(attribute);
    if (form === undefined) return undefined;
    const { cursor } = this.unit;
    if (form === Form.addr) return cursor.address(this.unit.addressSize);
    if (!isAddressIndex(form)) return undefined;
    const index = readIndex(cursor, form);
    return index === undefined ? undefined : this.unit.addressOf(index);
  }

  /** The entry that an attribute refers to. */
  reference(attribute: number): Entry | undefined {
    const form = this.#seek(attribute);
    const { cursor, units } = this.unit;
    switch (form) {
      case Form.ref1:
        return this.unit.entryAt(cursor.u8());
      case Form.ref2:
        return this.unit.entryAt(cursor.u16());
      case Form.ref4:
        return this.unit.entryAt(cursor.u32());
      case Form.ref8:
        return this.unit.entryAt(Number(cursor.u64()));
      case Form.refUdata:
        return this.unit.entryAt(cursor.uleb());
      case Form.refAddr:
        return units.entryAt(this.unit.version === 2 ? Number(cursor.address(this.unit.addressSize)) : cursor.offset());
      case Form.refSig8:
        return units.typeOf(cursor.u64());
      case Form.refSup4:
      case Form.refSup8:
      case Form.gnuRefAlt:
        throw new DwarfError(
          'it refers to a supplementary file (dwz), which is not read: use the file from before dwz',
        );
    }
    return undefined;
  }

  /** A block or an expression: a copy, as the unit's bytes do not stay. */
  block(attribute: number): Uint8Array | undefined {
    const form = this.#seek(attribute);
    const { cursor } = this.unit;
    const size = blockSize(cursor, form);
    return size === undefined ? undefined : cursor.take(size).slice();
  }

  /** The offset of a list in its section, or its index in the section's table; undefined where it is no list. */
  list(attribute: number): { readonly offset: number } | { readonly index: number } | undefined {
    const form = this.#seek(attribute);
    const { cursor, version } = this.unit;
    if (form === Form.loclistx || form === Form.rnglistx) return { index: cursor.uleb() };
    if (form === Form.secOffset) return { offset: cursor.offset() };
    // Before DWARF 4 there was no form for offsets.
    if (version < 4 && form === Form.data4) return { offset: cursor.u32() };
    if (version < 4 && form === Form.data8) return { offset: Number(cursor.u64()) };
    return undefined;
  }

  /** This entry, then what it completes or is a copy of, in that order. */
  *origins(): Generator<Entry> {
    let entry: Entry | undefined = this;
    for (let steps = 0; entry && steps < 16; steps++) {
      yield entry;
      entry = entry.reference(At.abstractOrigin) ?? entry.reference(At.specification);
    }
  }

  /** The first of `origins` that has the attribute. */
  whoHas(attribute: number): Entry | undefined {
    for (const entry of this.origins()) if (entry.has(attribute)) return entry;
    return undefined;
  }

  /** The entries right below this one. */
  *children(): Generator<Entry> {
    if (!this.abbreviation.children) return;
    let entry = this.unit.entryAt(this.end);
    while (entry) {
      yield entry;
      entry = this.unit.entryAt(entry.next);
    }
  }

  /** Where the attributes' values end. */
  get end(): number {
    return this.#afterAttributes();
  }

  /** Where the next entry of the same level begins, or the end of that level. */
  get next(): number {
    if (!this.abbreviation.children) return this.#afterAttributes();
    if (this.abbreviation.sibling >= 0) {
      const next = this.#sibling();
      if (next !== undefined && next > this.at) return next;
    }
    return this.unit.skipChildren(this.#afterAttributes(), maxDepth);
  }

  #sibling(): number | undefined {
    const form = this.#seek(At.sibling);
    const { cursor } = this.unit;
    if (form === Form.ref4) return cursor.u32();
    if (form === Form.ref2) return cursor.u16();
    if (form === Form.ref1) return cursor.u8();
    if (form === Form.ref8) return Number(cursor.u64());
    if (form === Form.refUdata) return cursor.uleb();
    return undefined;
  }

  #afterAttributes(): number {
    const { sizes, forms, size } = this.abbreviation;
    if (size >= 0) return this.#values + size;
    const { cursor } = this.unit;
    cursor.at = this.#values;
    for (let i = 0; i < sizes.length; i++) {
      const fixed = sizes[i] ?? 0;
      if (fixed >= 0) cursor.at += fixed;
      else skipForm(cursor, forms[i] ?? 0, this.unit);
    }
    return cursor.at;
  }

  /** Puts the unit's cursor on the attribute's value and gives its form; undefined where there is none. */
  #seek(attribute: number): number | undefined {
    const { attributes, sizes, forms } = this.abbreviation;
    const index = attributes.indexOf(attribute);
    if (index < 0) return undefined;
    const { cursor } = this.unit;
    cursor.at = this.#values;
    for (let i = 0; i < index; i++) {
      const fixed = sizes[i] ?? 0;
      if (fixed >= 0) cursor.at += fixed;
      else skipForm(cursor, forms[i] ?? 0, this.unit);
    }
    const form = forms[index] ?? 0;
    return form === Form.indirect ? cursor.uleb() : form;
  }
}

/** How long a block of that form is; undefined where it is none. */
function blockSize(cursor: Cursor, form: number | undefined): number | undefined {
  switch (form) {
    case Form.block1:
      return cursor.u8();
    case Form.block2:
      return cursor.u16();
    case Form.block4:
      return cursor.u32();
    case Form.block:
    case Form.exprloc:
      return cursor.uleb();
    case Form.data16:
      return 16;
  }
  return undefined;
}

function isAddressIndex(form: number): boolean {
  return form === Form.addrx || form === Form.gnuAddrIndex || (form >= Form.addrx1 && form <= Form.addrx4);
}
