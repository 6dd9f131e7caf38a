// The GNU build id: a hash that the linker writes into a program, by which a raw Image and its vmlinux find each other.

import type { ByteSource } from './byte-source.ts';
import { type Elf, SectionType, SegmentType, sectionBytes } from './elf.ts';

const buildIdType = 3;

interface BuildId {
  readonly bytes: Uint8Array;
  /** Where it is in memory, counted from the first segment. */
  readonly offset: number;
}

function findBuildId(elf: Elf): BuildId | undefined {
  for (const section of elf.sections.filter(({ type }) => type === SectionType.note)) {
    const bytes = sectionBytes(elf, section);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    // System V ABI, "Note Section": sizes of name and descriptor, type; each padded to 4 bytes.
    for (let at = 0; at + 12 <= bytes.length; ) {
      const [nameSize, size] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
      const start = at + 12 + padded(nameSize);
      const isGnu = nameSize === 4 && view.getUint32(Math.min(at + 12, bytes.length - 4), true) === 0x554e47;
      if (isGnu && view.getUint32(at + 8, true) === buildIdType && size > 0 && start + size <= bytes.length) {
        const loads = elf.segments.filter(({ type }) => type === SegmentType.load).map(({ va }) => va);
        const first = loads.reduce((least, va) => (va < least ? va : least), section.va);
        return { bytes: bytes.subarray(start, start + size), offset: Number(section.va - first) + start };
      }
      at = start + padded(size);
    }
  }
  return undefined;
}

/** The bytes of the file's build id (GNU ld, `--build-id`); undefined where it has none. */
export function buildIdOf(elf: Elf): Uint8Array | undefined {
  return findBuildId(elf)?.bytes;
}

/** Whether a raw program was made from the file: its build id is in there. Undefined where the file has none. */
export function isBuiltFrom(program: ByteSource, elf: Elf): boolean | undefined {
  const id = findBuildId(elf);
  if (!id) return undefined;
  // As the linker laid it out; a compressed program or one with a header is searched.
  const expected = program.read(id.offset, id.bytes.length);
  const there = expected.length === id.bytes.length && id.bytes.every((byte, at) => expected[at] === byte);
  return there || contains(program, id.bytes);
}

function contains(program: ByteSource, wanted: Uint8Array): boolean {
  const bytes = program.read(0, program.size);
  const [first = 0, ...rest] = wanted;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (rest.every((byte, i) => bytes[at + 1 + i] === byte)) return true;
  }
  return false;
}

function padded(size: number): number {
  return size + (-size & 3);
}
