// The ELF header, and all that can be wrong with it.

import { UserError } from '../user-error.ts';
import type { ByteSource } from './byte-source.ts';

/** Where a table of headers lies in the file. */
export interface HeaderTable {
  readonly offset: number;
  readonly count: number;
  readonly entrySize: number;
}

export interface ElfHeader {
  readonly xlen: 32 | 64;
  readonly relocatable: boolean;
  /** ET_REL: an object file, or a kernel module. */
  readonly object: boolean;
  readonly entry: bigint;
  readonly programHeaders: HeaderTable;
  readonly sectionHeaders: HeaderTable;
  /** Index of the section that holds the section names. */
  readonly sectionNames: number;
}

/** e_machine of the architectures that people are likely to mix up with RISC-V (System V ABI, "Machine Information"). */
const machines: Readonly<Record<number, string>> = {
  2: 'SPARC',
  3: 'x86',
  4: 'm68k',
  8: 'MIPS',
  20: 'PowerPC',
  21: 'PowerPC64',
  22: 's390',
  40: 'ARM',
  43: 'SPARC V9',
  50: 'IA-64',
  62: 'x86-64',
  83: 'AVR',
  94: 'Xtensa',
  183: 'AArch64',
  247: 'BPF',
  258: 'LoongArch',
};
const riscv = 243;

/** e_type. */
const fileTypes: Readonly<Record<number, string>> = {
  1: 'an object file: link it first',
  4: 'a core dump: give the program that wrote it',
};
const object = 1;
const executable = 2;
const dynamic = 3;

/** The error of a file that ends before `what` does. */
export function truncated(source: ByteSource, what: string): UserError {
  return new UserError(`${source.name} is truncated: it ends before ${what}. Copy or build it again`);
}

/** `objects`: also object files, which were not linked. */
export function readHeader(source: ByteSource, objects: boolean): ElfHeader {
  const bytes = source.read(0, 64);
  const name = source.name;
  if (bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46) {
    throw new UserError(`${name} is not an ELF file: give an ELF executable or a raw RISC-V Linux Image`);
  }
  const xlen = bytes[4] === 1 ? 32 : bytes[4] === 2 ? 64 : undefined;
  if (bytes.length < (xlen === 64 ? 64 : 52)) throw truncated(source, 'the ELF header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const half = (at: number) => view.getUint16(at, true);
  if (bytes[5] === 2) throw new UserError(`${name} is a big-endian ELF: build it for little-endian RISC-V`);
  if (xlen === undefined || bytes[5] !== 1) {
    throw new UserError(`${name}: its ELF header is damaged (unknown class or byte order). Build it again`);
  }
  const machine = half(18);
  if (machine !== riscv) {
    const other = machines[machine] ?? `machine ${machine}`;
    throw new UserError(`${name} is an ELF file for ${other}, not for RISC-V: build it with a RISC-V compiler`);
  }
  const type = half(16);
  if (type !== executable && type !== dynamic && !(objects && type === object)) {
    throw new UserError(`${name} is not executable but ${fileTypes[type] ?? `of ELF type ${type}: build it again`}`);
  }
  const word = (at32: number, at64: number) =>
    xlen === 32 ? BigInt(view.getUint32(at32, true)) : view.getBigUint64(at64, true);
  const tail = xlen === 32 ? 40 : 52;
  const table = (what: string, offset: bigint, entrySize: number, count: number, least: number): HeaderTable => {
    if (count === 0) return { offset: 0, count: 0, entrySize: least };
    if (entrySize < least)
      throw new UserError(`${name}: its ${what} are ${entrySize} bytes, too small. Build it again`);
    if (offset + BigInt(entrySize * count) > BigInt(source.size)) throw truncated(source, `its ${what}`);
    return { offset: Number(offset), count, entrySize };
  };
  return {
    xlen,
    relocatable: type === dynamic,
    object: type === object,
    entry: word(24, 24),
    programHeaders: table('program headers', word(28, 32), half(tail + 2), half(tail + 4), xlen === 32 ? 32 : 56),
    sectionHeaders: table('section headers', word(32, 40), half(tail + 6), half(tail + 8), xlen === 32 ? 40 : 64),
    sectionNames: half(tail + 10),
  };
}
