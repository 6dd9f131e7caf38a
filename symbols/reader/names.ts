// Names as the source has them: the language of a unit, the paths of Rust and C++, the files of declarations.

import { At } from '../dwarf/constants.ts';
import type { Entry } from '../dwarf/entry.ts';
import { LineProgram, lineUnitAt } from '../dwarf/line-unit.ts';
import { isNamespace, type Unit } from '../dwarf/unit.ts';
import type { Guard } from '../guard.ts';
import { joinPath } from '../paths.ts';
import type { DeclaredAt, Language } from '../types.ts';

/** DW_LANG_* (DWARF 5, section 7.12 "Source Languages"). */
const languages: Readonly<Record<number, Language>> = {
  1: 'c',
  2: 'c',
  4: 'c++',
  12: 'c',
  26: 'c++',
  28: 'rust',
  29: 'c',
  33: 'c++',
  43: 'c++',
  44: 'c',
  58: 'c++',
  62: 'c',
  32769: 'assembly', // Mips_Assembler, what GNU as writes
};

export class Names {
  readonly #guard: Guard;
  readonly #files = new WeakMap<Unit, readonly string[]>();
  readonly #languages = new WeakMap<Unit, Language>();

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  languageOf(unit: Unit): Language {
    let language = this.#languages.get(unit);
    if (!language) {
      const number = this.#guard(0, () => unit.root.number(At.language) ?? unit.skeleton?.root.number(At.language));
      language = languages[number ?? 0] ?? 'other';
      this.#languages.set(unit, language);
    }
    return language;
  }

  /** The entry's name, with its path where the language has paths; undefined where it has none. */
  nameOf(entry: Entry): string | undefined {
    const named = entry.whoHas(At.name);
    const name = named?.text(At.name);
    if (!named || !name) return undefined;
    const language = this.languageOf(named.unit);
    if (language === 'c' || language === 'assembly') return name;
    // What is declared in a type and defined outside of it has its path where it is declared.
    const path = named.unit.pathTo(named.at).slice(0, -1).filter(isNamespace);
    return [...path.map((outer) => outer.text(At.name) ?? '(anonymous namespace)'), name].join('::');
  }

  declared(entry: Entry): DeclaredAt | undefined {
    const told = entry.whoHas(At.declLine);
    const line = told?.number(At.declLine);
    if (!told || !line) return undefined;
    const file = this.file(told.unit, entry.whoHas(At.declFile)?.number(At.declFile));
    return file === undefined ? undefined : { file, line, column: told.number(At.declColumn) ?? 0 };
  }

  /** Where an inlined copy's outer function calls it. */
  call(entry: Entry): DeclaredAt | undefined {
    const line = entry.number(At.callLine);
    const file = line ? this.file(entry.unit, entry.number(At.callFile)) : undefined;
    return line && file !== undefined ? { file, line, column: entry.number(At.callColumn) ?? 0 } : undefined;
  }

  /** The path of a unit's file number. */
  file(unit: Unit, number: number | undefined): string | undefined {
    if (number === undefined) return undefined;
    let files = this.#files.get(unit);
    if (!files) {
      files = this.#guard([], () => this.#readFiles(unit));
      this.#files.set(unit, files);
    }
    return files[number] || undefined;
  }

  #readFiles(unit: Unit): string[] {
    const { root } = unit;
    // A split unit's own table has the files of its entries; without one it shares the skeleton's.
    const own = unit.sections.open('.debug_line').size > 0 ? unit : (unit.skeleton ?? unit);
    const offset = own === unit && unit.skeleton ? (root.number(At.stmtList) ?? 0) : own.root.number(At.stmtList);
    if (offset === undefined) return [];
    const program = new LineProgram(lineUnitAt(own.sections.open('.debug_line'), offset), own.sections);
    const { directories, files } = program.files();
    const first = program.header.version >= 5 ? directories[0] : (unit.skeleton ?? unit).root.text(At.compDir);
    const folders = directories.map((directory) => joinPath(first ?? '', directory));
    return files.map(({ name, directory }) => (name === '' ? '' : joinPath(folders[directory] ?? '', name)));
  }
}
