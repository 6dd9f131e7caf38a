// Every source path of the line tables, numbered once, and which line programs name it.

import { At } from './dwarf/constants.ts';
import type { LineProgram, LineUnit } from './dwarf/line-unit.ts';
import type { Units } from './dwarf/units.ts';
import type { Guard } from './guard.ts';
import { joinPath, sharedTail } from './paths.ts';

export class SourceFiles {
  /** By number, in the order of first appearance. */
  readonly paths: string[] = [];
  readonly #all: Units;
  readonly #guard: Guard;
  /** Directory → name → number. */
  readonly #numbers = new Map<string, Map<string, number>>();
  readonly #byPath = new Map<string, number>();
  /** Line program's offset → path numbers by file register. */
  readonly #units = new Map<number, Uint32Array>();
  #directories: Map<number, string> | undefined;

  constructor(units: Units, guard: Guard) {
    this.#all = units;
    this.#guard = guard;
  }

  /** Numbers of a program's paths by file register; the program is opened only when it was not seen before. */
  of(unit: LineUnit, open: () => LineProgram): Uint32Array {
    let numbers = this.#units.get(unit.offset);
    if (!numbers) {
      const program = open();
      const { directories, files } = program.files();
      const first = program.header.version >= 5 ? (directories[0] ?? '') : this.#directoryOf(unit);
      const paths = directories.map((path) => joinPath(first, path));
      numbers = Uint32Array.from(files, ({ directory, name }) => this.#number(paths[directory] ?? '', name));
      this.#units.set(unit.offset, numbers);
    }
    return numbers;
  }

  /** Numbers of the paths that name the same file as `path`: those that share the longest tail with it. */
  matching(path: string): Set<number> {
    const wanted = joinPath(path);
    let best = 1;
    let found = new Set<number>();
    for (const [number, candidate] of this.paths.entries()) {
      const shared = sharedTail(wanted, candidate);
      if (shared > best) found = new Set();
      if (shared >= best) found.add(number);
      best = Math.max(best, shared);
    }
    return found;
  }

  #number(directory: string, name: string): number {
    let names = this.#numbers.get(directory);
    if (!names) {
      names = new Map();
      this.#numbers.set(directory, names);
    }
    let number = names.get(name);
    if (number === undefined) {
      const path = name === '' ? '' : joinPath(directory, name);
      number = this.#byPath.get(path) ?? this.paths.push(path) - 1;
      this.#byPath.set(path, number);
      names.set(name, number);
    }
    return number;
  }

  /** DWARF 2 to 4: the compilation's directory, from the unit that names this line program. */
  #directoryOf(unit: LineUnit): string {
    this.#directories ??= this.#readDirectories();
    return this.#directories.get(unit.offset) ?? '';
  }

  #readDirectories(): Map<number, string> {
    const directories = new Map<number, string>();
    for (const unit of this.#all.all) {
      this.#guard(undefined, () => {
        const offset = unit.root.number(At.stmtList);
        if (offset !== undefined) directories.set(offset, unit.root.text(At.compDir) ?? '');
      });
    }
    return directories;
  }
}
