// Object files and kernel modules: their sections get addresses, and what refers to them is filled in (RISC-V psABI,
// chapter "Relocations").

import { virt } from '../emulator/address.ts';
import {
  type Elf,
  type ElfSection,
  type ElfSymbols,
  readSymbols,
  SectionFlag,
  SectionType,
  sectionBytes,
} from '../emulator/loader/index.ts';
import { UserError } from '../emulator/user-error.ts';

/** Where a section of an object file was put; undefined: it was not loaded, or nobody knows. */
export type SectionAddress = (name: string) => bigint | undefined;

/** The object file with addresses: those that are known; the other sections lie one behind the other from 0 on, and take no
 * memory. */
export function layOut(elf: Elf, addressOf: SectionAddress): Elf {
  let next = 0n;
  const sections = elf.sections.map((section): ElfSection => {
    if ((section.flags & SectionFlag.alloc) === 0) return section;
    const known = addressOf(section.name);
    if (known !== undefined) return { ...section, va: virt(known) };
    const va = (next + 15n) & ~15n;
    next = va + BigInt(section.size);
    return { ...section, va: virt(va), flags: section.flags & ~SectionFlag.alloc };
  });
  return { ...elf, sections, entry: virt(0n) };
}

/** Applies an object file's relocations to the bytes of one of its sections. */
export class Relocations {
  readonly #elf: Elf;
  #symbols: ElfSymbols | undefined;

  constructor(elf: Elf) {
    this.#elf = elf;
  }

  apply(section: ElfSection, bytes: Uint8Array): Uint8Array {
    const index = this.#elf.sections.findIndex(
      ({ name, offset }) => name === section.name && offset === section.offset,
    );
    const tables = this.#elf.sections.filter(({ type, info }) => type === SectionType.rela && info === index);
    if (tables.length === 0) return bytes;
    const copy = bytes.slice();
    for (const table of tables) this.#applyTable(table, copy);
    return copy;
  }

  #applyTable(table: ElfSection, bytes: Uint8Array): void {
    const rows = sectionBytes(this.#elf, table);
    const view = new DataView(rows.buffer, rows.byteOffset, rows.length);
    const wide = this.#elf.xlen === 64;
    const size = wide ? 24 : 12;
    for (let at = 0; at + size <= rows.length; at += size) {
      const offset = wide ? Number(view.getBigUint64(at, true)) : view.getUint32(at, true);
      const info = wide ? view.getBigUint64(at + 8, true) : BigInt(view.getUint32(at + 4, true));
      const addend = wide ? view.getBigInt64(at + 16, true) : BigInt(view.getInt32(at + 8, true));
      const symbol = Number(wide ? info >> 32n : info >> 8n);
      relocate(
        bytes,
        offset,
        Number(wide ? info & 0xffffffffn : info & 0xffn),
        (symbol < this.#values.count ? this.#values.value(symbol) : 0n) + addend,
      );
    }
  }

  get #values(): ElfSymbols {
    this.#symbols ??= readSymbols(this.#elf);
    return this.#symbols;
  }
}

/** R_RISCV_* of data: an operation and the bits that it works on. */
const kinds: Readonly<Record<number, readonly [operation: 'set' | 'add' | 'sub', bits: number]>> = {
  1: ['set', 32],
  2: ['set', 64],
  33: ['add', 8],
  34: ['add', 16],
  35: ['add', 32],
  36: ['add', 64],
  37: ['sub', 8],
  38: ['sub', 16],
  39: ['sub', 32],
  40: ['sub', 64],
  52: ['sub', 6],
  53: ['set', 6],
  54: ['set', 8],
  55: ['set', 16],
  56: ['set', 32],
};
const [setUleb, subUleb] = [60, 61];

function relocate(bytes: Uint8Array, offset: number, type: number, value: bigint): void {
  const kind = kinds[type];
  if (type === setUleb || type === subUleb) relocateUleb(bytes, offset, type, value);
  if (!kind) return; // of code, or for the linker alone
  const [operation, bits] = kind;
  const count = Math.ceil(bits / 8);
  if (offset + count > bytes.length) throw new UserError('a relocation leads out of its section: build the file again');
  let old = 0n;
  for (let i = count - 1; i >= 0; i--) old = (old << 8n) | BigInt(bytes[offset + i] ?? 0);
  const mask = (1n << BigInt(bits)) - 1n;
  const result = operation === 'set' ? value : operation === 'add' ? old + value : old - value;
  const merged = (old & ~mask) | (result & mask);
  for (let i = 0; i < count; i++) bytes[offset + i] = Number((merged >> BigInt(8 * i)) & 0xffn);
}

/** A number in LEB128 keeps the bytes that it has. */
function relocateUleb(bytes: Uint8Array, offset: number, type: number, value: bigint): void {
  let end = offset;
  let old = 0n;
  for (let shift = 0n; end < bytes.length && shift < 70n; shift += 7n) {
    const byte = bytes[end++] ?? 0;
    old |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  let rest = BigInt.asUintN(64, type === setUleb ? value : old - value);
  for (let at = offset; at < end; at++) {
    bytes[at] = Number(rest & 0x7fn) | (at < end - 1 ? 0x80 : 0);
    rest >>= 7n;
  }
}
