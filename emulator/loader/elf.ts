// ELF files for RISC-V: header, program headers and section headers of both classes, little-endian.
// Source: System V ABI, chapter "Object Files"; RISC-V ELF psABI, "ELF Object Files". Nothing in the file is trusted.

import { type PhysAddr, phys, type VirtAddr, virt } from '../address.ts';
import { UserError } from '../user-error.ts';
import type { ByteSource } from './byte-source.ts';
import { type ElfHeader, readHeader, truncated } from './elf-header.ts';
import { stringAt } from './text.ts';

/** p_type of the segments that matter here. */
export const SegmentType = { load: 1, dynamic: 2 } as const;

/** sh_type of the sections that matter here. */
export const SectionType = { symtab: 2, strtab: 3, rela: 4, note: 7, nobits: 8, dynsym: 11 } as const;

/** sh_flags. */
export const SectionFlag = { write: 1, alloc: 2, exec: 4, compressed: 0x800 } as const;

/** A program header. */
export interface ElfSegment {
  readonly type: number;
  readonly va: VirtAddr;
  /** p_paddr: a physical address, or an offset from wherever the image is loaded. */
  readonly pa: PhysAddr;
  readonly offset: number;
  readonly fileSize: number;
  readonly memorySize: bigint;
}

/** A section header. */
export interface ElfSection {
  readonly name: string;
  readonly type: number;
  /** See SectionFlag. */
  readonly flags: number;
  readonly va: VirtAddr;
  readonly offset: number;
  readonly size: number;
  /** sh_link: for a symbol table the index of its string table. */
  readonly link: number;
  /** sh_info: for relocations the index of the section that they change. */
  readonly info: number;
}

export interface Elf {
  readonly source: ByteSource;
  readonly xlen: 32 | 64;
  /** ET_DYN: position-independent, with relocations that the program or its loader applies. */
  readonly relocatable: boolean;
  /** ET_REL: an object file or kernel module; its sections have no addresses yet. */
  readonly object: boolean;
  readonly entry: VirtAddr;
  readonly segments: readonly ElfSegment[];
  readonly sections: readonly ElfSection[];
}

/** Whether the file begins as an ELF does. */
export function isElf(source: ByteSource): boolean {
  const magic = source.read(0, 4);
  return magic[0] === 0x7f && magic[1] === 0x45 && magic[2] === 0x4c && magic[3] === 0x46;
}

/**
 * Reads the headers of a RISC-V executable, with `objects` also of an object file; a UserError names the file and what is
 * wrong with it.
 */
export function openElf(source: ByteSource, { objects = false } = {}): Elf {
  const header = readHeader(source, objects);
  const segments = readTable(source, header, 'program headers').map((row) => segmentOf(row, header));
  for (const segment of segments) {
    if (segment.type !== SegmentType.load) continue;
    if (segment.offset + segment.fileSize > source.size) throw truncated(source, 'a segment');
    if (segment.memorySize < BigInt(segment.fileSize)) {
      throw new UserError(`${source.name}: a segment is larger in the file than in memory: link the program again`);
    }
  }
  return {
    source,
    xlen: header.xlen,
    relocatable: header.relocatable,
    object: header.object,
    entry: virt(header.entry),
    segments,
    sections: readSections(source, header),
  };
}

/** The section's bytes as they are in the file; a UserError where they lie behind its end. */
export function sectionBytes(elf: Elf, section: ElfSection): Uint8Array {
  if (section.type === SectionType.nobits) return new Uint8Array();
  if (section.offset + section.size > elf.source.size) throw truncated(elf.source, `section ${section.name}`);
  return elf.source.read(section.offset, section.size);
}

function readTable(source: ByteSource, header: ElfHeader, what: 'program headers' | 'section headers'): DataView[] {
  const { offset, count, entrySize } = what === 'program headers' ? header.programHeaders : header.sectionHeaders;
  const bytes = source.read(offset, count * entrySize);
  if (bytes.length < count * entrySize) throw truncated(source, `the ${what}`);
  return Array.from(
    { length: count },
    (_, i) => new DataView(bytes.buffer, bytes.byteOffset + i * entrySize, entrySize),
  );
}

function segmentOf(row: DataView, { xlen }: ElfHeader): ElfSegment {
  const word = (at32: number, at64: number) =>
    xlen === 32 ? BigInt(row.getUint32(at32, true)) : row.getBigUint64(at64, true);
  return {
    type: row.getUint32(0, true),
    offset: Number(word(4, 8)),
    va: virt(word(8, 16)),
    pa: phys(word(12, 24)),
    fileSize: Number(word(16, 32)),
    memorySize: word(20, 40),
  };
}

function readSections(source: ByteSource, header: ElfHeader): ElfSection[] {
  const rows = readTable(source, header, 'section headers');
  const field = (row: DataView, at32: number, at64: number) =>
    header.xlen === 32 ? BigInt(row.getUint32(at32, true)) : row.getBigUint64(at64, true);
  const namesRow = rows[header.sectionNames];
  const names = namesRow
    ? source.read(Number(field(namesRow, 16, 24)), Math.min(Number(field(namesRow, 20, 32)), maxNames))
    : new Uint8Array();
  return rows.map((row) => ({
    name: stringAt(names, row.getUint32(0, true), 256),
    type: row.getUint32(4, true),
    flags: Number(BigInt.asUintN(32, field(row, 8, 8))),
    va: virt(field(row, 12, 16)),
    offset: Number(field(row, 16, 24)),
    size: Number(field(row, 20, 32)),
    link: row.getUint32(header.xlen === 32 ? 24 : 40, true),
    info: row.getUint32(header.xlen === 32 ? 28 : 44, true),
  }));
}

/** Bytes of section names that are read at most: far more than any linker writes. */
const maxNames = 1 << 22;
