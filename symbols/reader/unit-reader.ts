// Compilation units as a user knows them, and the one that has the code at an address.

import { type AddressRange, AddressRanges, within } from '../address-ranges.ts';
import { readAranges } from '../dwarf/aranges.ts';
import { At } from '../dwarf/constants.ts';
import { spansOf } from '../dwarf/ranges.ts';
import type { Unit } from '../dwarf/unit.ts';
import type { Units } from '../dwarf/units.ts';
import type { Guard } from '../guard.ts';
import { joinPath } from '../paths.ts';
import type { CompilationUnit } from '../program.ts';
import type { Names } from './names.ts';

export class UnitReader {
  readonly #units: Units;
  readonly #guard: Guard;
  readonly #names: Names;
  readonly #told = new WeakMap<Unit, CompilationUnit>();
  #aranges: AddressRanges | undefined;
  /** Ranges of the units that .debug_aranges does not name. */
  #others: AddressRanges | undefined;

  constructor(units: Units, guard: Guard, names: Names) {
    this.#units = units;
    this.#guard = guard;
    this.#names = names;
  }

  unit(unit: Unit): CompilationUnit {
    const own = unit.skeleton ?? unit;
    let told = this.#told.get(own);
    if (!told) {
      told = new ReadUnit(unit, this.#guard, this.#names);
      this.#told.set(own, told);
    }
    return told;
  }

  /** The unit that has the code at an address, else the one with the first code behind it that begins before `end`. */
  at(address: bigint, end = address + 1n): Unit | undefined {
    // What .debug_aranges does not name is only looked for where that has nothing: it takes a look at every unit.
    const found = within(this.#named(), address, end) ?? within(this.#unnamed(), address, end);
    return found && this.#units.beginning(found.id);
  }

  #named(): AddressRanges {
    this.#aranges ??= this.#guard(new AddressRanges([]), () => new AddressRanges(readAranges(this.#units.sections)));
    return this.#aranges;
  }

  #unnamed(): AddressRanges {
    if (this.#others) return this.#others;
    const named = this.#named().ids();
    const found: AddressRange[] = [];
    for (const unit of this.#units.all) {
      if (!unit.compiles || named.has(unit.offset)) continue;
      this.#guard(undefined, () => {
        for (const { start, end } of spansOf(unit.root)) {
          found.push({ start, size: Number(end - start), id: unit.offset });
        }
      });
    }
    this.#others = new AddressRanges(found);
    return this.#others;
  }
}

class ReadUnit implements CompilationUnit {
  readonly #unit: Unit;
  readonly #guard: Guard;
  readonly #names: Names;

  constructor(unit: Unit, guard: Guard, names: Names) {
    this.#unit = unit;
    this.#guard = guard;
    this.#names = names;
  }

  get name(): string {
    return joinPath(this.directory, this.#text(At.name));
  }

  get directory(): string {
    return this.#text(At.compDir);
  }

  get producer(): string {
    return this.#text(At.producer);
  }

  get language() {
    return this.#names.languageOf(this.#unit);
  }

  get dwarfVersion(): number {
    return this.#unit.version;
  }

  #text(attribute: number): string {
    const { skeleton } = this.#unit;
    return this.#guard('', () => this.#unit.root.text(attribute) ?? skeleton?.root.text(attribute) ?? '');
  }
}
