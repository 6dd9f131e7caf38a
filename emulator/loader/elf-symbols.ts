// The symbol table of an ELF as it lies in the file: rows of 32-bit words and the bytes of the names. A kernel has
// hundreds of thousands of symbols, so that no object is made for any of them.

import { type Elf, SectionType, sectionBytes } from './elf.ts';
import { stringAt } from './text.ts';

/** st_info's type (System V ABI, "Symbol Table"). */
export const SymbolType = { none: 0, object: 1, function: 2, section: 3, file: 4, tls: 6 } as const;

/** st_info's binding. */
export const SymbolBinding = { local: 0, global: 1, weak: 2 } as const;

/** Section indices of symbols that no section holds. */
export const SectionIndex = { undefined: 0, absolute: 0xfff1 } as const;

/** Rows of a symbol table; every column is read by the row's index. */
export class ElfSymbols {
  readonly count: number;
  /** The names, one after the other, each ended by a NUL. */
  readonly strings: Uint8Array;
  readonly #words: Uint32Array;
  readonly #stride: number;
  readonly #wide: boolean;

  constructor(rows: Uint8Array, strings: Uint8Array, xlen: 32 | 64) {
    this.#wide = xlen === 64;
    this.#stride = this.#wide ? 6 : 4;
    this.count = Math.floor(rows.length / (4 * this.#stride));
    this.strings = strings;
    const whole = this.count * this.#stride;
    // A view where the bytes happen to be aligned, else one copy.
    this.#words =
      rows.byteOffset % 4 === 0
        ? new Uint32Array(rows.buffer, rows.byteOffset, whole)
        : new Uint32Array(rows.slice(0, whole * 4).buffer);
  }

  /** Offset of the name in `strings`. */
  name(row: number): number {
    return this.#word(row, 0);
  }

  /** Low 32 bits of the value. */
  low(row: number): number {
    return this.#word(row, this.#wide ? 2 : 1);
  }

  /** High 32 bits of the value; 0 in a 32-bit ELF. */
  high(row: number): number {
    return this.#wide ? this.#word(row, 3) : 0;
  }

  size(row: number): number {
    return this.#wide ? this.#word(row, 5) * 2 ** 32 + this.#word(row, 4) : this.#word(row, 2);
  }

  /** See SymbolType. */
  type(row: number): number {
    return this.#info(row) & 15;
  }

  /** See SymbolBinding. */
  binding(row: number): number {
    return (this.#info(row) >>> 4) & 15;
  }

  /** Index of the section it lies in; see SectionIndex. */
  section(row: number): number {
    return this.#info(row) >>> 16;
  }

  value(row: number): bigint {
    return (BigInt(this.high(row)) << 32n) | BigInt(this.low(row));
  }

  text(row: number): string {
    return stringAt(this.strings, this.name(row));
  }

  #info(row: number): number {
    return this.#word(row, this.#wide ? 1 : 3);
  }

  #word(row: number, column: number): number {
    return this.#words[row * this.#stride + column] ?? 0;
  }
}

/** The symbol table (.symtab, else .dynsym); empty when the file was stripped. A UserError where it is truncated. */
export function readSymbols(elf: Elf): ElfSymbols {
  const table =
    elf.sections.find((section) => section.type === SectionType.symtab) ??
    elf.sections.find((section) => section.type === SectionType.dynsym);
  const strings = table && elf.sections[table.link];
  if (!table || strings?.type !== SectionType.strtab) {
    return new ElfSymbols(new Uint8Array(), new Uint8Array(), elf.xlen);
  }
  const rows = sectionBytes(elf, table);
  return new ElfSymbols(elf.object ? placedRows(elf, rows) : rows, sectionBytes(elf, strings), elf.xlen);
}

/** The symbols of an object file count from their sections; here are its rows with whole addresses. */
function placedRows(elf: Elf, rows: Uint8Array): Uint8Array {
  const copy = rows.slice();
  const view = new DataView(copy.buffer);
  const wide = elf.xlen === 64;
  const size = wide ? 24 : 16;
  for (let at = 0; at + size <= copy.length; at += size) {
    const section = view.getUint16(at + (wide ? 6 : 14), true);
    const start = section === SectionIndex.undefined ? undefined : elf.sections[section]?.va;
    if (start === undefined) continue;
    if (wide) view.setBigUint64(at + 8, view.getBigUint64(at + 8, true) + start, true);
    else view.setUint32(at + 4, Number(BigInt.asUintN(32, BigInt(view.getUint32(at + 4, true)) + start)), true);
  }
  return copy;
}

/** Values of the defined symbols of these names. */
export function symbolValues(elf: Elf, names: readonly string[]): Map<string, bigint> {
  const symbols = readSymbols(elf);
  const found = new Map<string, bigint>();
  for (let row = 0; row < symbols.count; row++) {
    if (symbols.section(row) === SectionIndex.undefined) continue;
    const name = stringAt(symbols.strings, symbols.name(row), 64);
    if (names.includes(name) && !found.has(name)) found.set(name, symbols.value(row));
  }
  return found;
}
