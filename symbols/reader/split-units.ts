// Split debug information: a skeleton in the program, the rest in a .dwo file that it names, or in a package beside the
// program (DWARF 5, section 7.3.2 "Split DWARF Object Files" and 7.3.5 "DWARF Package Files").

import { type ByteSource, type Elf, openElf } from '../../emulator/loader/index.ts';
import { UserError } from '../../emulator/user-error.ts';
import { At, UnitType } from '../dwarf/constants.ts';
import { Cursor, DwarfError } from '../dwarf/cursor.ts';
import { DebugSections, type Inflate } from '../dwarf/sections.ts';
import type { Unit } from '../dwarf/unit.ts';
import { Units } from '../dwarf/units.ts';
import type { Guard } from '../guard.ts';
import { isAbsolute, joinPath } from '../paths.ts';

/** Opens a file that the program names, seen from its own folder; undefined where there is none. */
export type OpenCompanion = (path: string) => ByteSource | undefined;

/** Sections of a package by the number that its index gives them, before DWARF 5 and since. */
const oldSections = ['', 'info', 'types', 'abbrev', 'line', 'loc', 'str_offsets'];
const newSections = ['', 'info', '', 'abbrev', 'line', 'loclists', 'str_offsets', '', 'rnglists'];

export class SplitUnits {
  readonly #guard: Guard;
  readonly #open: OpenCompanion;
  /** The program's own name, without folders: its package is called so, with `.dwp`. */
  readonly #program: string;
  readonly #inflate: Inflate | undefined;
  readonly #contents = new WeakMap<Unit, Unit>();
  #package: Elf | undefined;
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
      const found = this.#unitOf(sections, unit, id);
      if (found) return found;
      throw new DwarfError(`${path} is of another build: build the program again`);
    }
    throw new DwarfError(
      `the split debug information ${name} is missing: keep the .dwo files, or put a .dwp beside the program`,
    );
  }

  #unitOf(sections: DebugSections, skeleton: Unit, id: bigint): Unit | undefined {
    return new Units(sections, this.#guard, skeleton).all.find(({ header, root }) => {
      if (header.type === UnitType.splitCompile) return header.id === id;
      return header.type === UnitType.compile && root.constant(At.gnuDwoId) === id;
    });
  }

  #packaged(skeleton: Unit, id: bigint): Unit | undefined {
    if (!this.#sought) {
      this.#sought = true;
      const source = this.#open(`${this.#program}.dwp`);
      this.#package = source && object(source);
    }
    if (!this.#package) return undefined;
    const whole = new DebugSections(this.#package, { inflate: this.#inflate });
    const parts = partsOf(whole.bytes('.debug_cu_index'), id);
    if (!parts) return undefined;
    // A type unit is a contribution of its own: all of them stay in reach, beside the one compilation unit.
    return this.#unitOf(
      new DebugSections(this.#package, { inflate: this.#inflate, suffix: '.dwo', parts }),
      skeleton,
      id,
    );
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

/** Where the sections of a package have the parts of one unit, by its id; undefined where it has none. */
function partsOf(index: Uint8Array, id: bigint): Map<string, { offset: number; size: number }> | undefined {
  const cursor = new Cursor(index);
  if (cursor.atEnd) return undefined;
  const version = cursor.u32() & 0xffff;
  const names = version >= 5 ? newSections : oldSections;
  const [columns, units, slots] = [cursor.u32(), cursor.u32(), cursor.u32()];
  const rows = 16 + 12 * slots;
  if (rows + 4 * columns * (1 + 2 * units) > index.length) throw new DwarfError('the index of a package is damaged');
  for (let slot = 0; slot < slots; slot++) {
    cursor.at = 16 + 8 * slot;
    if (cursor.u64() !== id) continue;
    cursor.at = 16 + 8 * slots + 4 * slot;
    const row = cursor.u32();
    if (row === 0 || row > units) continue;
    const parts = new Map<string, { offset: number; size: number }>();
    for (let column = 0; column < columns; column++) {
      const word = (at: number) => {
        cursor.at = at;
        return cursor.u32();
      };
      const name = names[word(rows + 4 * column)];
      const offset = word(rows + 4 * (row * columns + column));
      const size = word(rows + 4 * ((units + row) * columns + column));
      if (name) parts.set(`.debug_${name}`, { offset, size });
    }
    return parts;
  }
  return undefined;
}
