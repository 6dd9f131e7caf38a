// One look at all entries of a unit that have names which others see, and at the copies of functions. It reads the bytes
// of entries by their shapes alone: for a kernel these are millions.

import { Tag } from './constants.ts';
import { Told } from './copy-index.ts';
import { Cursor, DwarfError } from './cursor.ts';
import { Form, skipForm } from './forms.ts';
import { type CodePlaces, Kind, type Place, type Role } from './scan-role.ts';
import type { Unit } from './unit.ts';

/** Whoever keeps what is found; positions count from the unit's start. */
export interface Found {
  /** An entry with a name, which is where `nameAt` says in that form. `inside`: not right below the unit. */
  named(role: Role, at: number, form: number, nameAt: number, inside: boolean): void;
  /** A function or a copy, and the entry that it is a copy or the completion of. For the rest see CopyIndex.add. */
  refers(origin: number, at: number, low: number, high: number, told: number): void;
  /** A variable at a link address, by its low 32 bits. */
  placed(low: number, at: number): void;
}

/** DW_OP_addr. */
const addressOpcode = 0x03;

export class UnitScan {
  readonly #unit: Unit;
  readonly #bytes: Uint8Array;
  readonly #roles: readonly (Role | undefined)[];
  readonly #cursor: Cursor;
  readonly #found: Found;

  /** `roles` are by abbreviation code. */
  constructor(unit: Unit, bytes: Uint8Array, roles: readonly (Role | undefined)[], found: Found) {
    this.#unit = unit;
    this.#bytes = bytes;
    this.#roles = roles;
    this.#found = found;
    this.#cursor = new Cursor(bytes);
    this.#cursor.offsetSize = unit.offsetSize === 8 ? 8 : 4;
  }

  /** `nests`: whether entries inside of namespaces and types are seen from outside. */
  run(nests: boolean): void {
    const bytes = this.#bytes;
    const end = bytes.length;
    let at = this.#unit.header.headerSize;
    let depth = 0;
    // The level of the entries below the outermost function around.
    let inFunction = 0;
    while (at < end) {
      const start = at;
      let code = bytes[at++] ?? 0;
      if (code >= 0x80) {
        this.#cursor.at = start;
        code = this.#cursor.uleb();
        at = this.#cursor.at;
      }
      if (code === 0) {
        depth--;
        if (depth < inFunction) inFunction = 0;
        if (depth <= 0) return;
        continue;
      }
      const role = this.#roles[code];
      if (!role) throw new DwarfError(`abbreviation ${code} is missing`);
      const values = at;
      const { size, children, tag } = role.abbreviation;
      at = size >= 0 ? at + size : this.#behind(role, values, role.abbreviation.sizes.length);
      if (at > end) throw new DwarfError('it ends in the middle of something');
      if (role.kind !== 0 || role.origin) this.#keep(role, start, values, depth, inFunction > 0);
      if (!children) continue;
      const next = role.next && !nests ? this.#reference(role, role.next, values) : 0;
      if (next > at) at = next;
      else {
        depth++;
        if (tag === Tag.subprogram && inFunction === 0) inFunction = depth;
      }
    }
  }

  #keep(role: Role, start: number, values: number, depth: number, inFunction: boolean): void {
    const { name, kind } = role;
    if (role.origin) {
      const origin = this.#reference(role, role.origin, values);
      if (origin > 0 && kind !== Kind.variable) this.#copy(role, origin, start, values);
      if (origin > 0 && role.completes && !inFunction) this.#completed(origin, depth);
    }
    // Variables of functions have their names for themselves.
    if (kind === Kind.variable && inFunction) return;
    if (name) this.#found.named(role, start, name.form, this.#position(role, name, values), depth > 1);
    if (role.location) this.#placed(role, role.location, start, values);
  }

  #copy(role: Role, origin: number, start: number, values: number): void {
    const { code } = role;
    const isInlined = role.abbreviation.tag === Tag.inlinedSubroutine;
    const [at, told] = code && isInlined ? this.#beginning(role, code, values) : [0, Told.notInlined];
    const high = at > 0 && this.#unit.addressSize === 8 ? this.#u32(at + 4) : 0;
    this.#found.refers(origin, start, at > 0 ? this.#u32(at) : 0, high, told);
  }

  /** Where the address stands at which a copy begins, 0 for none, and how it is to be taken. */
  #beginning(role: Role, { entry, low, high, ranges }: CodePlaces, values: number): [number, number] {
    if (entry && entry.form !== Form.addr) return [0, Told.elsewhere];
    const entryAt = entry ? this.#position(role, entry, values) : 0;
    if (ranges?.form === Form.secOffset) return [entryAt, this.#u32(this.#position(role, ranges, values))];
    if (low?.form !== Form.addr || (high?.form !== Form.data8 && high?.form !== Form.data4)) return [0, Told.elsewhere];
    const size = this.#u32(this.#position(role, high, values));
    if (size === 0) return [0, Told.notInlined];
    const first = this.#position(role, low, values);
    // The entry lies in the code, else it begins with it.
    if (entryAt === 0 || (this.#u32(entryAt) - this.#u32(first)) >>> 0 >= size) return [first, Told.exactly];
    const isNear = this.#unit.addressSize === 4 || this.#u32(entryAt + 4) === this.#u32(first + 4);
    return isNear ? [entryAt, Told.exactly] : [0, Told.elsewhere];
  }

  /** What an entry completes has the name that both are found by. */
  #completed(origin: number, depth: number): void {
    this.#cursor.at = origin;
    const role = this.#roles[this.#cursor.uleb()];
    const values = this.#cursor.at;
    if (role?.name)
      this.#found.named(
        { ...role, once: 0, onceInside: 0 },
        origin,
        role.name.form,
        this.#position(role, role.name, values),
        depth > 1,
      );
  }

  #placed(role: Role, place: Place, start: number, values: number): void {
    const at = this.#position(role, place, values);
    const { addressSize } = this.#unit;
    if (this.#bytes[at] === 1 + addressSize && this.#bytes[at + 1] === addressOpcode)
      this.#found.placed(this.#u32(at + 2), start);
  }

  /** The position in the unit that an attribute refers to; 0 where it leads elsewhere. */
  #reference(role: Role, place: Place, values: number): number {
    const at = this.#position(role, place, values);
    if (place.form === Form.ref4) return this.#u32(at);
    const cursor = this.#cursor;
    cursor.at = at;
    switch (place.form) {
      case Form.ref1:
        return cursor.u8();
      case Form.ref2:
        return cursor.u16();
      case Form.ref8:
        return Number(cursor.u64());
      case Form.refUdata:
        return cursor.uleb();
    }
    return 0;
  }

  #position(role: Role, { behind, index }: Place, values: number): number {
    return behind >= 0 ? values + behind : this.#behind(role, values, index);
  }

  /** Where the first `count` values end. */
  #behind({ abbreviation: { sizes, forms } }: Role, values: number, count: number): number {
    const cursor = this.#cursor;
    let at = values;
    for (let i = 0; i < count; i++) {
      const fixed = sizes[i] ?? 0;
      if (fixed >= 0) at += fixed;
      else if (forms[i] === Form.exprloc && (this.#bytes[at] ?? 0x80) < 0x80) at += 1 + (this.#bytes[at] ?? 0);
      else {
        cursor.at = at;
        skipForm(cursor, forms[i] ?? 0, this.#unit);
        at = cursor.at;
      }
    }
    return at;
  }

  #u32(at: number): number {
    const bytes = this.#bytes;
    const high = (bytes[at + 3] ?? 0) << 24;
    return ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | high) >>> 0;
  }
}
