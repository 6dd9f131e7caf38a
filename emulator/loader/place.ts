// Where a program goes in RAM, and where it is entered.

import { hex, type PhysAddr, phys, plus, type VirtAddr } from '../address.ts';
import { ramBase } from '../devices/memory-map.ts';
import { UserError } from '../user-error.ts';
import { type ByteSource, partOf } from './byte-source.ts';
import { type Elf, type ElfSegment, SegmentType } from './elf.ts';
import { refuseStrippedRelocations } from './relocations.ts';

/** Bytes to be put in RAM before the start, at each reset. */
export interface LoadedSegment {
  readonly address: PhysAddr;
  readonly source: ByteSource;
  /** For messages: `kernel`, `initrd`, `device tree`, `firmware`. */
  readonly what: string;
}

export interface Placement {
  readonly entry: PhysAddr;
  readonly segments: readonly LoadedSegment[];
  /** First byte and first byte behind, memory without bytes in the file (.bss) included. */
  readonly start: PhysAddr;
  readonly end: PhysAddr;
  /** PA minus link VA, of the segment that holds the entry; undefined for a raw image, which names no addresses. */
  readonly slide?: bigint;
}

/** Places a file's bytes as they are; the program takes `size` bytes of memory, or more where the file is longer. */
export function placeRaw(source: ByteSource, start: bigint, size: bigint, memory: bigint, what: string): Placement {
  const end = start + (size > source.size ? size : BigInt(source.size));
  if (end > ramBase + memory) throw tooLittleMemory(source.name, end - ramBase, memory);
  const address = phys(start);
  return { entry: address, segments: [{ address, source, what }], start: address, end: phys(end) };
}

/**
 * Places an ELF: at its physical addresses where these are in RAM, else, where they are an offset (Linux's vmlinux has
 * p_paddr from 0 and p_vaddr high), at `offsetBase` plus that offset. Refused where `memory` bytes of RAM
 * do not hold them.
 */
export function placeElf(elf: Elf, offsetBase: bigint, memory: bigint, what: string): Placement {
  const name = elf.source.name;
  const loads = loadSegments(elf);
  const first = loads[0];
  const last = loads.at(-1);
  if (!first || !last)
    throw new UserError(`${name} has no segment to load: link it with a linker script for RAM at 0x80000000`);
  const bias = loadBias(elf, first, offsetBase);
  const at = (segment: ElfSegment) => (segment.pa + bias) as PhysAddr;
  const end = (at(last) + last.memorySize) as PhysAddr;
  if (end > ramBase + memory) throw tooLittleMemory(name, end - ramBase, memory);
  refuseStrippedRelocations(elf);
  const holder =
    loads.find((segment) => holds(segment.va, segment, elf.entry)) ??
    loads.find((segment) => holds(at(segment), segment, elf.entry));
  if (!holder) {
    throw new UserError(
      `${name}: its entry ${hex(elf.entry)} is in none of its segments: name the entry in the linker script`,
    );
  }
  const slide = at(holder) - holder.va;
  return {
    entry: phys(holds(holder.va, holder, elf.entry) ? elf.entry + slide : elf.entry),
    segments: loads
      .filter((segment) => segment.fileSize > 0)
      .map((segment) => ({ address: at(segment), source: partOf(elf.source, segment.offset, segment.fileSize), what })),
    start: at(first),
    end,
    slide,
  };
}

/** Where a linked address of the program is in RAM. */
export function loadAddress(elf: Elf, placement: Placement, va: VirtAddr): PhysAddr | undefined {
  const loads = loadSegments(elf);
  const segment = loads.find((candidate) => holds(candidate.va, candidate, va));
  return segment && loads[0] && phys(placement.start + (segment.pa - loads[0].pa) + (va - segment.va));
}

/** Says how much memory would do, in the units in which memory is given. */
export function tooLittleMemory(name: string, needed: bigint, memory: bigint): UserError {
  const mebi = (bytes: bigint) => (bytes + 0xfffffn) >> 20n;
  const given = memory % 0x100000n === 0n ? `${mebi(memory)}M` : `${memory} bytes`;
  return new UserError(`${name} does not fit in ${given} of memory: set memory to ${mebi(needed)}M or more`);
}

/** The PT_LOAD segments that take memory, ascending by physical address; a UserError where they overlap. */
export function loadSegments(elf: Elf): ElfSegment[] {
  const loads = elf.segments
    .filter((segment) => segment.type === SegmentType.load && segment.memorySize > 0n)
    .map(withoutHeader);
  loads.sort((a, b) => (a.pa < b.pa ? -1 : 1));
  for (let i = 1; i < loads.length; i++) {
    const [before, segment] = [loads[i - 1], loads[i]];
    if (before && segment && before.pa + before.memorySize > segment.pa) {
      throw new UserError(
        `${elf.source.name}: two of its segments overlap at physical address ${hex(segment.pa)}: mend the linker script`,
      );
    }
  }
  return loads;
}

/**
 * Without a linker script the linker puts the file's own headers in front of `.text`, in the page below it. Where that
 * page is below RAM, it is left out: nothing in it is part of the program.
 */
function withoutHeader(segment: ElfSegment): ElfSegment {
  const below = ramBase - segment.pa;
  if (segment.offset !== 0 || below <= 0n || below > 0x1000n || below >= segment.fileSize) return segment;
  return {
    ...segment,
    va: plus(segment.va, below),
    pa: ramBase,
    offset: Number(below),
    fileSize: segment.fileSize - Number(below),
    memorySize: segment.memorySize - below,
  };
}

/** What to add to p_paddr. */
function loadBias(elf: Elf, first: ElfSegment, offsetBase: bigint): bigint {
  if (first.pa >= ramBase && first.pa < 1n << 56n) return 0n;
  if (first.pa < ramBase && (elf.relocatable || first.pa - first.va !== 0n)) return offsetBase;
  const remedy =
    first.pa < ramBase
      ? 'link it for RAM at 0x80000000 (a program of user space cannot run without a kernel)'
      : 'give its sections load addresses in RAM by AT() in the linker script';
  throw new UserError(
    `${elf.source.name} wants to be loaded at physical address ${hex(first.pa)}, where there is no RAM: ${remedy}`,
  );
}

function holds(start: bigint, segment: ElfSegment, address: bigint): boolean {
  return address >= start && address < start + segment.memorySize;
}
