// Source lines of addresses and addresses of source lines. Line programs are run one by one, when they are asked for.

import { type VirtAddr, virt } from '../emulator/address.ts';
import { type AddressRange, AddressRanges, within } from './address-ranges.ts';
import { readAranges } from './dwarf/aranges.ts';
import { At } from './dwarf/constants.ts';
import { findLineUnits, LineProgram, type LineUnit, lineUnitAt, rowAt, type Sequence } from './dwarf/line-unit.ts';
import type { DebugSections } from './dwarf/sections.ts';
import type { Units } from './dwarf/units.ts';
import type { Guard } from './guard.ts';
import { SourceFiles } from './source-files.ts';
import type { ElfSymbol } from './symbol-index.ts';

export interface SourceLine {
  /** With the compilation's directory, tidied; relative where the compiler was told to forget where it ran. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; 0 = the whole line. */
  readonly column: number;
}

/** A place in a source file. */
export interface LineColumn {
  readonly line: number;
  /** From 1; 0 = the whole line. */
  readonly column: number;
}

export interface LineAddress {
  readonly va: VirtAddr;
  /** The line that has code: the one asked for or the nearest later one. */
  readonly line: number;
}

/** Line programs whose rows are kept. */
const keptPrograms = 32;

interface Row {
  readonly sequence: Sequence;
  readonly index: number;
  readonly unit: LineUnit;
}

export class LineTable {
  readonly #units: Units;
  readonly #sections: DebugSections;
  readonly #guard: Guard;
  readonly #symbolAt: (va: VirtAddr) => ElfSymbol | undefined;
  readonly #files: SourceFiles;
  /** Sequences of the programs used last, by the program's offset; the oldest first. */
  readonly #decoded = new Map<number, Sequence[]>();
  #programs: LineUnit[] | undefined;
  #named: AddressRanges | undefined;
  #ranges: AddressRanges | undefined;

  constructor(units: Units, guard: Guard, symbolAt: (va: VirtAddr) => ElfSymbol | undefined) {
    this.#units = units;
    this.#sections = units.sections;
    this.#guard = guard;
    this.#symbolAt = symbolAt;
    this.#files = new SourceFiles(units, guard);
  }

  /** The line of the code at `va`. The padding before a function's first row counts as that row. */
  at(va: VirtAddr): SourceLine | undefined {
    const row = this.#rowOf(va);
    return row && this.#lineOf(row);
  }

  /** Whether a statement begins at `va`: a row that is one (is_stmt) starts right there. */
  beginsStatement(va: VirtAddr): boolean {
    const unit = this.#unitOf(va, va + 1n);
    const row = unit && this.#rowIn(unit, va);
    if (!row || addressOf(row) !== va) return false;
    const { offsets, isStmt } = row.sequence;
    const offset = offsets[row.index];
    for (let index = row.index; offsets[index] === offset; index -= 1) if (isStmt[index]) return true;
    return false;
  }

  /** Where a breakpoint on a function goes: its first row at or behind the symbol, past patchable padding. */
  entryOf(symbol: ElfSymbol): VirtAddr {
    const row = this.#firstRowOf(symbol);
    return row ? virt(addressOf(row)) : symbol.value;
  }

  /**
   * Where a breakpoint goes in a function's code from `start` to `end`. Where locals are right from the first instruction
   * on (`wholePrologue`) that is its first row; else the row that is marked as the end of the prologue, else the second.
   */
  bodyOf(start: VirtAddr, end: bigint, wholePrologue: boolean): VirtAddr {
    const first = this.#firstRowFrom(start, end);
    if (!first) return start;
    const { sequence, index } = first;
    const entry = sequence.offsets[index] ?? 0;
    if (wholePrologue) return virt(addressOf(first));
    let second: Row | undefined;
    for (let i = index + 1; i < sequence.offsets.length; i++) {
      const row = { ...first, index: i };
      if (addressOf(row) >= end) break;
      if (sequence.prologueEnds.has(i)) return virt(addressOf(row));
      if (!second && (sequence.offsets[i] ?? 0) > entry && sequence.isStmt[i] && sequence.lines[i] !== 0) second = row;
    }
    return virt(addressOf(second ?? first));
  }

  /**
   * Addresses to stop at for a line, ascending: the start of each run of its code that is a statement. Of a function's
   * own code only the lowest; inlined code (of another file, or from above the function) at each of its copies. With a
   * column only what begins in that line and column.
   */
  addressesOf(path: string, line: number, column = 0): LineAddress[] {
    let nearest = Number.POSITIVE_INFINITY;
    let found: Row[] = [];
    for (const { unit, sequence, wanted } of this.#sequencesOf(path)) {
      for (const [index, rowLine] of runs(sequence, wanted, line, column)) {
        if (rowLine > nearest) continue;
        if (rowLine < nearest) found = [];
        nearest = rowLine;
        found.push({ sequence, index, unit });
      }
    }
    return this.#stops(found, nearest);
  }

  /** Where statements begin in the lines from `first` to `last`: each line and column once, ascending. */
  statementsIn(path: string, first: number, last: number): LineColumn[] {
    const found = new Map<string, LineColumn>();
    for (const { sequence, wanted } of this.#sequencesOf(path)) {
      for (const [index, line] of sequence.lines.entries()) {
        if (line < first || line > last || !sequence.isStmt[index]) continue;
        if (wanted[sequence.files[index] ?? 0] !== 1) continue;
        const column = sequence.columns[index] ?? 0;
        found.set(`${line}:${column}`, { line, column });
      }
    }
    return [...found.values()].sort((a, b) => a.line - b.line || a.column - b.column);
  }

  /** The sequences of the programs that name the file, with 1 for each file register that is it. */
  *#sequencesOf(path: string): Generator<{ unit: LineUnit; sequence: Sequence; wanted: Uint8Array }> {
    this.#openAll();
    const numbers = this.#files.matching(path);
    if (numbers.size === 0) return;
    for (const unit of this.#allUnits()) {
      const wanted = Uint8Array.from(this.#pathsOf(unit), (number) => (numbers.has(number) ? 1 : 0));
      if (!wanted.includes(1)) continue;
      for (const sequence of this.#sequences(unit)) yield { unit, sequence, wanted };
    }
  }

  /** Every source path, sorted. */
  sourceFiles(): string[] {
    this.#openAll();
    return this.#files.paths.filter((path) => path !== '').sort();
  }

  #openAll(): void {
    for (const unit of this.#allUnits()) this.#pathsOf(unit);
  }

  /** Numbers of the unit's source paths by file register. */
  #pathsOf(unit: LineUnit): Uint32Array {
    return this.#guard(new Uint32Array(), () => this.#files.of(unit, () => new LineProgram(unit, this.#sections)));
  }

  #lineOf({ sequence, index, unit }: Row): SourceLine | undefined {
    const line = sequence.lines[index] ?? 0;
    const files = this.#pathsOf(unit);
    const file = this.#files.paths[files[sequence.files[index] ?? 0] ?? -1];
    return line > 0 && file ? { file, line, column: sequence.columns[index] ?? 0 } : undefined;
  }

  #rowOf(va: VirtAddr): Row | undefined {
    const symbol = this.#symbolAt(va);
    if (symbol?.kind !== 'function') {
      const unit = this.#unitOf(va, va + 1n);
      return unit && this.#rowIn(unit, va);
    }
    const unit = this.#unitOf(va, endOf(symbol));
    const row = unit && this.#rowIn(unit, va);
    // A row from before the function is another function's: this is padding that no row was written for.
    return row && addressOf(row) >= symbol.value ? row : (this.#firstRowOf(symbol) ?? row);
  }

  #rowIn(unit: LineUnit, va: VirtAddr): Row | undefined {
    for (const sequence of this.#sequences(unit)) {
      const offset = Number(va - sequence.base);
      if (offset < 0 || offset >= sequence.size) continue;
      const index = rowAt(sequence, offset);
      if (index >= 0) return { unit, sequence, index };
    }
    return undefined;
  }

  #firstRowOf(symbol: ElfSymbol): Row | undefined {
    return this.#firstRowFrom(symbol.value, endOf(symbol));
  }

  #firstRowFrom(from: VirtAddr, end: bigint): Row | undefined {
    const unit = this.#unitOf(from, end);
    if (!unit) return undefined;
    for (const sequence of this.#sequences(unit)) {
      const start = Number(from - sequence.base);
      if (start >= sequence.size || sequence.base >= end) continue;
      const first = sequence.offsets[rowAt(sequence, start - 1) + 1];
      if (first === undefined || sequence.base + BigInt(first) >= end) continue;
      // Of several rows at one address the last one counts.
      return { unit, sequence, index: rowAt(sequence, first) };
    }
    return undefined;
  }

  /**
   * The line program that covers an address, or covers the first code behind it that is before `end`: by .debug_aranges,
   * which names most, else by running every program once for its ranges, as some compilers write no .debug_aranges.
   */
  #unitOf(va: VirtAddr, end: bigint): LineUnit | undefined {
    const named = this.#namedRanges();
    const compilation = within(named, va, end);
    if (compilation) return this.#unitOfCompilation(compilation.id);
    if (named.count > 0 && !this.#symbolAt(va)) return undefined;
    const range = within(this.#allRanges(), va, end);
    return range && lineUnitAt(this.#sections.open('.debug_line'), range.id);
  }

  #namedRanges(): AddressRanges {
    this.#named ??= this.#guard(new AddressRanges([]), () => new AddressRanges(readAranges(this.#sections)));
    return this.#named;
  }

  /** Ranges with the offset of their line program. */
  #allRanges(): AddressRanges {
    if (this.#ranges) return this.#ranges;
    const found: AddressRange[] = [];
    for (const unit of this.#allUnits()) {
      this.#guard(undefined, () => {
        new LineProgram(unit, this.#sections).ranges((start, size) => found.push({ start, size, id: unit.offset }));
      });
    }
    this.#ranges = new AddressRanges(found);
    return this.#ranges;
  }

  #unitOfCompilation(offset: number): LineUnit | undefined {
    const lineOffset = this.#units.beginning(offset)?.root.number(At.stmtList);
    return lineOffset === undefined ? undefined : lineUnitAt(this.#sections.open('.debug_line'), lineOffset);
  }

  #allUnits(): LineUnit[] {
    if (this.#programs) return this.#programs;
    const units: LineUnit[] = [];
    this.#programs = units;
    this.#guard(undefined, () => {
      for (const unit of findLineUnits(this.#sections.open('.debug_line'))) units.push(unit);
    });
    return units;
  }

  #sequences(unit: LineUnit): Sequence[] {
    const kept = this.#decoded.get(unit.offset);
    const sequences = kept ?? this.#guard([], () => new LineProgram(unit, this.#sections).sequences());
    this.#decoded.delete(unit.offset);
    this.#decoded.set(unit.offset, sequences);
    for (const [oldest] of this.#decoded) {
      if (this.#decoded.size <= keptPrograms) break;
      this.#decoded.delete(oldest);
    }
    return sequences;
  }

  /** Of the runs of a line, those where a breakpoint should stop. */
  #stops(found: readonly Row[], line: number): LineAddress[] {
    // A row without bytes shows another line at its address: it is taken only where nothing better is.
    const solid = found.filter(({ sequence, index }) => sequence.offsets[index + 1] !== sequence.offsets[index]);
    const lowestOwn = new Map<bigint, bigint>();
    const addresses = new Set<bigint>();
    for (const row of solid.length > 0 ? solid : found) {
      const address = addressOf(row);
      const symbol = this.#symbolAt(virt(address));
      if (!symbol || !this.#isOwnCode(symbol, row)) addresses.add(address);
      else if (address < (lowestOwn.get(symbol.value) ?? address + 1n)) lowestOwn.set(symbol.value, address);
    }
    for (const address of lowestOwn.values()) addresses.add(address);
    return [...addresses].sort((a, b) => (a < b ? -1 : 1)).map((va) => ({ va: virt(va), line }));
  }

  /** Whether a row is of the function's own text rather than of something inlined into it. */
  #isOwnCode(symbol: ElfSymbol, { sequence, index }: Row): boolean {
    const entry = rowAt(sequence, Number(symbol.value - sequence.base) - 1) + 1;
    return (
      sequence.files[entry] === sequence.files[index] && (sequence.lines[entry] ?? 0) <= (sequence.lines[index] ?? 0)
    );
  }
}

function endOf(symbol: ElfSymbol): bigint {
  return symbol.value + BigInt(Math.max(1, Math.floor(symbol.size)));
}

function addressOf({ sequence, index }: Row): bigint {
  return sequence.base + BigInt(sequence.offsets[index] ?? 0);
}

/**
 * The first statement of each run of rows of one line, in the wanted file registers: of the lines from `line` on, or of
 * `column` of that very line.
 */
function* runs(
  sequence: Sequence,
  wanted: Uint8Array,
  line: number,
  column: number,
): Generator<[index: number, line: number]> {
  let running = 0;
  for (let index = 0; index < sequence.lines.length; index++) {
    const rowLine = sequence.lines[index] ?? 0;
    const isMeant = column === 0 ? rowLine >= line : rowLine === line && sequence.columns[index] === column;
    const matches = isMeant && wanted[sequence.files[index] ?? 0] === 1;
    if (matches && rowLine !== running && !sequence.isStmt[index]) continue;
    if (matches && rowLine !== running) yield [index, rowLine];
    running = matches ? rowLine : 0;
  }
}
