// The symbols of an ELF by address and by name, kept as one array of row numbers.

import { type VirtAddr, virt } from '../emulator/address.ts';
import {
  type ElfSection,
  type ElfSymbols,
  SectionFlag,
  SectionIndex,
  SymbolBinding,
  SymbolType,
} from '../emulator/loader/index.ts';
import { findAll } from './find-all.ts';
import { orderByAddress } from './order.ts';
import { mayBeRust, rustName } from './rust-names.ts';
import { utf8 } from './utf8.ts';

/** A symbol of the symbol table. */
export interface ElfSymbol {
  /** As the source has it where it is Rust's (`core::fmt::write`), else as the linker has it. */
  readonly name: string;
  /** Link address. */
  readonly value: VirtAddr;
  /** In bytes; 0 where the table does not say. */
  readonly size: number;
  readonly kind: 'function' | 'object' | 'label';
  /** False for symbols that only their own file sees (`static`). */
  readonly global: boolean;
}

/** A symbol, and how far behind its start an address is. */
export interface SymbolOffset extends ElfSymbol {
  readonly offset: number;
}

/** How many symbols before an address are looked at for one that spans it: labels inside a function are fewer. */
const reach = 256;
const underscores = utf8('__');
const manglings = [utf8('_R'), utf8('_ZN')];

/** How many names a completion looks at before it sorts and cuts. */
const completions = 4096;

export class SymbolIndex {
  readonly #symbols: ElfSymbols;
  readonly #sections: readonly ElfSection[];
  #ordered: Uint32Array | undefined;
  #rust: ReadonlyMap<number, string> | undefined;
  readonly #found = new Map<string, readonly ElfSymbol[]>();

  constructor(symbols: ElfSymbols, sections: readonly ElfSection[]) {
    this.#symbols = symbols;
    this.#sections = sections;
  }

  /** Rows of the symbols that have an address and a name worth showing, ascending by value. */
  get #rows(): Uint32Array {
    if (!this.#ordered) {
      const symbols = this.#symbols;
      const kept = new Uint32Array(symbols.count);
      let count = 0;
      for (let row = 0; row < symbols.count; row++) if (this.#worthShowing(row)) kept[count++] = row;
      this.#ordered = orderByAddress(
        kept.subarray(0, count),
        (row) => symbols.low(row),
        (row) => symbols.high(row),
      );
    }
    return this.#ordered;
  }

  /** Whether there is a symbol that can be found. */
  get any(): boolean {
    const { count } = this.#symbols;
    for (let row = 0; row < count; row++) if (this.#worthShowing(row)) return true;
    return false;
  }

  /** How many symbols can be found. */
  get count(): number {
    return this.#rows.length;
  }

  /**
   * The symbol that `va` belongs to: the function or object that spans it, else the nearest label before it in the same
   * section. Undefined between symbols and outside of sections.
   */
  at(va: VirtAddr): SymbolOffset | undefined {
    const section = this.#sectionOf(va);
    if (!section) return undefined;
    const nearest = this.#lastAtOrBefore(va);
    let label: number | undefined;
    for (let i = nearest, end = Math.max(-1, nearest - reach); i > end; ) {
      const { row, before } = this.#bestOfEqual(i);
      const value = this.#symbols.value(row);
      if (value < section.va) break;
      const size = this.#symbols.size(row);
      // Without a size a symbol reaches to the next one.
      const spans = size > 0 ? Number(va - value) < size : i === nearest;
      const isLabel = this.#symbols.type(row) === SymbolType.none;
      if (spans && !isLabel) return this.#offset(row, va);
      if (spans) label ??= row;
      // A label in a function does not reach out of it.
      else if (!isLabel && label !== undefined && Number(this.#symbols.value(label) - value) < size) label = undefined;
      i = before;
    }
    return label === undefined ? undefined : this.#offset(label, va);
  }

  /** As `at`, but past the labels that only their own file sees: `handle_exception` rather than a branch's target in it. */
  around(va: VirtAddr): SymbolOffset | undefined {
    const section = this.#sectionOf(va);
    const nearest = this.#lastAtOrBefore(va);
    for (let i = nearest, end = Math.max(-1, nearest - reach); section && i > end; ) {
      const { row, before } = this.#bestOfEqual(i);
      const value = this.#symbols.value(row);
      if (value < section.va) break;
      const isLabel = this.#symbols.type(row) === SymbolType.none;
      if (!isLabel || this.#symbols.binding(row) !== SymbolBinding.local) {
        const size = this.#symbols.size(row);
        return size === 0 || Number(va - value) < size ? this.#offset(row, va) : undefined;
      }
      i = before;
    }
    return undefined;
  }

  /** All symbols of that name, Rust's also as the linker has it: `static` functions of several files may share one. */
  named(name: string): ElfSymbol[] {
    const found = this.#spelled(`${name}\0`);
    // Every path of Rust begins with a crate.
    if (name.includes('::')) for (const [row, path] of this.#paths) if (path === name) found.push(this.#symbol(row));
    return found.sort((a, b) => Number(b.global) - Number(a.global));
  }

  /** Parts and variants that a compiler made of a function: `name.part.0`, `name.isra.0`, `name.constprop.0`. */
  clonesOf(name: string): ElfSymbol[] {
    return this.#spelled(`${name}.`).filter(({ kind }) => kind === 'function');
  }

  /** Symbols whose names begin so, ascending by value. The names are sought, not the rows: they are fewer bytes. */
  #spelled(beginning: string): ElfSymbol[] {
    let found = this.#found.get(beginning);
    if (!found) {
      found = this.#seek(beginning);
      if (this.#found.size >= keptAnswers) this.#found.clear();
      this.#found.set(beginning, found);
    }
    return [...found];
  }

  #seek(beginning: string): ElfSymbol[] {
    const { count, strings } = this.#symbols;
    const offsets = new Set<number>();
    findAll(strings, utf8(beginning), (at) => offsets.add(at));
    const found: ElfSymbol[] = [];
    if (offsets.size === 0) return found;
    for (let row = 0; row < count; row++) {
      if (offsets.has(this.#symbols.name(row)) && this.#worthShowing(row)) found.push(this.#symbol(row));
    }
    return found.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
  }

  /** Names that begin with `prefix`, sorted, at most `limit`; of a great many matches only some. */
  complete(prefix: string, limit: number): string[] {
    const wanted = utf8(prefix);
    const names = new Set<string>();
    for (const row of this.#rows) {
      if (!this.#begins(row, wanted)) continue;
      if (mayBeRust(prefix) || !this.#paths.has(row)) names.add(this.#symbols.text(row));
      if (names.size >= completions) break;
    }
    for (const path of this.#paths.values()) if (path.startsWith(prefix)) names.add(path);
    return [...names].sort().slice(0, limit);
  }

  /** The paths of Rust's symbols by row, read from their names when a path is first asked for. */
  get #paths(): ReadonlyMap<number, string> {
    if (!this.#rust) {
      const paths = new Map<number, string>();
      for (const row of this.#rows) {
        const path = manglings.some((letters) => this.#begins(row, letters)) && rustName(this.#symbols.text(row));
        if (path) paths.set(row, path);
      }
      this.#rust = paths;
    }
    return this.#rust;
  }

  #worthShowing(row: number): boolean {
    const type = this.#symbols.type(row);
    const section = this.#symbols.section(row);
    if (type === SymbolType.section || type === SymbolType.file || type === SymbolType.tls) return false;
    if (section === SectionIndex.undefined || (section === SectionIndex.absolute && type === SymbolType.none))
      return false;
    return isName(this.#symbols.strings, this.#symbols.name(row));
  }

  /** Of the symbols with the value of the one at `i`: the best to show, and the position before them all. */
  #bestOfEqual(i: number): { row: number; before: number } {
    const { low, high, rank } = this.#keys(i);
    let [row, best, before] = [this.#rows[i] ?? 0, rank, i - 1];
    while (before >= 0) {
      const other = this.#keys(before);
      if (other.low !== low || other.high !== high) break;
      // Of equals the first in the table.
      if (other.rank >= best) [row, best] = [this.#rows[before] ?? 0, other.rank];
      before--;
    }
    return { row, before };
  }

  #keys(i: number) {
    const row = this.#rows[i] ?? 0;
    const binding = this.#symbols.binding(row);
    const named = this.#symbols.type(row) === SymbolType.none ? 0 : 8;
    const shared = binding === SymbolBinding.global ? 4 : binding === SymbolBinding.weak ? 2 : 0;
    const sized = this.#symbols.size(row) > 0 ? 1 : 0;
    // Linker scripts mark the ends of sections with names like __text_start; the code's own name says more.
    const own = this.#begins(row, underscores) ? 0 : 0.5;
    const rank = named + shared + sized + own;
    return { low: this.#symbols.low(row), high: this.#symbols.high(row), rank };
  }

  #sectionOf(va: VirtAddr): ElfSection | undefined {
    return this.#sections.find(
      ({ flags, va: start, size }) => (flags & SectionFlag.alloc) !== 0 && va >= start && va - start < BigInt(size),
    );
  }

  #lastAtOrBefore(va: VirtAddr): number {
    const high = Number(va >> 32n);
    const low = Number(va & 0xffffffffn);
    let [from, to] = [0, this.#rows.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const row = this.#rows[middle] ?? 0;
      const rowHigh = this.#symbols.high(row);
      if (rowHigh < high || (rowHigh === high && this.#symbols.low(row) <= low)) from = middle + 1;
      else to = middle;
    }
    return from - 1;
  }

  #begins(row: number, wanted: Uint8Array): boolean {
    const { strings } = this.#symbols;
    const start = this.#symbols.name(row);
    for (let i = 0; i < wanted.length; i++) if (strings[start + i] !== wanted[i]) return false;
    return true;
  }

  #symbol(row: number): ElfSymbol {
    const type = this.#symbols.type(row);
    const text = this.#symbols.text(row);
    return {
      name: (mayBeRust(text) ? rustName(text) : undefined) ?? text,
      value: virt(this.#symbols.value(row)),
      size: this.#symbols.size(row),
      kind: type === SymbolType.none ? 'label' : type === SymbolType.object ? 'object' : 'function',
      global: this.#symbols.binding(row) !== SymbolBinding.local,
    };
  }

  #offset(row: number, va: VirtAddr): SymbolOffset {
    const symbol = this.#symbol(row);
    return { ...symbol, offset: Number(va - symbol.value) };
  }
}

/** Names are asked for several times over: for a breakpoint by its symbols, its padding, its copies. */
const keptAnswers = 64;

/** Local labels carry at most such a prefix (`__efistub_.L1`), which Linux's build puts before all symbols of a part. */
const prefixReach = 24;

/** Whether people gave this name: not nothing, a local label (`.L1`) or a mapping symbol (`$x`, `$d`, `$xrv64…`). */
function isName(strings: Uint8Array, start: number): boolean {
  const [first = 0, second = 0] = [strings[start], strings[start + 1]];
  if (first === dollar) return second !== letterX && second !== letterD;
  if (first === dot) return second !== letterL;
  for (let at = start + 1; first === underscore && at < start + prefixReach && strings[at]; at++) {
    if (strings[at] === dot) return strings[at - 1] !== underscore || strings[at + 1] !== letterL;
  }
  return first !== 0;
}

const [dollar, dot, letterD, letterL, letterX, underscore] = [0x24, 0x2e, 0x64, 0x4c, 0x78, 0x5f];
