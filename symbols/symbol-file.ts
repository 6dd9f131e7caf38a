// An ELF's symbols, sections and lines, for whoever has an address and wants a name, or has a name and wants an address.

import { type PhysAddr, phys, type VirtAddr, virt } from '../emulator/address.ts';
import {
  type ByteSource,
  type Elf,
  type ElfSymbols,
  loadSegments,
  openElf,
  readSymbols,
  SectionFlag,
} from '../emulator/loader/index.ts';
import { UserError } from '../emulator/user-error.ts';
import type { DebugInfo } from './debug-info.ts';
import { DwarfError } from './dwarf/cursor.ts';
import { DebugSections, type Inflate } from './dwarf/sections.ts';
import { Units } from './dwarf/units.ts';
import type { Guard } from './guard.ts';
import { type LineAddress, type LineColumn, LineTable, type SourceLine } from './line-table.ts';
import { DebugReader } from './reader/debug-reader.ts';
import { type OpenCompanion, SplitUnits } from './reader/split-units.ts';
import { layOut, Relocations, type SectionAddress } from './relocations.ts';
import { type ElfSymbol, SymbolIndex, type SymbolOffset } from './symbol-index.ts';
import { isSymbolMap, readSymbolMap } from './symbol-map.ts';

/** A section that takes memory. */
export interface Section {
  readonly name: string;
  /** Link address. */
  readonly va: VirtAddr;
  readonly size: number;
  readonly write: boolean;
  readonly execute: boolean;
}

/** A segment that is loaded, and where. */
export interface Segment {
  readonly va: VirtAddr;
  /** Load address once `place` was called, p_paddr before. */
  readonly pa: PhysAddr;
  readonly size: bigint;
}

export interface SymbolFileOptions {
  /** Decompresses zlib and zstd; without it compressed debug sections are a problem. */
  readonly inflate?: Inflate;
  /** Opens files that the program names: split debug information (.dwo, .dwp). */
  readonly companion?: OpenCompanion;
  /** Of a kernel module or object file: where its sections were loaded. Without it such a file is a UserError. */
  readonly sectionAddress?: SectionAddress;
}

export class SymbolFile {
  readonly name: string;
  readonly xlen: 32 | 64;
  /** A kernel module or object file: its sections lie where they were put, each for itself. */
  readonly object: boolean;
  /** Position-independent: it may run elsewhere than at its link addresses. */
  readonly relocatable: boolean;
  /** The link address of the entry. */
  readonly entry: VirtAddr;
  /** Sections that take memory, ascending. */
  readonly sections: readonly Section[];
  /** Functions, variables, types and frames. */
  readonly debug: DebugInfo;
  readonly #elf: Elf;
  /** Of System.map and the like, which have no symbol table. */
  readonly #mapped: ElfSymbols | undefined;
  readonly #problems = new Set<string>();
  readonly #damaged = new Set<string>();
  readonly #lines: LineTable;
  #symbols: SymbolIndex | undefined;
  #segments: readonly Segment[];

  /** Reads the headers only. A UserError when the file is neither a RISC-V executable nor System.map or kallsyms. */
  constructor(source: ByteSource, options: SymbolFileOptions = {}) {
    const map = isSymbolMap(source) ? readSymbolMap(source) : undefined;
    const { sectionAddress } = options;
    const opened = map?.elf ?? openElf(source, { objects: sectionAddress !== undefined });
    const elf = opened.object ? layOut(opened, sectionAddress ?? (() => undefined)) : opened;
    const relocations = elf.object ? new Relocations(elf) : undefined;
    this.#mapped = map?.symbols;
    this.name = source.name;
    this.xlen = elf.xlen;
    this.object = elf.object;
    this.relocatable = elf.relocatable;
    this.entry = elf.entry;
    this.sections = elf.sections
      .filter(({ flags, size }) => (flags & SectionFlag.alloc) !== 0 && size > 0)
      .map(({ name, va, size, flags }) => ({
        name,
        va,
        size,
        write: (flags & SectionFlag.write) !== 0,
        execute: (flags & SectionFlag.exec) !== 0,
      }))
      .sort((a, b) => (a.va < b.va ? -1 : 1));
    // What has no segments is where its sections are.
    const isBare = elf.object || map !== undefined;
    this.#segments = isBare
      ? this.sections.map(({ va, size }) => ({ va, pa: phys(va), size: BigInt(size) }))
      : loadSegments(elf).map(({ va, pa, memorySize }) => ({ va, pa, size: memorySize }));
    this.#elf = elf;
    const guard: Guard = (otherwise, work) => this.#guard(otherwise, work);
    const units = new Units(
      new DebugSections(elf, {
        inflate: options.inflate,
        ...(relocations && { relocate: (section, bytes) => relocations.apply(section, bytes) }),
      }),
      guard,
    );
    this.#lines = new LineTable(units, guard, (va) => this.symbolAt(va));
    const companion = options.companion ?? (() => undefined);
    const split = new SplitUnits(guard, companion, source.name, options.inflate);
    this.debug = new DebugReader(units, elf.xlen, guard, {
      symbolsNamed: (name) => this.symbolsNamed(name),
      clonesOf: (name) => this.#index.clonesOf(name),
      symbolAt: (va) => this.symbolAt(va),
      holds: (va) => this.sectionAt(va) !== undefined,
      contents: (unit) => split.contents(unit),
      sharedTypes: () => split.sharedTypes(),
      bodyOf: (start, end, wholePrologue) => this.#lines.bodyOf(start, end, wholePrologue),
    });
  }

  /** What could not be read of the symbols or the debug information so far, a line each. */
  get problems(): readonly string[] {
    return [...this.#problems];
  }

  /** Ascending by load address. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Says where the program was loaded: its lowest byte is at `start` (the boot plan's kernel.start). */
  place(start: PhysAddr): void {
    const lowest = this.#segments[0]?.pa ?? start;
    this.#segments = this.#segments.map((segment) => ({ ...segment, pa: phys(start + (segment.pa - lowest)) }));
  }

  /** The load address of a link address. */
  physicalOf(va: VirtAddr): PhysAddr | undefined {
    const segment = this.#segments.find((candidate) => va >= candidate.va && va - candidate.va < candidate.size);
    return segment && phys(segment.pa + (va - segment.va));
  }

  /** The link address of what was loaded at a physical address. */
  linkAddressOf(pa: PhysAddr): VirtAddr | undefined {
    const segment = this.#segments.find((candidate) => pa >= candidate.pa && pa - candidate.pa < candidate.size);
    return segment && virt(segment.va + (pa - segment.pa));
  }

  /** Whether there is debug information that names source lines. */
  get hasLines(): boolean {
    return this.#elf.sections.some(({ name, size }) => /^\.z?debug_line$/.test(name) && size > 0);
  }

  /** Whether any symbol can be found. */
  get hasSymbols(): boolean {
    return this.#index.any;
  }

  /** Number of symbols that can be found. */
  get symbolCount(): number {
    return this.#index.count;
  }

  /** The symbol that a link address belongs to. */
  symbolAt(va: VirtAddr): SymbolOffset | undefined {
    return this.#index.at(va);
  }

  /** The function or global label around a link address, past the labels that only their own file sees. */
  symbolAround(va: VirtAddr): SymbolOffset | undefined {
    return this.#index.around(va);
  }

  /** The symbol of what was loaded at a physical address: right before, across and after paging. */
  symbolAtPhysical(pa: PhysAddr): SymbolOffset | undefined {
    const va = this.linkAddressOf(pa);
    return va === undefined ? undefined : this.symbolAt(va);
  }

  /** The function or code label that a link address belongs to. */
  functionAt(va: VirtAddr): SymbolOffset | undefined {
    const symbol = this.sectionAt(va)?.execute ? this.symbolAt(va) : undefined;
    return symbol?.kind === 'object' ? undefined : symbol;
  }

  /** Every symbol of that name, global ones first. */
  symbolsNamed(name: string): ElfSymbol[] {
    return this.#placed(this.#index.named(name), ({ value }) => value);
  }

  /** Names that begin with `prefix`, sorted, at most `limit`. */
  complete(prefix: string, limit: number): string[] {
    return this.#index.complete(prefix, limit);
  }

  /** What the file loads at a link address; shorter where a segment's bytes in the file end. */
  bytesAt(va: VirtAddr, length: number): Uint8Array {
    const segment = loadSegments(this.#elf).find((part) => va >= part.va && va - part.va < BigInt(part.fileSize));
    if (!segment) return new Uint8Array(0);
    const offset = Number(va - segment.va);
    return this.#elf.source.read(segment.offset + offset, Math.min(length, segment.fileSize - offset));
  }

  sectionAt(va: VirtAddr): Section | undefined {
    return this.sections.find((section) => va >= section.va && va - section.va < BigInt(section.size));
  }

  /** Where a breakpoint on a function goes: the first line row at or behind the symbol, past patchable padding. */
  functionEntry(symbol: ElfSymbol): VirtAddr {
    return this.#guard(symbol.value, () => this.#lines.entryOf(symbol));
  }

  /** The source line of the code at a link address. */
  lineAt(va: VirtAddr): SourceLine | undefined {
    return this.#guard(undefined, () => this.#lines.at(va));
  }

  /** Whether a statement begins at a link address: where stepping by line may stop. */
  beginsStatement(va: VirtAddr): boolean {
    return this.#guard(false, () => this.#lines.beginsStatement(va));
  }

  /** Link addresses where a breakpoint on a source line stops; of the nearest later line with code when it has none. */
  addressesOf(path: string, line: number, column = 0): LineAddress[] {
    const found = this.#guard([], () => this.#lines.addressesOf(path, line, column));
    return this.#placed(found, ({ va }) => va);
  }

  /** Where statements begin in the lines from `first` to `last`: each line and column once, ascending. */
  statementsIn(path: string, first: number, last: number): LineColumn[] {
    return this.#guard([], () => this.#lines.statementsIn(path, first, last));
  }

  /** Every path that the line tables name, sorted. */
  sourceFiles(): string[] {
    return this.#guard([], () => this.#lines.sourceFiles());
  }

  /** Without what is in sections of an object file that nobody has put anywhere. */
  #placed<T>(found: T[], addressOf: (each: T) => VirtAddr): T[] {
    return this.object ? found.filter((each) => this.sectionAt(addressOf(each))) : found;
  }

  get #index(): SymbolIndex {
    this.#symbols ??= this.#guard(
      undefined,
      () => new SymbolIndex(this.#mapped ?? readSymbols(this.#elf), this.#elf.sections),
    );
    this.#symbols ??= new SymbolIndex(readSymbols({ ...this.#elf, sections: [] }), []);
    return this.#symbols;
  }

  /** One problem for each section: damage tends to be met again and again. */
  #note({ section = '.debug_info', message }: DwarfError): void {
    if (this.#damaged.has(section)) return;
    this.#damaged.add(section);
    this.#problems.add(`${this.name}: ${section}: ${message}`);
  }

  #guard<T>(otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof UserError) this.#problems.add(error.message);
      else if (error instanceof DwarfError) this.#note(error);
      else throw error;
      return otherwise;
    }
  }
}
