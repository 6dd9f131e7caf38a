// Split debug information: a skeleton in the program, the rest in a .dwo file that it names, or in a package beside the
// program (DWARF 5, section 7.3.2 "Split DWARF Object Files" and 7.3.5 "DWARF Package Files").

import { type ByteSource, type Elf, openElf } from '../../emulator/loader/index.ts';
import { UserError } from '../../emulator/user-error.ts';
import { At, UnitType } from '../dwarf/constants.ts';
import { DwarfError } from '../dwarf/cursor.ts';
import type { Entry } from '../dwarf/entry.ts';
import { DebugSections, type Inflate } from '../dwarf/sections.ts';
import type { Unit } from '../dwarf/unit.ts';
import { Units } from '../dwarf/units.ts';
import type { Guard } from '../guard.ts';
import { isAbsolute, joinPath } from '../paths.ts';
import { Package } from './package.ts';

/** Opens a file that the program names, seen from its own folder; undefined where there is none. */
export type OpenCompanion = (path: string) => ByteSource | undefined;

export class SplitUnits {
  readonly #guard: Guard;
  readonly #open: OpenCompanion;
  /** The program's own name, without folders: its package is called so, with `.dwp`. */
  readonly #program: string;
  readonly #inflate: Inflate | undefined;
  readonly #contents = new WeakMap<Unit, Unit>();
  #package: Package | undefined;
  /** A unit that the types of the package may ask for what the program alone has. */
  #skeleton: Unit | undefined;
  readonly #typeUnits = new Map<bigint, Unit | null>();
  #sought = false;

  constructor(guard: Guard, open: OpenCompanion, program: string, inflate: Inflate | undefined) {
    this.#guard = guard;
    this.#open = open;
    this.#program = program.split(/[\\/]/).at(-1) ?? program;
    this.#inflate = inflate;
  }

  /** What a unit's entries are in: the split unit of a skeleton where its file is there, else the unit itself. */
  contents(unit: Unit): Unit {
    let contents = this.#contents.get(unit);
    if (!contents) {
      contents = this.#guard(undefined, () => this.#find(unit)) ?? unit;
      this.#contents.set(unit, contents);
    }
    return contents;
  }

  #find(unit: Unit): Unit | undefined {
    // Only roots that name a file are skeletons: before DWARF 5 their header does not tell.
    if (unit.version >= 5 ? unit.header.type !== UnitType.skeleton : !unit.root.has(At.gnuDwoName)) return undefined;
    const name = unit.root.text(At.dwoName) ?? unit.root.text(At.gnuDwoName);
    const id = unit.header.id ?? unit.root.constant(At.gnuDwoId);
    if (name === undefined || id === undefined) return undefined;
    const packaged = this.#packaged(unit, id);
    if (packaged) return packaged;
    const folder = unit.root.text(At.compDir) ?? '';
    const paths = new Set([isAbsolute(name) ? name : joinPath(folder, name), name, name.split('/').at(-1) ?? name]);
    for (const path of paths) {
      const source = this.#open(path);
      if (!source) continue;
      const sections = new DebugSections(object(source), { inflate: this.#inflate, suffix: '.dwo' });
      const found = this.#unitOf(new Units(sections, this.#guard, unit), id);
      if (found) return found;
      throw new DwarfError(`${path} is of another build: build the program again`);
    }
    throw new DwarfError(
      `the split debug information ${name} is missing: keep the .dwo files, or put a .dwp beside the program`,
    );
  }

  /** The units of types that those of a package share. */
  sharedTypes(): readonly Unit[] {
    const signatures = this.#guard([], () => this.#package?.typeSignatures() ?? []);
    return signatures.flatMap((signature) => this.#typeUnit(signature) ?? []);
  }

  #unitOf(units: Units, id: bigint): Unit | undefined {
    return units.all.find(({ header, root }) => {
      if (header.type === UnitType.splitCompile) return header.id === id;
      return header.type === UnitType.compile && root.constant(At.gnuDwoId) === id;
    });
  }

  #packaged(skeleton: Unit, id: bigint): Unit | undefined {
    if (!this.#sought) {
      this.#sought = true;
      const source = this.#open(`${this.#program}.dwp`);
      this.#package = source && new Package(object(source), this.#inflate);
    }
    const sections = this.#package?.sectionsOf(id);
    if (!sections) return undefined;
    this.#skeleton ??= skeleton;
    return this.#unitOf(new Units(sections, this.#guard, skeleton, (signature) => this.#typeOf(signature)), id);
  }

  #typeOf(signature: bigint): Entry | undefined {
    const unit = this.#typeUnit(signature);
    return unit?.entryAt(unit.header.typeAt);
  }

  /** A unit of a type is in the package once, and has parts of its own, whichever unit it came with. */
  #typeUnit(signature: bigint): Unit | undefined {
    let found = this.#typeUnits.get(signature);
    if (found === undefined) {
      const sections = this.#guard(undefined, () => this.#package?.typeSectionsOf(signature));
      const units = sections && new Units(sections, this.#guard, this.#skeleton, (other) => this.#typeOf(other));
      found = units?.all.find(({ header }) => header.id === signature) ?? null;
      this.#typeUnits.set(signature, found);
    }
    return found ?? undefined;
  }
}

function object(source: ByteSource): Elf {
  try {
    return openElf(source, { objects: true });
  } catch (error) {
    if (error instanceof UserError) throw new DwarfError(error.message);
    throw error;
  }
}
