// Functions, their copies, and the scopes around an address.

import { type VirtAddr, virt } from '../../emulator/address.ts';
import { type AddressRange, AddressRanges } from '../address-ranges.ts';
import { At, Tag } from '../dwarf/constants.ts';
import type { Entry } from '../dwarf/entry.ts';
import { covers, type Span, spansOf } from '../dwarf/ranges.ts';
import { isNamespace, type Unit } from '../dwarf/unit.ts';
import type { Frame, Located } from '../frame.ts';
import type { Block, CodeRange, CompilationUnit, FunctionCopy, FunctionScope, SourceFunction } from '../program.ts';
import type { FunctionType } from '../types.ts';
import { blocksOf } from './blocks.ts';
import type { VariableReader } from './variable-reader.ts';

/** How deep functions, blocks and namespaces are nested at most. */
const maxDepth = 128;

/** Where a breakpoint goes in the code from `start` to `end`; with `wholePrologue` locals are right from the first line on. */
export type BodyOf = (start: VirtAddr, end: bigint, wholePrologue: boolean) => VirtAddr;

/** Where the symbol of the code at an address ends. */
export type EndOf = (va: VirtAddr) => bigint | undefined;

export class FunctionReader {
  readonly variables: VariableReader;
  readonly #split: (unit: Unit) => Unit;
  readonly #bodyOf: BodyOf;
  readonly #endOf: EndOf;
  readonly #tables = new WeakMap<Unit, AddressRanges>();
  readonly #functions = new WeakMap<Unit, Map<number, SourceFunction>>();

  constructor(variables: VariableReader, split: (unit: Unit) => Unit, bodyOf: BodyOf, endOf: EndOf) {
    this.#endOf = endOf;
    this.variables = variables;
    this.#split = split;
    this.#bodyOf = bodyOf;
  }

  /** The entry of the function that has the code at an address. */
  entryAt(va: VirtAddr): Entry | undefined {
    const unit = this.variables.units.at(va);
    return unit && this.entryIn(this.#split(unit), va);
  }

  entryIn(unit: Unit, va: bigint): Entry | undefined {
    const at = this.table(unit).find(va)?.id;
    return at === undefined ? undefined : unit.entryAt(at);
  }

  /** The code of a unit's functions, by the position of their entries. */
  table(unit: Unit): AddressRanges {
    let table = this.#tables.get(unit);
    if (!table) {
      const found: AddressRange[] = [];
      this.variables.types.guard(undefined, () => this.#collect(unit.root, found, maxDepth));
      table = new AddressRanges(found);
      this.#tables.set(unit, table);
    }
    return table;
  }

  /** The functions below an entry, also in namespaces and types. */
  #collect(parent: Entry, found: AddressRange[], depth: number): void {
    for (const child of parent.children()) {
      if (child.tag === Tag.subprogram && (child.has(At.lowPc) || child.has(At.ranges))) {
        for (const { start, end } of this.spansOf(child))
          found.push({ start, size: Number(end - start), id: child.at });
      } else if (isNamespace(child) && child.abbreviation.children && depth > 0 && parent.unit.nests) {
        this.#collect(child, found, depth - 1);
      }
    }
  }

  startOf(entry: Entry): VirtAddr | undefined {
    const start = entry.address(At.entryPc) ?? entry.address(At.lowPc) ?? spansOf(entry)[0]?.start;
    return start === undefined ? undefined : virt(start);
  }

  function(entry: Entry): SourceFunction {
    // A copy stands for the function that it is a copy of.
    const own = this.variables.types.guard(entry, () => original(entry));
    let known = this.#functions.get(own.unit);
    if (!known) {
      known = new Map();
      this.#functions.set(own.unit, known);
    }
    let found = known.get(own.at);
    if (!found) {
      found = new ReadFunctionOfSource(this, own);
      known.set(own.at, found);
    }
    return found;
  }

  copy(entry: Entry): FunctionCopy | undefined {
    const spans = this.spansOf(entry);
    return spans.length === 0 ? undefined : new ReadCopy(this, entry, spans);
  }

  /** Innermost first. */
  scopesAt(va: VirtAddr): FunctionScope[] {
    const entry = this.entryAt(va);
    if (!entry) return [];
    const scopes: FunctionScope[] = [];
    let path: Entry[] = [entry];
    let scope: Entry = entry;
    const close = () => scopes.unshift(new ReadScope(this, scope, entry, path));
    for (let depth = 0; depth < maxDepth; depth++) {
      const inner = innerAt(path.at(-1) ?? scope, va, maxDepth);
      if (!inner) break;
      if (inner.tag === Tag.inlinedSubroutine) {
        close();
        [scope, path] = [inner, [inner]];
      } else path.push(inner);
    }
    close();
    return scopes;
  }

  /** The code of a function or of a copy. GNU's split files for RISC-V do not know where it ends: its symbol does. */
  spansOf(entry: Entry): Span[] {
    const spans = spansOf(entry);
    const start = entry.address(At.lowPc);
    if (spans.length > 0 || !entry.unit.skeleton || entry.tag !== Tag.subprogram || start === undefined) return spans;
    const end = this.#endOf(virt(start));
    return end === undefined || end <= start ? [] : [{ start, end }];
  }

  bodyOf(entry: Entry, start: VirtAddr, end: bigint): VirtAddr {
    return this.#bodyOf(start, end, entry.unit.hasLocationLists);
  }
}

/** What an entry is a copy of: the last of its origins that is no declaration. */
function original(entry: Entry): Entry {
  let own = entry;
  for (const origin of entry.origins()) if (origin.tag === Tag.subprogram && !origin.flag(At.declaration)) own = origin;
  return own;
}

/** The block or inlined copy right below an entry that holds an address. */
function innerAt(parent: Entry, va: bigint, depth: number): Entry | undefined {
  for (const child of parent.children()) {
    if (child.tag !== Tag.lexicalBlock && child.tag !== Tag.inlinedSubroutine) continue;
    if (child.has(At.lowPc) || child.has(At.ranges)) {
      if (covers(spansOf(child), va)) return child;
    } else if (child.tag === Tag.lexicalBlock && depth > 0) {
      // A block without addresses counts as part of the one around it.
      const inner = innerAt(child, va, depth - 1);
      if (inner) return inner;
    }
  }
  return undefined;
}

class ReadFunctionOfSource implements SourceFunction {
  readonly #reader: FunctionReader;
  readonly #entry: Entry;

  constructor(reader: FunctionReader, entry: Entry) {
    this.#reader = reader;
    this.#entry = entry;
  }

  get name(): string {
    return this.#read('', () => this.#reader.variables.types.names.nameOf(this.#entry) ?? this.linkageName ?? '');
  }

  get linkageName(): string | undefined {
    return this.#read(undefined, () => {
      const told = this.#entry.whoHas(At.linkageName)?.text(At.linkageName);
      return told ?? this.#entry.whoHas(At.mipsLinkageName)?.text(At.mipsLinkageName);
    });
  }

  get type(): FunctionType {
    return this.#reader.variables.types.type(this.#entry) as FunctionType;
  }

  get declared() {
    return this.#read(undefined, () => this.#reader.variables.types.names.declared(this.#entry));
  }

  get external(): boolean {
    return this.#read(false, () => this.#entry.whoHas(At.external)?.flag(At.external) ?? false);
  }

  get unit(): CompilationUnit {
    return this.#reader.variables.units.unit(this.#entry.unit);
  }

  #read<T>(otherwise: T, work: () => T): T {
    return this.#reader.variables.types.guard(otherwise, work);
  }
}

class ReadCopy implements FunctionCopy {
  protected readonly reader: FunctionReader;
  protected readonly entryOf: Entry;
  readonly ranges: readonly CodeRange[];
  #entry: VirtAddr | undefined;

  constructor(reader: FunctionReader, entry: Entry, spans: readonly Span[]) {
    this.reader = reader;
    this.entryOf = entry;
    this.ranges = codeRanges(spans);
  }

  get function(): SourceFunction {
    return this.reader.function(this.entryOf);
  }

  get inlined(): boolean {
    return this.entryOf.tag === Tag.inlinedSubroutine;
  }

  get entry(): VirtAddr {
    this.#entry ??= this.#readEntry();
    return this.#entry;
  }

  #readEntry(): VirtAddr {
    const lowest = this.ranges[0]?.start ?? virt(0n);
    return this.read(lowest, () => {
      const first = this.entryOf.address(At.lowPc) ?? spansOf(this.entryOf)[0]?.start ?? lowest;
      const told = this.entryOf.address(At.entryPc) ?? first + (this.entryOf.constant(At.entryPc) ?? 0n);
      // Some compilers tell an entry that lies before the copy's own code.
      return virt(this.ranges.some(({ start, end }) => told >= start && told < end) ? told : first);
    });
  }

  get body(): VirtAddr {
    const { entry } = this;
    if (this.inlined) return entry;
    const end = this.ranges.find((range) => entry >= range.start && entry < range.end)?.end ?? entry;
    return this.read(entry, () => this.reader.bodyOf(this.entryOf, entry, end));
  }

  get call() {
    return this.read(undefined, () => this.reader.variables.types.names.call(this.entryOf));
  }

  protected read<T>(otherwise: T, work: () => T): T {
    return this.reader.variables.types.guard(otherwise, work);
  }
}

class ReadScope extends ReadCopy implements FunctionScope {
  readonly blocks: readonly Block[];
  readonly #concrete: Entry;

  constructor(reader: FunctionReader, entry: Entry, concrete: Entry, path: readonly Entry[]) {
    super(reader, entry, reader.spansOf(entry));
    this.#concrete = concrete;
    this.blocks = blocksOf(reader.variables, concrete, path);
  }

  frameBase(frame: Frame): Located | undefined {
    if (!this.#concrete.has(At.frameBase)) return undefined;
    return this.reader.variables.locate(this.#concrete, At.frameBase, undefined, frame);
  }
}

export function codeRanges(spans: readonly Span[]): CodeRange[] {
  return spans
    .map(({ start, end }) => ({ start: virt(start), end: virt(end) }))
    .sort((a, b) => (a.start < b.start ? -1 : 1));
}
