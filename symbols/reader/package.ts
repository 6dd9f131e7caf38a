// A package of split debug information: its indices say where each unit's parts of the sections are (DWARF 5, section
// 7.3.5 "DWARF Package Files"; GNU's before that).

import type { Elf } from '../../emulator/loader/index.ts';
import { Cursor, DwarfError } from '../dwarf/cursor.ts';
import { DebugSections, type Inflate } from '../dwarf/sections.ts';

/** Sections by the number that an index gives them, before DWARF 5 and since. */
const oldSections = ['', 'info', 'types', 'abbrev', 'line', 'loc', 'str_offsets'];
const newSections = ['', 'info', '', 'abbrev', 'line', 'loclists', 'str_offsets', '', 'rnglists'];

type Part = { readonly offset: number; readonly size: number };

export class Package {
  readonly #elf: Elf;
  readonly #inflate: Inflate | undefined;
  readonly #units: UnitIndex;
  readonly #types: UnitIndex;

  constructor(elf: Elf, inflate: Inflate | undefined) {
    const whole = new DebugSections(elf, { inflate });
    this.#elf = elf;
    this.#inflate = inflate;
    this.#units = new UnitIndex(whole.bytes('.debug_cu_index'));
    this.#types = new UnitIndex(whole.bytes('.debug_tu_index'));
  }

  /** The sections as the compilation unit with an id sees them; undefined where there is none. */
  sectionsOf(id: bigint): DebugSections | undefined {
    return this.#sections(this.#units.partsOf(id));
  }

  /** The same for the unit of the type with a signature. */
  typeSectionsOf(signature: bigint): DebugSections | undefined {
    return this.#sections(this.#types.partsOf(signature));
  }

  /** Of all types that have units of their own. */
  typeSignatures(): readonly bigint[] {
    return this.#types.ids();
  }

  #sections(parts: ReadonlyMap<string, Part> | undefined): DebugSections | undefined {
    if (!parts) return undefined;
    // Either has the units of one section alone: compilation units know types by their signatures.
    const none = { offset: 0, size: 0 };
    const own = new Map([['.debug_info', none], ['.debug_types', none], ...parts]);
    return new DebugSections(this.#elf, { inflate: this.#inflate, suffix: '.dwo', parts: own });
  }
}

/** .debug_cu_index or .debug_tu_index: a hash table of rows, each with the unit's part of each section. */
class UnitIndex {
  readonly #cursor: Cursor;
  readonly #names: readonly string[] = [];
  readonly #columns: number = 0;
  readonly #count: number = 0;
  readonly #slots: number = 0;

  constructor(bytes: Uint8Array) {
    this.#cursor = new Cursor(bytes);
    if (this.#cursor.atEnd) return;
    const version = this.#cursor.u32() & 0xffff;
    this.#names = version >= 5 ? newSections : oldSections;
    this.#columns = this.#cursor.u32();
    this.#count = this.#cursor.u32();
    this.#slots = this.#cursor.u32();
    const size = this.#rows + 4 * this.#columns * (1 + 2 * this.#count);
    if (size > bytes.length) throw new DwarfError('the index of a package is damaged');
  }

  ids(): bigint[] {
    const slots = Array.from({ length: this.#slots }, (_, slot) => slot);
    return slots.filter((slot) => this.#rowOf(slot) > 0).map((slot) => this.#idOf(slot));
  }

  partsOf(id: bigint): ReadonlyMap<string, Part> | undefined {
    for (let slot = 0; slot < this.#slots; slot++) {
      const row = this.#idOf(slot) === id ? this.#rowOf(slot) : 0;
      if (row === 0 || row > this.#count) continue;
      const parts = new Map<string, Part>();
      for (let column = 0; column < this.#columns; column++) {
        const name = this.#names[this.#word(this.#rows + 4 * column)];
        const offset = this.#word(this.#rows + 4 * (row * this.#columns + column));
        const size = this.#word(this.#rows + 4 * ((this.#count + row) * this.#columns + column));
        if (name) parts.set(`.debug_${name}`, { offset, size });
      }
      return parts;
    }
    return undefined;
  }

  /** Where the table of sections and parts begins. */
  get #rows(): number {
    return 16 + 12 * this.#slots;
  }

  #idOf(slot: number): bigint {
    this.#cursor.at = 16 + 8 * slot;
    return this.#cursor.u64();
  }

  /** From 1; 0 where the slot is empty. */
  #rowOf(slot: number): number {
    return this.#word(16 + 8 * this.#slots + 4 * slot);
  }

  #word(at: number): number {
    this.#cursor.at = at;
    return this.#cursor.u32();
  }
}
