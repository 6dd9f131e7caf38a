// Where the names of a file's functions, variables, types and enumerators are, and the copies of its functions: what
// .debug_names would tell, made by one look at .debug_info. That can be taken bit by bit (ADR 15).

import { findAll } from '../find-all.ts';
import type { Guard } from '../guard.ts';
import { Numbers } from '../numbers.ts';
import { utf8 } from '../utf8.ts';
import type { Abbreviation, Abbreviations } from './abbreviations.ts';
import { UnitType } from './constants.ts';
import { CopyIndex } from './copy-index.ts';
import { Cursor } from './cursor.ts';
import type { Entry } from './entry.ts';
import { Form } from './forms.ts';
import { type Role, roleOf } from './scan-role.ts';
import { namesNest, type Unit } from './unit.ts';
import { hasPlainNames, UnitHead } from './unit-head.ts';
import { type Found, UnitScan } from './unit-scan.ts';
import type { Units } from './units.ts';

/** Names whose places among the strings are kept. */
const keptNames = 64;

/** Of an entry's kind: it is not right below its unit. */
const inner = 0x80;

/** An entry with a name. */
export interface Named {
  readonly unit: Unit;
  /** Its position there. */
  readonly at: number;
  /** Not right below the unit. */
  readonly inner: boolean;
}

/** A name's number is its offset in .debug_str; those of names that are written in their entries begin behind. */
export class NameIndex {
  readonly #units: Units;
  readonly #guard: Guard;
  /** To know how many units there are is a work of its own. */
  #begun = false;
  /** Units still to be looked at begin here. */
  #next = 0;
  #nests = false;
  #buffer = new Uint8Array(0);
  /** Bytes of .debug_str. */
  readonly #strings: number;
  readonly #roles = new Map<Abbreviation, Role>();
  readonly #others: Unit[] = [];
  /** Of each entry with a name: the name's number, its unit's, its position there, its kind. */
  readonly #names = new Numbers();
  readonly #unitOf = new Numbers();
  readonly #at = new Numbers();
  readonly #kinds = new Numbers();
  readonly #copies = new CopyIndex();
  readonly #numbers = new Map<Unit, number>();
  /** Copies of units that were asked for before they were looked at; false where they are none of ours. */
  readonly #own = new WeakMap<Unit, CopyIndex | false>();
  /** Of each variable at an address: its low 32 bits, the unit's number, the position. */
  readonly #placed = { low: new Numbers(), unit: new Numbers(), at: new Numbers() };
  /** By a name's number: what of it is kept already, see Role.once. */
  #seen: Uint16Array | undefined;
  /** Bytes of names that are written in entries, a character each. */
  readonly #inline = new Map<string, number>();
  readonly #offsets = new Map<string, ReadonlySet<number>>();

  constructor(units: Units, guard: Guard) {
    this.#units = units;
    this.#guard = guard;
    this.#strings = guard(0, () => units.sections.open('.debug_str').size);
  }

  /** Whether all units have been looked at. */
  get complete(): boolean {
    return this.#begun && this.#next >= this.#units.all.length;
  }

  /** Units whose names are in tables or files of their own; all of them once the index is complete. */
  get others(): readonly Unit[] {
    return this.#others;
  }

  /** Looks at so many more bytes of .debug_info, or a few more; whether the index is complete then. */
  advance(bytes: number): boolean {
    this.#begun = true;
    const { all } = this.#units;
    for (let looked = 0; looked < bytes && this.#next < all.length; this.#next++) {
      const unit = all[this.#next];
      if (!unit) continue;
      this.#copies.beginUnit();
      this.#numbers.set(unit, this.#next);
      this.#guard(undefined, () => this.#look(unit));
      looked += unit.size;
    }
    if (this.complete) this.#buffer = new Uint8Array(0);
    return this.complete;
  }

  /** Where the entries of one of the kinds and of that name are, in the file's order. Looks on only as far as it is asked. */
  *named(name: string, kinds: number): Generator<Named> {
    const inText = this.#offsetsOf(name);
    const bytes = String.fromCharCode(...utf8(name));
    for (let i = 0; ; i++) {
      while (i >= this.#names.length) if (this.complete || this.advance(stride)) break;
      if (i >= this.#names.length) return;
      const number = this.#names.at(i);
      if (!inText.has(number) && this.#inline.get(bytes) !== number) continue;
      const kind = this.#kinds.at(i);
      const unit = this.#units.all[this.#unitOf.at(i)];
      if (unit && (kind & kinds) !== 0) yield { unit, at: this.#at.at(i), inner: (kind & inner) !== 0 };
    }
  }

  /** The copies and completions of an entry in its unit that have code; undefined where the unit is one of `others`. */
  copiesOf({ unit, at }: Entry): Entry[] | undefined {
    const [copies, number] = this.#copiesIn(unit) ?? [];
    if (!copies) return undefined;
    return [...copies.of(number ?? 0, at)].flatMap((copy) => unit.entryAt(copies.positionOf(copy)) ?? []);
  }

  /** Where the inlined copies of a function of C begin; undefined where their entries must be asked. */
  beginnings({ unit, at }: Pick<Named, 'unit' | 'at'>): bigint[] | undefined {
    const [copies, number] = this.#copiesIn(unit) ?? [];
    if (!copies || number === undefined) return undefined;
    const found: bigint[] = [];
    // What completes a declaration is what the copies are copies of.
    const origins = [at];
    for (let origin = origins.pop(); origin !== undefined; origin = origins.pop()) {
      for (const copy of copies.of(number, origin)) {
        if (!copies.isInlined(copy)) {
          if (origin === at) origins.push(copies.positionOf(copy));
          continue;
        }
        const address = this.#guard(null, () => copies.beginning(unit, copy));
        if (address === undefined) return undefined;
        if (address !== null) found.push(address);
      }
    }
    return found;
  }

  /** The index of a unit's copies, and the unit's number there: for a unit that was not looked at yet, one of its own. */
  #copiesIn(unit: Unit): readonly [CopyIndex, number] | undefined {
    if (this.#others.includes(unit)) return undefined;
    const number = this.#numbers.get(unit);
    if (number !== undefined) return [this.#copies, number];
    let own = this.#own.get(unit);
    if (own === undefined) {
      const copies = new CopyIndex();
      copies.beginUnit();
      own = this.#guard(false, () => this.#scan(unit, () => foundCopies(copies))) && copies;
      this.#own.set(unit, own);
    }
    return own ? [own, 0] : undefined;
  }

  /** Variables whose link addresses have these low 32 bits. */
  *placedAt(low: number): Generator<Entry> {
    const { low: addresses, unit, at } = this.#placed;
    for (let i = 0; ; i++) {
      while (i >= addresses.length) if (this.complete || this.advance(stride)) break;
      if (i >= addresses.length) return;
      if (addresses.at(i) !== low) continue;
      const entry = this.#guard(undefined, () => this.#units.all[unit.at(i)]?.entryAt(at.at(i)));
      if (entry) yield entry;
    }
  }

  #look(unit: Unit): void {
    const isPlain = this.#scan(unit, (nests) => {
      this.#nests = nests;
      return this.#found;
    });
    if (!isPlain) this.#others.push(unit);
  }

  /** Whether the unit's names are in its entries or at plain offsets; only then is it gone through. */
  #scan(unit: Unit, found: (nests: boolean) => Found): boolean {
    // Units of other files, which split debug information has, are nobody's whose numbers are here.
    if (unit.units !== this.#units || unit.header.type === UnitType.skeleton) return false;
    const bytes = this.#read(unit);
    const table = this.#units.abbreviations(unit.header.abbrevOffset, unit);
    const roles = this.#rolesOf(table);
    const root = roles[rootCode(unit, bytes)];
    if (!root || !hasPlainNames(root, roles)) return false;
    const head = new UnitHead(unit, bytes, root);
    unit.baseAddress = head.lowPc;
    const nests = namesNest(head.language, table);
    new UnitScan(unit, bytes, roles, found(nests)).run(nests);
    return true;
  }

  readonly #found: Found = {
    named: (role, at, form, nameAt, isInside) => {
      const number = this.#numberOf(form, nameAt);
      if (number === undefined) return;
      const once = isInside && !this.#nests ? role.onceInside : role.once;
      if (once !== 0 && !this.#nests && !this.#isFirst(number, once)) return;
      this.#names.push(number);
      this.#unitOf.push(this.#next);
      this.#at.push(at);
      this.#kinds.push(role.kind | (isInside ? inner : 0));
    },
    refers: foundCopies(this.#copies).refers,
    placed: (low, at) => {
      this.#placed.low.push(low);
      this.#placed.unit.push(this.#next);
      this.#placed.at.push(at);
    },
  };

  #numberOf(form: number, at: number): number | undefined {
    const bytes = this.#buffer;
    const size = this.#strings;
    if (form === Form.strp) {
      const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
      const offset = (low | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
      return offset < size ? offset : undefined;
    }
    let text = '';
    for (let byte = bytes[at] ?? 0; byte !== 0; byte = bytes[++at] ?? 0) text += String.fromCharCode(byte);
    let number = this.#inline.get(text);
    if (number === undefined) {
      number = size + this.#inline.size;
      this.#inline.set(text, number);
    }
    return number;
  }

  #isFirst(number: number, bit: number): boolean {
    this.#seen ??= new Uint16Array(this.#strings + 1024);
    if (number >= this.#seen.length) {
      const larger = new Uint16Array(2 * number);
      larger.set(this.#seen);
      this.#seen = larger;
    }
    if (((this.#seen[number] ?? 0) & bit) !== 0) return false;
    this.#seen[number] = (this.#seen[number] ?? 0) | bit;
    return true;
  }

  #read(unit: Unit): Uint8Array {
    const { section, offset, size } = unit.header;
    if (size > this.#buffer.length) this.#buffer = new Uint8Array(Math.max(size, leastBuffer));
    const bytes = this.#buffer.subarray(0, size);
    this.#units.sections.open(section).readInto(offset, bytes);
    return bytes;
  }

  /** By abbreviation code; codes that are too high to be a compiler's are left out. */
  #rolesOf(table: Abbreviations): (Role | undefined)[] {
    const roles: (Role | undefined)[] = [];
    for (const [code, abbreviation] of table) {
      let role = this.#roles.get(abbreviation);
      if (!role) {
        role = roleOf(abbreviation);
        this.#roles.set(abbreviation, role);
      }
      if (code < highestCode) roles[code] = role;
    }
    return roles;
  }

  /** Where the name begins in .debug_str: linkers let a name be the tail of another. */
  #offsetsOf(name: string): ReadonlySet<number> {
    let offsets = this.#offsets.get(name);
    if (!offsets) {
      const found = new Set<number>();
      findAll(this.#units.sections.bytes('.debug_str'), utf8(`${name}\0`), (at) => void found.add(at));
      offsets = found;
      if (this.#offsets.size >= keptNames) this.#offsets.clear();
      this.#offsets.set(name, offsets);
    }
    return offsets;
  }
}

function foundCopies(copies: CopyIndex): Found {
  return {
    named: () => {},
    placed: () => {},
    refers: (origin, at, low, high, told) => copies.add(origin, at, low, high, told),
  };
}

function rootCode(unit: Unit, bytes: Uint8Array): number {
  return new Cursor(bytes, unit.header.headerSize).uleb();
}

/** Bytes that are looked at in one go when somebody waits for a name. */
const stride = 4 << 20;
const leastBuffer = 1 << 20;
const highestCode = 1 << 20;
