// The copies of functions by name: those that have symbols, and those that were inlined into others.

import { type VirtAddr, virt } from '../../emulator/address.ts';
import { At } from '../dwarf/constants.ts';
import type { Entry } from '../dwarf/entry.ts';
import { Kind } from '../dwarf/scan-role.ts';
import type { Guard } from '../guard.ts';
import type { FunctionCopy } from '../program.ts';
import type { ElfSymbol } from '../symbol-index.ts';
import { splitPath } from './c-names.ts';
import type { FunctionReader } from './function-reader.ts';
import type { Searching } from './searching.ts';

/** Bytes of debug information that are indexed in some milliseconds. */
const aMoment = 1 << 20;

/** The entries with the code of the symbols of a name, and of what a compiler made of them. */
type WithSymbols = (name: string) => readonly { readonly symbol: ElfSymbol; readonly entry: Entry }[];

export class Copies {
  readonly #guard: Guard;
  readonly #searching: Searching;
  readonly #functions: FunctionReader;
  readonly #withSymbols: WithSymbols;

  constructor(guard: Guard, searching: Searching, functions: FunctionReader, withSymbols: WithSymbols) {
    this.#guard = guard;
    this.#searching = searching;
    this.#functions = functions;
    this.#withSymbols = withSymbols;
  }

  /** See DebugInfo.copiesOf. */
  of(name: string): readonly FunctionCopy[] {
    return this.#guard([], () => {
      const entries = new Map<string, Entry>();
      const add = (entry: Entry) => entries.set(`${entry.unit.offset} ${entry.at}`, entry);
      const { own, everywhere } = this.#copied(name);
      for (const entry of own) {
        add(entry);
        const origin = [...entry.origins()].at(-1);
        if (origin) for (const each of this.#searching.instances(origin)) add(each);
      }
      if (everywhere)
        for (const entry of this.#searching.functions(name))
          for (const each of this.#searching.instances(entry)) add(each);
      // Entries are read unit by unit; in the order of addresses units would be read again and again.
      const copies = [...entries.values()].flatMap((each) => {
        const copy = this.#guard(undefined, () => this.#functions.copy(each));
        return copy ? [{ copy, entry: copy.entry }] : [];
      });
      return copies.sort((a, b) => (a.entry < b.entry ? -1 : 1)).map(({ copy }) => copy);
    });
  }

  /** See DebugInfo.inlinedAt. */
  inlinedAt(name: string): readonly VirtAddr[] {
    const told = this.#guard(undefined, () => this.#beginnings(name));
    // A function inlined in itself may begin where its copy does.
    return told ?? [...new Set(this.of(name).flatMap(({ inlined, entry }) => (inlined ? [entry] : [])))];
  }

  /** By the index alone; undefined where functions of that name have to be read. */
  #beginnings(name: string): VirtAddr[] | undefined {
    const { index } = this.#searching;
    if (splitPath(name).path !== '') return undefined;
    const { own, everywhere } = this.#copied(name);
    const origins = everywhere
      ? index.named(name, Kind.function)
      : own.flatMap((entry) => [...entry.origins()].slice(-1));
    const found = new Set<bigint>();
    for (const origin of origins) {
      // What is right below the units of C has its copies in them; others may be completed by other entries.
      const isPlain = 'inner' in origin ? !origin.inner : !origin.unit.nests && !origin.flag(At.declaration);
      const addresses = isPlain ? index.beginnings(origin) : undefined;
      if (!addresses) return undefined;
      for (const address of addresses) found.add(address);
    }
    if (everywhere && index.others.length > 0) return undefined;
    return [...found].sort((a, b) => (a < b ? -1 : 1)).map(virt);
  }

  /** See DebugInfo.mayHaveMoreCopies. */
  mayBeMore(name: string): boolean {
    // What takes a moment is not worth an answer of its own.
    const { index } = this.#searching;
    return this.#guard(false, () => !index.complete && this.#copied(name).everywhere && !index.advance(aMoment));
  }

  /** Functions of that name by their symbols, and whether any unit may have copies of them. */
  #copied(name: string): { readonly own: readonly Entry[]; readonly everywhere: boolean } {
    const own: Entry[] = [];
    let everywhere = true;
    for (const { symbol, entry } of this.#withSymbols(name)) {
      own.push(entry);
      everywhere &&= !this.#isAtHome(entry, symbol);
    }
    return { own, everywhere };
  }

  /** Whether no other unit can have copies of it: C's external functions, and static ones of a source file. */
  #isAtHome(entry: Entry, symbol: ElfSymbol): boolean {
    const told = this.#functions.function(entry);
    if (told.unit.language !== 'c') return false;
    return symbol.global || told.declared?.file === told.unit.name;
  }
}
