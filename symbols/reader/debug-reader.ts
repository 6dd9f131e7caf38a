// The debug information of one file: ties the readers together and keeps damage from leaving.

import { type VirtAddr, virt } from '../../emulator/address.ts';
import type { DebugInfo } from '../debug-info.ts';
import type { Abbreviation } from '../dwarf/abbreviations.ts';
import { At, Tag } from '../dwarf/constants.ts';
import type { Entry } from '../dwarf/entry.ts';
import { Form } from '../dwarf/forms.ts';
import type { Fits } from '../dwarf/name-scan.ts';
import { Kind } from '../dwarf/scan-role.ts';
import { isNamespace, type Unit } from '../dwarf/unit.ts';
import type { Units } from '../dwarf/units.ts';
import type { Frame, Unwound } from '../frame.ts';
import type { Guard } from '../guard.ts';
import type { CompilationUnit, FunctionCopy, FunctionScope, SourceFunction, Variable } from '../program.ts';
import type { ElfSymbol } from '../symbol-index.ts';
import type { Type } from '../types.ts';
import { integerNames, splitPath } from './c-names.ts';
import { Copies } from './copies.ts';
import { EntryValues } from './entry-values.ts';
import { type BodyOf, FunctionReader } from './function-reader.ts';
import { Names } from './names.ts';
import { pathText, Searching } from './searching.ts';
import { TailCalls } from './tail-calls.ts';
import { typeNamesOf } from './type-names.ts';
import { TypeReader } from './type-reader.ts';
import { UnitReader } from './unit-reader.ts';
import { isDefined, variablesOf } from './unit-variables.ts';
import { Unwinder } from './unwinder.ts';
import { VariableReader } from './variable-reader.ts';

/** What the symbol table and the table of lines know. */
export interface Neighbours {
  symbolsNamed(name: string): readonly ElfSymbol[];
  /** Parts and variants that a compiler made of a function: `name.part.0`, `name.isra.0`. */
  clonesOf(name: string): readonly ElfSymbol[];
  symbolAt(va: VirtAddr): ElfSymbol | undefined;
  /** Whether an address lies in a section: linkers leave what they throw away at 0. */
  holds(va: VirtAddr): boolean;
  readonly bodyOf: BodyOf;
  /** Where a unit's entries are: in itself or in a file of split debug information. */
  readonly contents: (unit: Unit) => Unit;
  /** Units of types that are in reach of split units beside those of their own file. */
  readonly sharedTypes: () => readonly Unit[];
}

/** Tags by the keyword of C. */
const keywords: Readonly<Record<string, number>> = {
  struct: Tag.structureType,
  union: Tag.unionType,
  class: Tag.classType,
  enum: Tag.enumerationType,
};

const plainTags: ReadonlySet<number> = new Set([Tag.typedef, Tag.baseType, Tag.unspecifiedType]);
/** Types that C++ and Rust name without a keyword. */
const taggedTags: ReadonlySet<number> = new Set(Object.values(keywords));

export class DebugReader implements DebugInfo {
  readonly #guard: Guard;
  readonly #units: Units;
  readonly #neighbours: Neighbours;
  readonly #unitReader: UnitReader;
  readonly #types: TypeReader;
  readonly #variables: VariableReader;
  readonly #functions: FunctionReader;
  readonly #searching: Searching;
  readonly #unwinder: Unwinder;
  readonly #tailCalls: TailCalls;
  readonly #copies: Copies;
  readonly #addressSize: number;
  readonly #contents: (unit: Unit) => Unit;

  constructor(units: Units, xlen: 32 | 64, guard: Guard, neighbours: Neighbours) {
    const { contents } = neighbours;
    this.#guard = guard;
    this.#neighbours = neighbours;
    this.#units = units;
    this.#contents = contents;
    this.#addressSize = xlen / 8;
    this.#unwinder = new Unwinder(units.sections, xlen / 8, guard);
    const names = new Names(guard);
    this.#searching = new Searching(guard, this.#units, contents, neighbours.sharedTypes);
    this.#unitReader = new UnitReader(this.#units, guard, names);
    this.#types = new TypeReader(guard, names, (declaration) => this.#searching.definition(declaration));
    const functionEntries = (name: string) =>
      neighbours.symbolsNamed(name).flatMap((symbol) => this.#functionOf(symbol) ?? []);
    this.#tailCalls = new TailCalls(() => this.#functions, functionEntries);
    this.#variables = new VariableReader(
      this.#types,
      this.#unitReader,
      new EntryValues(() => this.#functions, {
        symbolsNamed: neighbours.symbolsNamed,
        symbolAt: neighbours.symbolAt,
        functionEntries,
      }),
      (name) => neighbours.symbolsNamed(name).find(({ kind, global }) => kind !== 'function' && global)?.value,
    );
    this.#functions = new FunctionReader(this.#variables, contents, neighbours.bodyOf, (va) => {
      const symbol = neighbours.symbolAt(va);
      return symbol && symbol.value + BigInt(Math.floor(symbol.size));
    });
    this.#copies = new Copies(guard, this.#searching, this.#functions, (name) =>
      [...neighbours.symbolsNamed(name), ...neighbours.clonesOf(name)].flatMap((symbol) => {
        const entry = this.#functionOf(symbol);
        return entry ? [{ symbol, entry }] : [];
      }),
    );
  }

  get present(): boolean {
    return this.#guard(false, () => this.#units.sections.open('.debug_info').size > 0);
  }

  units(): readonly CompilationUnit[] {
    return this.#guard([], () =>
      this.#units.all.filter((unit) => unit.compiles).map((unit) => this.#unitReader.unit(this.#contents(unit))),
    );
  }

  unitAt(va: VirtAddr): CompilationUnit | undefined {
    const unit = this.#unitAt(va);
    return unit && this.#unitReader.unit(unit);
  }

  scopesAt(va: VirtAddr): readonly FunctionScope[] {
    return this.#guard([], () => {
      const found = this.#functions.scopesAt(va);
      if (found.length > 0) return found;
      // Patchable padding is before the code that debug information knows of.
      const symbol = this.#neighbours.symbolAt(va);
      const start = symbol?.kind === 'function' ? this.#startOf(symbol) : undefined;
      return start !== undefined && va < start ? this.#functions.scopesAt(start) : [];
    });
  }

  functionsNamed(name: string): readonly SourceFunction[] {
    return this.#guard([], () => {
      const found = new Set<SourceFunction>();
      for (const symbol of this.#neighbours.symbolsNamed(name)) {
        const entry = this.#functionOf(symbol);
        if (entry) found.add(this.#functions.function(entry));
      }
      if (found.size === 0) {
        for (const entry of this.#searching.functions(name)) found.add(this.#functions.function(entry));
      }
      return [...found];
    });
  }

  copiesOf(name: string): readonly FunctionCopy[] {
    return this.#copies.of(name);
  }

  inlinedAt(name: string): readonly VirtAddr[] {
    return this.#copies.inlinedAt(name);
  }

  mayHaveMoreCopies(name: string): boolean {
    return this.#copies.mayBeMore(name);
  }

  get indexed(): boolean {
    return this.#guard(true, () => this.#searching.index.complete);
  }

  index(bytes: number): boolean {
    return this.#guard(true, () => this.#searching.index.advance(bytes));
  }

  variablesNamed(name: string, near?: VirtAddr): readonly Variable[] {
    return this.#guard([], () => {
      const found = new Map<string, Entry>();
      const add = (entry: Entry) => found.set(`${entry.unit.offset} ${entry.at}`, entry);
      const unit = near === undefined ? undefined : this.#unitAt(near);
      const { path, last } = splitPath(name);
      if (unit) for (const entry of this.#definitions(this.#searching.inUnit(unit, last, mayDefine), path)) add(entry);
      const symbols = this.#neighbours.symbolsNamed(name).filter(({ kind }) => kind !== 'function');
      for (const symbol of symbols) {
        const entry = this.#searching.variableAt(symbol.value, this.#addressSize);
        // Linker scripts give one object several names, each declared with its own type: jiffies is jiffies_64.
        if (entry && this.#isCalled(entry, last, symbol)) add(entry);
      }
      // No definition is at its address: then it is only declared, unless addresses are in a table.
      const tables = this.#units.sections.open('.debug_addr').size > 0;
      const declare = () => {
        const declared = symbols.length > 0 && found.size === 0 ? this.#declaration(last, unit) : undefined;
        if (declared) add(declared);
      };
      if (!tables) declare();
      if (found.size === 0)
        for (const entry of this.#definitions(this.#searching.named(last, Kind.variable, mayDefine), path)) add(entry);
      if (tables) declare();
      const variables = [...found.values()].map((entry) => this.#variables.variable(entry, undefined));
      const own = unit && this.#unitReader.unit(unit);
      const rank = (variable: Variable) => (variable.unit === own ? 0 : variable.kind === 'global' ? 1 : 2);
      return variables.sort((a, b) => rank(a) - rank(b));
    });
  }

  variablesAt(va: VirtAddr): readonly Variable[] {
    const unit = this.#unitAt(va);
    if (!unit) return [];
    const neighbours = this.#neighbours;
    const own = this.#unitReader.unit(unit).name;
    const place = (variable: Variable) => {
      const { file, line } = variable.declared ?? { file: '', line: 0 };
      return { variable, line, rank: file === own ? 0 : 1 };
    };
    const entries = this.#guard([], () => variablesOf(unit));
    return entries
      .map((entry) => place(this.#variables.variable(entry, undefined)))
      .filter(({ variable: { name, address } }) => name !== '' && (address === undefined || neighbours.holds(address)))
      .sort((a, b) => a.rank - b.rank || a.line - b.line)
      .map(({ variable }) => variable);
  }

  typesNamed(name: string, near?: VirtAddr): readonly Type[] {
    return this.#guard([], () => {
      const unit = near === undefined ? undefined : this.#unitAt(near);
      const [, keyword = '', rest = name] = /^\s*(struct|union|class|enum)\s+(.*)$/.exec(name) ?? [];
      for (const alternative of integerNames(rest)) {
        const entry = this.#typeEntry(alternative.trim(), keywords[keyword], unit);
        if (entry) return [this.#types.type(entry)];
      }
      return keyword === '' && rest.trim() === 'void' ? [this.#types.void('c')] : [];
    });
  }

  typeNamesAt(va: VirtAddr): readonly string[] {
    const unit = this.#unitAt(va);
    return unit ? this.#guard([], () => typeNamesOf(unit)) : [];
  }

  enumeratorNamed(name: string, near?: VirtAddr): { readonly value: bigint; readonly type: Type } | undefined {
    return this.#guard(undefined, () => {
      const { path: wanted, last } = splitPath(name);
      const unit = near === undefined ? undefined : this.#unitAt(near);
      for (const { path } of this.#searching.named(last, Kind.enumerator, isEnumerator, unit)) {
        const parent = path.at(-1);
        if (!parent || !pathText(path).endsWith(wanted)) continue;
        const type = this.#types.type(parent);
        const value = type.kind === 'enum' ? type.enumerators.find((each) => each.name === last)?.value : undefined;
        if (value !== undefined) return { value, type };
      }
      return undefined;
    });
  }

  tailCalls(returnAddress: VirtAddr, inside: VirtAddr): readonly VirtAddr[] {
    return this.#guard([], () => this.#tailCalls.between(returnAddress, inside));
  }

  cfaOf(frame: Omit<Frame, 'cfa'>): bigint | undefined {
    return this.#unwinder.cfaOf(frame);
  }

  unwind(frame: Omit<Frame, 'cfa'>): Unwound | undefined {
    return this.#unwinder.unwind(frame);
  }

  #typeEntry(name: string, tag: number | undefined, near: Unit | undefined): Entry | undefined {
    const { path: wanted, last } = splitPath(name);
    let [declared, local]: (Entry | undefined)[] = [];
    const isWanted: Fits = ({ tag: found }, nests) =>
      tag === undefined
        ? plainTags.has(found) || (nests && taggedTags.has(found))
        : found === tag || isClass(found, tag);
    for (const { entry, path } of this.#searching.named(last, Kind.type, isWanted, near)) {
      if ((tag === undefined && !isPlainType(entry)) || !pathText(path).endsWith(wanted)) continue;
      if (entry.flag(At.declaration)) declared ??= entry;
      else if (path.every(isNamespace)) return entry;
      else local ??= entry;
    }
    return local ?? declared;
  }

  /** Of entries found by name those that define a variable, or what completes them. */
  *#definitions(found: Iterable<{ entry: Entry; path: readonly Entry[] }>, wanted: string): Generator<Entry> {
    for (const { entry, path } of found) {
      if (!path.every(isNamespace) || !pathText(path).endsWith(wanted)) continue;
      const isMember = entry.tag === Tag.member && !entry.has(At.external);
      if (!isMember && isDefined(entry)) yield entry;
      else if (entry.flag(At.declaration)) {
        for (const completing of this.#searching.referring(entry, At.specification)) {
          if (isDefined(completing)) yield completing;
        }
      }
    }
  }

  /** What tells the type of a variable that no unit defines. */
  #declaration(name: string, near: Unit | undefined): Entry | undefined {
    for (const { entry, path } of this.#searching.named(name, Kind.variable, isDeclaredVariable, near)) {
      if (path.length === 0 && entry.flag(At.declaration)) return entry;
    }
    return undefined;
  }

  /** Whether a variable has a name, or a symbol that a linker sees in its stead. */
  #isCalled(entry: Entry, name: string, symbol: ElfSymbol): boolean {
    if (entry.whoHas(At.name)?.text(At.name) === name) return true;
    const linkage = entry.whoHas(At.linkageName);
    return linkage !== undefined && linkage.text(At.linkageName) === symbol.name;
  }

  #functionOf(symbol: ElfSymbol): Entry | undefined {
    const start = this.#startOf(symbol);
    return start === undefined ? undefined : this.#functions.entryAt(start);
  }

  /** Where the code of a symbol begins for its debug information: behind padding. */
  #startOf({ value, size, kind }: ElfSymbol): VirtAddr | undefined {
    if (kind === 'object') return undefined;
    const end = value + BigInt(Math.max(1, Math.floor(size)));
    const unit = this.#unitReader.at(value, end);
    if (!unit) return undefined;
    const table = this.#functions.table(this.#contents(unit));
    if (table.find(value)) return value;
    const next = table.next(value);
    return next && next.start < end ? virt(next.start) : undefined;
  }

  #unitAt(va: VirtAddr): Unit | undefined {
    return this.#guard(undefined, () => {
      const symbol = this.#neighbours.symbolAt(va);
      const unit = this.#unitReader.at(
        va,
        symbol ? symbol.value + BigInt(Math.max(1, Math.floor(symbol.size))) : va + 1n,
      );
      return unit && this.#contents(unit);
    });
  }
}

function isEnumerator({ tag }: Abbreviation): boolean {
  return tag === Tag.enumerator;
}

function isDeclaredVariable({ tag, attributes }: Abbreviation): boolean {
  return tag === Tag.variable && attributes.includes(At.declaration);
}

/**
 * Whether it may be a variable that has one place, or its declaration: a place that moves is a local's. Members of types
 * are variables in C++ alone.
 */
function mayDefine({ tag, attributes, forms }: Abbreviation, nests: boolean): boolean {
  if (tag === Tag.member) return nests;
  if (tag === Tag.constant) return true;
  if (tag !== Tag.variable) return false;
  const place = forms[attributes.indexOf(At.location)];
  const moves = place === Form.secOffset || place === Form.loclistx;
  return (place !== undefined && !moves) || attributes.includes(At.constValue) || attributes.includes(At.declaration);
}

function isPlainType(entry: Entry): boolean {
  return plainTags.has(entry.tag) || (taggedTags.has(entry.tag) && entry.unit.nests);
}

/** `struct` and `class` are the same to C++. */
function isClass(tag: number, wanted: number): boolean {
  return (
    (tag === Tag.classType && wanted === Tag.structureType) || (tag === Tag.structureType && wanted === Tag.classType)
  );
}
