// How two address spaces, or two values of one entry, differ in what they map: only what differs is looked at.

import { type PhysAddr, plus, type VirtAddr, virt } from '../../emulator/address.ts';
import type { PhysicalMemory } from '../../emulator/inspection.ts';
import { canonical, entriesOf, type PagingMode } from '../../emulator/mmu/modes.ts';
import { littleEndian } from '../../emulator/mmu/regime.ts';
import { type AddressSpace, pteStride, rawEntries, targetOf } from '../space.ts';
import { effective, isPointer, type Mapping, mappingOf, meaning } from './mapping.ts';
import { type PageRanges, pagesOf } from './page-ranges.ts';

/** A run of pages whose translation differs: contiguous, with one difference. */
export interface MappingChange {
  readonly va: VirtAddr;
  /** In bytes. */
  readonly size: bigint;
  readonly before: Mapping | undefined;
  readonly after: Mapping | undefined;
}

/** Where an entry stands, and the first page that it is responsible for. */
export interface EntryPlace {
  readonly level: number;
  readonly index: number;
  readonly page: number;
}

/** A table of one level: read from memory, or only thought of. */
interface Source {
  /** Where it is in memory: equal tables are equal all the way down. */
  readonly table?: PhysAddr;
  /** As the walk takes it: 0 where nothing is mapped. */
  entry(index: number): bigint;
  /** What lies below entry `index`, which is `raw`. */
  below(index: number, raw: bigint): Source;
}

type Pair<T> = readonly [T, T];

interface Comparison {
  readonly mode: PagingMode;
  readonly ranges: PageRanges;
  /** Equal pointers are followed, too. */
  readonly thorough: boolean;
  readonly runs: { first: number; pages: number; before: Mapping | undefined; after: Mapping | undefined }[];
}

/** So many entries of a table are read one by one, before all of them at once. */
const FEW = 16;
/** Stands for a narrower mode's part of a wider mode's table; no entry has this bit. */
const LIFTED = (1n << 70n) | 1n;

const nothing: Source = { entry: () => 0n, below: () => nothing };

/** A write to an entry, which has been done. */
export interface EntryWrite extends EntryPlace {
  readonly pte: PhysAddr;
  readonly before: bigint;
  readonly after: bigint;
  /** The entry's table lies below the entry too: tables may differ that are in the same place. */
  readonly recursive: boolean;
}

/** What a write to an entry changes within `ranges`. */
export function compareEntries(
  memory: PhysicalMemory,
  space: AddressSpace,
  ranges: PageRanges,
  write: EntryWrite,
): MappingChange[] {
  const comparison: Comparison = { mode: space.mode, ranges, runs: [], thorough: write.recursive };
  const source = (seen: PhysicalMemory, raw: bigint): Source => ({
    entry: () => effective(raw, write.level, space),
    below: (_, entry) => belowEntry(seen, space, entry, write.level - 1),
  });
  const old = asBefore(memory, write, space.mode);
  compareOne(comparison, [source(old, write.before), source(memory, write.after)], write);
  return changesOf(comparison);
}

/** Memory before the write, for tables that contain the entry and lie below it as well. */
function asBefore(memory: PhysicalMemory, { pte, before }: EntryWrite, { pteSize }: PagingMode): PhysicalMemory {
  return {
    readPhysical(address, length) {
      const bytes = memory.readPhysical(address, length);
      if (address > pte || address + BigInt(bytes.length) <= pte) return bytes;
      const patched = bytes.slice();
      const at = Number(pte - address);
      for (let byte = 0; byte < pteSize; byte += 1) patched[at + byte] = Number((before >> BigInt(8 * byte)) & 0xffn);
      return patched;
    },
  };
}

/** What differs between two address spaces within `ranges` of the wider one's pages; undefined = nothing is mapped. */
export function compareSpaces(
  memory: PhysicalMemory,
  ranges: PageRanges,
  before: AddressSpace | undefined,
  after: AddressSpace | undefined,
): MappingChange[] {
  const mode = widest(before?.mode, after?.mode);
  if (!mode) return [];
  const comparison: Comparison = { mode, ranges, runs: [], thorough: false };
  const top = mode.levels - 1;
  const source = (space: AddressSpace | undefined) => (space ? rootSource(memory, space, top, 'both') : nothing);
  compareTables(comparison, [source(before), source(after)], top, 0);
  return changesOf(comparison);
}

export function widest(a: PagingMode | undefined, b: PagingMode | undefined): PagingMode | undefined {
  return !a || (b && b.levels > a.levels) ? b : a;
}

function tableSource(memory: PhysicalMemory, space: AddressSpace, table: PhysAddr, level: number): Source {
  const { mode } = space;
  let reads = 0;
  let all: readonly bigint[] | undefined;
  return {
    table,
    entry(index) {
      reads += 1;
      if (reads > FEW) all ??= rawEntries(memory, mode, table);
      if (all) return effective(all[index] ?? 0n, level, space);
      const bytes = memory.readPhysical(plus(table, index * mode.pteSize), mode.pteSize);
      return bytes.length < mode.pteSize ? 0n : effective(littleEndian(bytes), level, space);
    },
    below: (_, raw) => belowEntry(memory, space, raw, level - 1),
  };
}

/** The table of `level` that a pointer names, or the pieces of a superpage. */
function belowEntry(memory: PhysicalMemory, space: AddressSpace, raw: bigint, level: number): Source {
  if (raw === 0n) return nothing;
  if (isPointer(raw)) return tableSource(memory, space, targetOf(raw, space.mode), level);
  const stride = pteStride(space.mode, level);
  return {
    entry: (index) => raw + stride * BigInt(index),
    below: (_, piece) => belowEntry(memory, space, piece, level - 1),
  };
}

/** A root as a mode with `level` + 1 levels sees it: a narrower mode's addresses are the outermost ones of a wider mode. */
function rootSource(memory: PhysicalMemory, space: AddressSpace, level: number, half: 'both' | 'low' | 'high'): Source {
  const end = entriesOf(space.mode) - 1;
  if (level === space.mode.levels - 1) {
    const source = tableSource(memory, space, space.root, level);
    if (half === 'both') return source;
    const { entry, below } = source;
    return { entry: (index) => (index <= end / 2 === (half === 'low') ? entry(index) : 0n), below };
  }
  return {
    entry: (index) => ((index === 0 && half !== 'high') || (index === end && half !== 'low') ? LIFTED : 0n),
    below: (index) => rootSource(memory, space, level - 1, index === 0 ? 'low' : 'high'),
  };
}

function compareTables(comparison: Comparison, tables: Pair<Source>, level: number, page: number): void {
  const [before, after] = tables;
  const { mode, ranges, thorough } = comparison;
  if (before === after || (!thorough && before.table !== undefined && before.table === after.table)) return;
  const span = pagesOf(mode, level);
  for (let index = 0; index < entriesOf(mode); index += 1) {
    const first = page + index * span;
    if (ranges.overlaps(first, first + span - 1)) compareOne(comparison, tables, { level, index, page: first });
  }
}

function compareOne(comparison: Comparison, tables: Pair<Source>, { level, index, page }: EntryPlace): void {
  const [before, after] = [tables[0].entry(index), tables[1].entry(index)];
  const followed = before === LIFTED || (comparison.thorough && isPointer(before));
  if (before === after && !followed) return;
  if (isPointer(before) || isPointer(after)) {
    const below: Pair<Source> = [tables[0].below(index, before), tables[1].below(index, after)];
    compareTables(comparison, below, level - 1, page);
    return;
  }
  const { mode } = comparison;
  if (meaning(before, index, mode) === meaning(after, index, mode)) return;
  note(comparison, level, page, mappingOf(before, index, mode), mappingOf(after, index, mode));
}

/** Adds a difference of one entry, to the run before it where it goes on. */
function note({ runs, mode }: Comparison, level: number, page: number, before?: Mapping, after?: Mapping): void {
  const last = runs.at(-1);
  const pages = pagesOf(mode, level);
  const offset = BigInt(last?.pages ?? 0) << 12n;
  const adjoins = last !== undefined && last.first + last.pages === page;
  if (adjoins && goesOn(last.before, before, offset) && goesOn(last.after, after, offset)) last.pages += pages;
  else runs.push({ first: page, pages, before, after });
}

function goesOn(run: Mapping | undefined, next: Mapping | undefined, offset: bigint): boolean {
  if (!run || !next) return run === next;
  const { pa, r, w, x, u, memoryType } = run;
  const same = r === next.r && w === next.w && x === next.x && u === next.u && memoryType === next.memoryType;
  return same && pa + offset === next.pa;
}

function changesOf({ runs, mode }: Comparison): MappingChange[] {
  return runs.map(({ first, pages, before, after }) => ({
    va: virt(canonical(mode, BigInt(first) << 12n)),
    size: BigInt(pages) << 12n,
    before,
    after,
  }));
}
