// The units of a file: found by their lengths alone, and read when something in them is asked for.

import type { Guard } from '../guard.ts';
import { type Abbreviations, readAbbreviations, type Shapes } from './abbreviations.ts';
import { Buffers } from './buffers.ts';
import { UnitType } from './constants.ts';
import { Cursor, DwarfError, within } from './cursor.ts';
import type { Entry } from './entry.ts';
import type { FormContext } from './forms.ts';
import type { DebugSections } from './sections.ts';
import { type InfoSection, maxHeader, readUnitHeader, Unit, type UnitHeader } from './unit.ts';

/** Bytes of units that are kept, at most: those used last. */
const keptBytes = 24 << 20;

/** Tables of abbreviations that are kept. */
const keptTables = 256;

export class Units {
  readonly sections: DebugSections;
  readonly #guard: Guard;
  readonly #skeleton: Unit | undefined;
  readonly #typeElsewhere: (signature: bigint) => Entry | undefined;
  readonly #kept = new Map<Unit, Kept>();
  readonly #tables = new Map<string, Abbreviations>();
  /** By context. */
  readonly #shapes = new Map<string, Shapes>();
  #held = 0;
  readonly #buffers = new Buffers();
  #last: Kept | undefined;
  #units: readonly Unit[] | undefined;
  /** Units of .debug_info by where they begin. */
  readonly #met = new Map<number, Unit>();
  #typeUnits: ReadonlyMap<bigint, Unit> | undefined;

  /**
   * With `skeleton` these are the units of a split file: what has addresses asks that one. `typeElsewhere` finds types by
   * signature that have units outside of these.
   */
  constructor(
    sections: DebugSections,
    guard: Guard,
    skeleton?: Unit,
    typeElsewhere: (signature: bigint) => Entry | undefined = () => undefined,
  ) {
    this.#typeElsewhere = typeElsewhere;
    this.sections = sections;
    this.#guard = guard;
    this.#skeleton = skeleton;
  }

  /** All units, those of .debug_info in its order first. */
  get all(): readonly Unit[] {
    this.#units ??= [...this.#read('.debug_info'), ...this.#read('.debug_types')];
    return this.#units;
  }

  /** The unit that begins at an offset of .debug_info: read alone while the others have not been asked for. */
  beginning(offset: number): Unit | undefined {
    return this.#units ? this.holding(offset) : this.#guard(undefined, () => this.#at('.debug_info', offset).unit);
  }

  /** The unit of .debug_info that holds an offset. */
  holding(offset: number): Unit | undefined {
    const { all } = this;
    let [from, to] = [0, all.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const unit = all[middle];
      if (unit && unit.header.section === '.debug_info' && unit.offset <= offset) from = middle + 1;
      else to = middle;
    }
    const unit = all[from - 1];
    return unit && offset - unit.offset < unit.size ? unit : undefined;
  }

  /** The entry at an offset of .debug_info. */
  entryAt(offset: number): Entry | undefined {
    const unit = this.holding(offset);
    if (!unit) throw new DwarfError('a reference leads out of .debug_info');
    return unit.entryAt(offset - unit.offset);
  }

  /** The type with a signature (DW_FORM_ref_sig8). */
  typeOf(signature: bigint): Entry | undefined {
    if (!this.#typeUnits) {
      const found = new Map<bigint, Unit>();
      for (const unit of this.all) {
        const { type, id } = unit.header;
        const isType = type === UnitType.type || type === UnitType.splitType;
        if (isType && id !== undefined && !found.has(id)) found.set(id, unit);
      }
      this.#typeUnits = found;
    }
    const unit = this.#typeUnits.get(signature);
    const entry = unit ? unit.entryAt(unit.header.typeAt) : this.#typeElsewhere(signature);
    if (!entry) throw new DwarfError(`the type with signature 0x${signature.toString(16)} is missing`);
    return entry;
  }

  cursorOf(unit: Unit): Cursor {
    return this.#keep(unit).cursor;
  }

  /** Where the entries right below a unit's root begin, and the end of the last one. */
  topOf(unit: Unit): Uint32Array {
    const kept = this.#keep(unit);
    if (!kept.top) {
      const starts: number[] = [];
      let end = unit.root.end;
      for (const child of unit.root.children()) {
        starts.push(child.at);
        end = child.next;
      }
      kept.top = Uint32Array.from([...starts, end]);
    }
    return kept.top;
  }

  #keep(unit: Unit): Kept {
    if (this.#last?.unit === unit) return this.#last;
    let kept = this.#kept.get(unit);
    if (kept) this.#kept.delete(unit);
    else {
      const { section, offset, size } = unit.header;
      const source = this.sections.open(section);
      this.#makeRoom(size);
      const bytes = this.#buffers.take(size);
      source.readInto(offset, bytes);
      const cursor = new Cursor(bytes);
      cursor.offsetSize = unit.offsetSize === 8 ? 8 : 4;
      kept = { unit, cursor, top: undefined };
      this.#held += size;
    }
    this.#kept.set(unit, kept);
    this.#last = kept;
    return kept;
  }

  /** Lets go of what was used longest ago, until so many bytes more may be kept. */
  #makeRoom(size: number): void {
    for (const [oldest, { cursor }] of this.#kept) {
      if (this.#held + size <= keptBytes) break;
      this.#kept.delete(oldest);
      this.#held -= oldest.size;
      this.#buffers.give(cursor.bytes);
    }
  }

  abbreviations(offset: number, context: FormContext): Abbreviations {
    const { version, addressSize, offsetSize } = context;
    const kind = `${version} ${addressSize} ${offsetSize}`;
    const key = `${offset} ${kind}`;
    let table = this.#tables.get(key);
    if (!table) {
      const bytes = this.sections.bytes('.debug_abbrev');
      const shapes = this.#shapes.get(kind) ?? new Map();
      this.#shapes.set(kind, shapes);
      table = within('.debug_abbrev', () => readAbbreviations(bytes, offset, context, shapes));
      if (this.#tables.size >= keptTables) this.#tables.clear();
      this.#tables.set(key, table);
    }
    return table;
  }

  #read(section: InfoSection): Unit[] {
    const found: Unit[] = [];
    this.#guard(undefined, () => {
      const end = this.sections.open(section).size;
      for (let offset = 0; offset + shortest <= end; ) {
        const { unit, size } = this.#at(section, offset);
        if (unit) found.push(unit);
        offset += size;
      }
    });
    return found;
  }

  /** What begins at an offset: the same unit whenever it is met; undefined where its header cannot be read. */
  #at(section: InfoSection, offset: number): { readonly unit: Unit | undefined; readonly size: number } {
    const known = section === '.debug_info' ? this.#met.get(offset) : undefined;
    if (known) return { unit: known, size: known.size };
    const source = this.sections.open(section);
    const bytes = source.read(offset, maxHeader);
    const cursor = new Cursor(bytes);
    const size = cursor.unitLength() + cursor.at;
    if (size < shortest || offset + size > source.size) {
      throw new DwarfError(`the length of the unit at 0x${offset.toString(16)} of ${section} is wrong`);
    }
    const header = this.#guard<UnitHeader | undefined>(undefined, () => readUnitHeader(bytes, section, offset));
    const unit = header && new Unit(this, header, this.#skeleton);
    if (unit && section === '.debug_info') this.#met.set(offset, unit);
    return { unit, size };
  }
}

/** A unit whose bytes are in memory. */
interface Kept {
  readonly unit: Unit;
  readonly cursor: Cursor;
  top: Uint32Array | undefined;
}

/** Bytes of the shortest unit's header. */
const shortest = 11;
