// A unit of .debug_info or .debug_types: its header, its entries, and the tables that its attributes point into.

import type { Abbreviation, Abbreviations } from './abbreviations.ts';
import { At, Tag, UnitType } from './constants.ts';
import { Cursor, DwarfError } from './cursor.ts';
import { Entry } from './entry.ts';
import { Form, type FormContext, skipForm } from './forms.ts';
import type { DebugSections } from './sections.ts';
import type { Units } from './units.ts';

export type InfoSection = '.debug_info' | '.debug_types';

/** What a unit's header says (DWARF 5, section 7.5.1 "Unit Headers"). */
export interface UnitHeader extends FormContext {
  readonly section: InfoSection;
  /** In the section. */
  readonly offset: number;
  /** With the header. */
  readonly size: number;
  /** See UnitType; before DWARF 5 told by the section. */
  readonly type: number;
  readonly abbrevOffset: number;
  /** Bytes of the header. */
  readonly headerSize: number;
  /** Of a type unit the type's signature, of a skeleton or split unit the id that they share. */
  readonly id: bigint | undefined;
  /** Of a type unit: where its type is, in bytes behind the unit's start. */
  readonly typeAt: number;
}

/** Bytes that hold any unit's header. */
export const maxHeader = 48;

export function readUnitHeader(bytes: Uint8Array, section: InfoSection, offset: number): UnitHeader {
  const cursor = new Cursor(bytes);
  const length = cursor.unitLength();
  const size = length + cursor.at;
  const version = cursor.u16();
  if (version < 2 || version > 5) throw new DwarfError(`the unit at 0x${offset.toString(16)} has version ${version}`);
  let type: number = section === '.debug_types' ? UnitType.type : UnitType.compile;
  let addressSize = 0;
  if (version >= 5) {
    type = cursor.u8();
    addressSize = cursor.u8();
  }
  const abbrevOffset = cursor.offset();
  if (version < 5) addressSize = cursor.u8();
  if (addressSize !== 4 && addressSize !== 8) throw new DwarfError(`address size ${addressSize} is not supported`);
  const isType = type === UnitType.type || type === UnitType.splitType;
  const hasId = isType || type === UnitType.skeleton || type === UnitType.splitCompile;
  const id = hasId ? cursor.u64() : undefined;
  const typeAt = isType ? cursor.offset() : 0;
  const { offsetSize, at: headerSize } = cursor;
  return { section, offset, size, version, type, addressSize, abbrevOffset, offsetSize, headerSize, id, typeAt };
}

export class Unit implements FormContext {
  readonly header: UnitHeader;
  readonly version: number;
  readonly addressSize: number;
  readonly offsetSize: number;
  /** Where it lies in its section. */
  readonly offset: number;
  readonly size: number;
  /** All units of the same file. */
  readonly units: Units;
  readonly sections: DebugSections;
  /** Of a split unit the one in the program's own file, which knows the addresses. */
  readonly skeleton: Unit | undefined;
  #abbreviations: Abbreviations | undefined;
  #root: Entry | undefined;
  #nests: boolean | undefined;
  #baseAddress: bigint | undefined;
  /** How many bytes of values entries have before their names; -1 where it varies. */
  #namesBehind: ReadonlySet<number> | undefined;

  constructor(units: Units, header: UnitHeader, skeleton?: Unit) {
    this.units = units;
    this.sections = units.sections;
    this.header = header;
    this.version = header.version;
    this.addressSize = header.addressSize;
    this.offsetSize = header.offsetSize;
    this.offset = header.offset;
    this.size = header.size;
    this.skeleton = skeleton;
  }

  /** A cursor over the unit's bytes, shared by all its entries: what is read has to be read at once. */
  get cursor(): Cursor {
    return this.units.cursorOf(this);
  }

  get root(): Entry {
    this.#root ??= this.entryAt(this.header.headerSize);
    if (!this.#root) throw new DwarfError(`the unit at 0x${this.offset.toString(16)} is empty`);
    return this.#root;
  }

  /** Whether it may hold code: neither a type unit nor one that others include. */
  get compiles(): boolean {
    const { type } = this.header;
    return type !== UnitType.type && type !== UnitType.splitType && type !== UnitType.partial;
  }

  /** DW_AT_language. */
  get language(): number {
    return this.root.number(At.language) ?? 0;
  }

  /** The entry at a position behind the unit's start; undefined where a level of entries ends. */
  entryAt(at: number): Entry | undefined {
    if (at < this.header.headerSize || at >= this.size) {
      if (at === this.size) return undefined;
      throw new DwarfError(`a reference leads out of the unit at 0x${this.offset.toString(16)}`);
    }
    const { cursor } = this;
    cursor.at = at;
    const code = cursor.uleb();
    return code === 0 ? undefined : new Entry(this, at, this.#abbreviation(code), cursor.at);
  }

  /** Where the level of entries that begins at `at` ends. */
  skipChildren(at: number, depth: number): number {
    if (depth === 0) throw new DwarfError('entries are nested too deeply');
    const { cursor } = this;
    for (;;) {
      if (at >= this.size) return this.size;
      cursor.at = at;
      const code = cursor.uleb();
      if (code === 0) return cursor.at;
      const abbreviation = this.#abbreviation(code);
      this.skipAttributes(abbreviation);
      at = abbreviation.children ? this.skipChildren(cursor.at, depth - 1) : cursor.at;
    }
  }

  /** Moves the cursor from the first attribute's value behind the last one's. */
  skipAttributes({ size, sizes, forms }: Abbreviation): void {
    const { cursor } = this;
    if (size >= 0) {
      cursor.at += size;
      return;
    }
    for (let i = 0; i < sizes.length; i++) {
      const fixed = sizes[i] ?? 0;
      if (fixed >= 0) cursor.at += fixed;
      else skipForm(cursor, forms[i] ?? 0, this);
    }
  }

  /**
   * Whether an entry whose abbreviation fits may have its name at a position, by the code that would be before it: far
   * cheaper than finding the entry, which reads a level of entries.
   */
  mayHaveName(at: number, fits: (abbreviation: Abbreviation) => boolean): boolean {
    const { bytes } = this.cursor;
    const table = this.#table();
    this.#namesBehind ??= new Set(
      [...table.values()].map(({ nameBehind }) => nameBehind).filter((count) => count !== undefined),
    );
    for (const before of this.#namesBehind) {
      if (before < 0) return true;
      // A code is LEB128: its last byte has no bit 7, those before it have.
      let code = bytes[at - before - 1] ?? 0x80;
      if (code >= 0x80) continue;
      for (let start = at - before - 1, length = 1; ; length++) {
        const abbreviation = table.get(code);
        if (abbreviation?.nameBehind === before && fits(abbreviation)) return true;
        const more = bytes[--start] ?? 0;
        if (more < 0x80) break;
        if (length === longestCode) return true;
        code = code * 0x80 + (more & 0x7f);
      }
    }
    return false;
  }

  /** The entries from below the root to the one that holds a position, outermost first. */
  pathTo(at: number): Entry[] {
    const top = this.#topAround(at);
    const path: Entry[] = top ? [top] : [];
    for (let parent = top; parent?.abbreviation.children && path.length < maxPath; ) {
      if (at < parent.end) break;
      parent = childAround(parent, at);
      if (parent) path.push(parent);
    }
    return path;
  }

  /** The entry right below the root that holds a position. */
  #topAround(at: number): Entry | undefined {
    const starts = this.units.topOf(this);
    let [from, to] = [0, starts.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((starts[middle] ?? 0) <= at) from = middle + 1;
      else to = middle;
    }
    const start = starts[from - 1];
    return start === undefined ? undefined : this.entryAt(start);
  }

  /** The string of an index (DW_FORM_strx). */
  stringOf(index: number): string | undefined {
    const base = this.root.number(At.strOffsetsBase) ?? this.#defaultBase();
    const offset = this.#tableEntry('.debug_str_offsets', base, index, this.offsetSize);
    return offset === undefined ? undefined : this.sections.string('.debug_str', Number(offset));
  }

  /** The address of an index (DW_FORM_addrx, DW_OP_addrx). */
  addressOf(index: number): bigint | undefined {
    if (this.skeleton) return this.skeleton.addressOf(index);
    const base = this.root.number(At.addrBase) ?? this.root.number(At.gnuAddrBase) ?? 0;
    return this.#tableEntry('.debug_addr', base, index, this.addressSize);
  }

  /** Where the table of offsets of .debug_rnglists or .debug_loclists is that this unit uses. */
  listsBase(attribute: typeof At.rnglistsBase | typeof At.loclistsBase): number {
    return this.root.number(attribute) ?? (this.offsetSize === 8 ? 20 : 12);
  }

  /** Address that ranges and locations are counted from: DW_AT_low_pc of the unit. */
  get baseAddress(): bigint {
    this.#baseAddress ??= (this.skeleton ?? this).root.address(At.lowPc) ?? 0n;
    return this.#baseAddress;
  }

  /** For whoever has met it. */
  set baseAddress(address: bigint) {
    this.#baseAddress = address;
  }

  /** A split unit's table of strings begins behind its header (DWARF 5), or at once (GNU's for DWARF 4). */
  #defaultBase(): number {
    return this.version >= 5 ? (this.offsetSize === 8 ? 16 : 8) : 0;
  }

  #tableEntry(name: string, base: number, index: number, size: number): bigint | undefined {
    const bytes = this.sections.open(name).read(base + index * size, size);
    if (bytes.length < size) throw new DwarfError(`an index leads out of ${name}`);
    return new Cursor(bytes).address(size);
  }

  #abbreviation(code: number): Abbreviation {
    const found = (this.#abbreviations ?? this.#table()).get(code);
    if (!found) throw new DwarfError(`abbreviation ${code} is missing`);
    return found;
  }

  /** Whether variables are told to move: then they are right from a function's first instruction on. */
  get hasLocationLists(): boolean {
    for (const { attributes, forms } of this.#table().values()) {
      const form = forms[attributes.indexOf(At.location)];
      if (form === Form.secOffset || form === Form.loclistx) return true;
      if (this.version < 4 && (form === Form.data4 || form === Form.data8)) return true;
    }
    return false;
  }

  /** Whether functions and types may be inside of namespaces and types: not in C. */
  get nests(): boolean {
    this.#nests ??= namesNest(this.language, this.#table());
    return this.#nests;
  }

  /** Whether names may be told by a table of strings alone. */
  get usesStringTable(): boolean {
    return this.skeleton !== undefined || this.root.has(At.strOffsetsBase);
  }

  #table(): Abbreviations {
    this.#abbreviations ??= this.units.abbreviations(this.header.abbrevOffset, this);
    return this.#abbreviations;
  }
}

/** DW_LANG_* of C++ and Rust. */
const nesting: ReadonlySet<number> = new Set([4, 26, 28, 33, 43, 58]);

/** See Unit.nests. */
export function namesNest(language: number | undefined, table: Abbreviations): boolean {
  if (nesting.has(language ?? 0)) return true;
  for (const { tag } of table.values()) if (tag === Tag.namespace || tag === Tag.classType) return true;
  return false;
}

const maxPath = 64;

/** Bytes of an abbreviation code at most; whoever pads them further costs a look. */
const longestCode = 5;

function childAround(parent: Entry, at: number): Entry | undefined {
  for (const child of parent.children()) if (at < child.next) return at >= child.at ? child : undefined;
  return undefined;
}

/** Whether names of entries below it are seen from outside, with its own name before them. */
export function isNamespace({ tag }: Entry): boolean {
  return (
    tag === Tag.namespace ||
    tag === Tag.module ||
    tag === Tag.structureType ||
    tag === Tag.classType ||
    tag === Tag.unionType ||
    tag === Tag.enumerationType ||
    tag === Tag.interfaceType
  );
}
