// Types, variables and functions by name.

import type { VirtAddr } from '../../emulator/address.ts';
import { At, Tag } from '../dwarf/constants.ts';
import type { Entry } from '../dwarf/entry.ts';
import { NameIndex } from '../dwarf/name-index.ts';
import { type Fits, type Found, NameScan, Patterns } from '../dwarf/name-scan.ts';
import { Kind } from '../dwarf/scan-role.ts';
import { isNamespace, type Unit } from '../dwarf/unit.ts';
import type { Units } from '../dwarf/units.ts';
import type { Guard } from '../guard.ts';
import { splitPath } from './c-names.ts';

/** Scans that are kept, with what they found. */
const keptScans = 64;

export class Searching {
  readonly #guard: Guard;
  readonly #units: Units;
  readonly index: NameIndex;
  readonly #contents: (unit: Unit) => Unit;
  readonly #scans = new Map<string, NameScan>();

  readonly #sharedTypes: () => readonly Unit[];

  constructor(guard: Guard, units: Units, contents: (unit: Unit) => Unit, sharedTypes: () => readonly Unit[]) {
    this.#sharedTypes = sharedTypes;
    this.#guard = guard;
    this.#units = units;
    this.index = new NameIndex(units, guard);
    this.#contents = contents;
  }

  /**
   * The entries of that name, those of the unit `near` first, then in the file's order. `name` is the last part of the
   * path, and only entries whose abbreviations fit are told, of the kinds given. Reads on only as far as it is asked.
   */
  *named(name: string, kinds: number, fits: Fits, near?: Unit): Generator<Found> {
    if (near) yield* this.#in(near, name, fits);
    for (const { unit, at, inner } of this.index.named(name, kinds)) {
      const entry = unit === near ? undefined : this.#guard(undefined, () => unit.entryAt(at));
      if (!entry || !fits(entry.abbreviation, unit.nests) || entry.text(At.name) !== name) continue;
      yield { entry, path: inner ? unit.pathTo(entry.at).slice(0, -1) : [] };
    }
    for (const unit of this.index.others) {
      const contents = this.#contents(unit);
      // Beside a split unit are its type units.
      const all = contents === unit ? [unit] : contents.units.all;
      for (const each of all) if (each !== near) yield* this.#in(each, name, fits);
    }
    if ((kinds & (Kind.type | Kind.enumerator)) === 0) return;
    for (const unit of this.#sharedTypes()) if (unit !== near) yield* this.#in(unit, name, fits);
  }

  /** The entries of functions of a name, which may have a path before it. */
  *functions(name: string): Generator<Entry> {
    const { path: wanted, last } = splitPath(name);
    for (const { entry, path } of this.named(last, Kind.function, ({ tag }) => tag === Tag.subprogram)) {
      if (pathText(path).endsWith(wanted)) yield entry;
    }
  }

  /** The same as `named`, of one unit. */
  inUnit(unit: Unit, name: string, fits: Fits): Found[] {
    return [...this.#in(unit, name, fits)];
  }

  /** The entry of the variable that a link address is of. Variables with tables of addresses are found by name alone. */
  variableAt(address: VirtAddr, addressSize: number): Entry | undefined {
    const wanted = new Uint8Array(1 + addressSize);
    wanted[0] = addrOpcode;
    for (let i = 0; i < addressSize; i++) wanted[1 + i] = Number((address >> BigInt(8 * i)) & 0xffn);
    return this.#guard(undefined, () => {
      for (const entry of this.index.placedAt(Number(address & 0xffffffffn))) {
        const place = entry.block(At.location);
        if (place?.length === wanted.length && wanted.every((byte, i) => place[i] === byte)) return entry;
      }
      return undefined;
    });
  }

  /** The entries of the same unit of which an attribute refers to this one. */
  referring(to: Entry, attribute: number): Entry[] {
    return this.#guard([], () => {
      const { unit } = to;
      const bytes = unit.cursor.bytes;
      const pattern = new Patterns([to.at]);
      const found: Entry[] = [];
      for (const at of pattern.all(bytes)) {
        const entry = unit.pathTo(at).at(-1);
        if (entry?.valueAt(attribute) === at) found.push(entry);
      }
      return found;
    });
  }

  /** The code of a function in its unit: the function itself, the copies of it, and what completes a declaration. */
  instances(origin: Entry, depth = 3): Entry[] {
    const found = hasCode(origin) ? [origin] : [];
    const indexed = this.index.copiesOf(origin);
    for (const each of indexed ?? []) {
      if (!each.has(At.specification)) found.push(each);
      else if (depth > 0) found.push(...this.instances(each, depth - 1));
    }
    if (indexed) return found;
    if (origin.flag(At.declaration)) {
      for (const each of this.referring(origin, At.specification)) {
        if (depth > 0) found.push(...this.instances(each, depth - 1));
      }
    } else {
      for (const each of this.referring(origin, At.abstractOrigin)) if (hasCode(each)) found.push(each);
    }
    return found;
  }

  /** The definition of a declared type: of the same kind and name, in whatever unit. */
  definition(declaration: Entry): Entry | undefined {
    const name = declaration.text(At.name);
    if (!name) return undefined;
    const path = pathText(declaration.unit.nests ? declaration.unit.pathTo(declaration.at).slice(0, -1) : []);
    const { tag } = declaration;
    for (const { entry, path: around } of this.named(name, Kind.type, (shape) => shape.tag === tag, declaration.unit)) {
      const isSame = entry.tag === declaration.tag && !entry.flag(At.declaration) && pathText(around) === path;
      if (isSame) return entry;
    }
    return undefined;
  }

  *#in(unit: Unit, name: string, fits: Fits): Generator<Found> {
    const scan = this.#scan(name, unit);
    let found: Found[] = [];
    this.#guard(undefined, () => {
      found = [];
      for (const each of scan.in(unit, fits)) found.push(each);
    });
    yield* found;
  }

  #scan(name: string, unit: Unit): NameScan {
    const isOwn = unit.sections === this.#units.sections;
    const known = isOwn ? this.#scans.get(name) : undefined;
    if (known) return known;
    const scan = new NameScan(name, unit.sections);
    if (isOwn) {
      if (this.#scans.size >= keptScans) this.#scans.clear();
      this.#scans.set(name, scan);
    }
    return scan;
  }
}

const addrOpcode = 0x03;

function hasCode(entry: Entry): boolean {
  const isFunction = entry.tag === Tag.subprogram || entry.tag === Tag.inlinedSubroutine;
  return isFunction && (entry.has(At.lowPc) || entry.has(At.ranges));
}

export function pathText(path: readonly Entry[]): string {
  return path
    .filter(isNamespace)
    .map((entry) => `${entry.text(At.name) ?? ''}::`)
    .join('');
}
