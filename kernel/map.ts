// The map of a whole address space as runs: contiguous in virtual and in physical addresses, of one leaf size, one set
// of permissions and one memory type. Generators, so that a reader may page, filter and stop early.

import { type PhysAddr, phys, type VirtAddr, virt } from '../emulator/address.ts';
import type { PhysicalMemory } from '../emulator/inspection.ts';
import { canonical, isCanonical, type PagingMode, spanOf } from '../emulator/mmu/modes.ts';
import { decodePte, type MemoryType, PteBit } from '../emulator/mmu/pte.ts';
import { malformation } from '../emulator/mmu/walk.ts';
import { type AddressSpace, pteStride, rawEntries, tableOf } from './space.ts';

/** How many of a run's leaves have a bit set. */
export type Share = 'all' | 'some' | 'none';

export interface MapRun {
  readonly va: VirtAddr;
  readonly pa: PhysAddr;
  /** In bytes. */
  readonly size: bigint;
  /** Bytes that one leaf maps; 64 KiB for NAPOT. */
  readonly pageSize: bigint;
  readonly level: number;
  readonly r: boolean;
  readonly w: boolean;
  readonly x: boolean;
  readonly u: boolean;
  /** Global: G is set in the leaf or in a pointer above it. */
  readonly g: boolean;
  readonly memoryType: MemoryType;
  readonly accessed: Share;
  readonly dirty: Share;
}

/** Virtual addresses, both ends inclusive. */
export interface VirtRange {
  readonly from: VirtAddr;
  readonly to: VirtAddr;
}

const everything: VirtRange = { from: virt(0), to: virt(-1) };

/** What a root maps, merged, in ascending order of virtual addresses; with `range` only the leaves that touch it. */
export function mappings(memory: PhysicalMemory, space: AddressSpace, range = everything): Generator<MapRun> {
  return mergeRuns(leafRuns(memory, space, range));
}

/** Joins neighbours that continue each other. */
export function* mergeRuns(runs: Iterable<MapRun>): Generator<MapRun> {
  let last: MapRun | undefined;
  for (const run of runs) {
    if (last && continues(last, run)) {
      const accessed = last.accessed === run.accessed ? run.accessed : 'some';
      const dirty = last.dirty === run.dirty ? run.dirty : 'some';
      last = { ...last, size: last.size + run.size, accessed, dirty };
    } else {
      if (last) yield last;
      last = run;
    }
  }
  if (last) yield last;
}

function continues(a: MapRun, b: MapRun): boolean {
  return (
    a.level === b.level &&
    a.va + a.size === b.va &&
    a.pa + a.size === b.pa &&
    a.r === b.r &&
    a.w === b.w &&
    a.x === b.x &&
    a.u === b.u &&
    a.g === b.g &&
    a.memoryType === b.memoryType &&
    a.pageSize === b.pageSize
  );
}

/** The leaves of a root, neighbours within one table already joined. Malformed entries map nothing. */
export function leafRuns(memory: PhysicalMemory, space: AddressSpace, range = everything): Generator<MapRun, unknown> {
  const half = 1n << BigInt(space.mode.vaBits - 1);
  const inMode = (va: VirtAddr) => BigInt.asUintN(space.mode.vaBits, va);
  const walker: Walker = {
    memory,
    space,
    from: isCanonical(space.mode, range.from) ? inMode(range.from) : half,
    to: isCanonical(space.mode, range.to) ? inMode(range.to) : half - 1n,
    barren: new Set(),
  };
  return visit(walker, space.root, space.mode.levels - 1, 0n, false);
}

interface Walker {
  readonly memory: PhysicalMemory;
  readonly space: AddressSpace;
  /** Both inclusive, without the sign extension. */
  readonly from: bigint;
  readonly to: bigint;
  /** Tables (with their level) below which nothing is mapped: garbage that points at itself ends quickly. */
  readonly barren: Set<string>;
}

const WIDE_SPECIAL = ((1n << 10n) - 1n) << 54n;
const POINTER_RESERVED = PteBit.U | PteBit.A | PteBit.D;
const LEAF = PteBit.R | PteBit.W | PteBit.X;
/** Bits by which leaves of one run may differ: A, D and the two of software. */
const LOOSE = 0x3c0n;

/** Yields the runs under one table; returns whether there were any. */
function* visit(
  walker: Walker,
  table: PhysAddr,
  level: number,
  base: bigint,
  global: boolean,
): Generator<MapRun, boolean> {
  const { mode } = walker.space;
  const span = spanOf(mode, level);
  const entries = rawEntries(walker.memory, mode, table);
  const first = walker.from <= base ? 0 : Number((walker.from - base) / span);
  const last = Math.min(entries.length - 1, walker.to < base ? -1 : Number((walker.to - base) / span));
  const whole = first === 0 && walker.to >= base + (span << BigInt(mode.vpnBits)) - 1n;
  const key = `${level}:${table}`;
  if (whole && walker.barren.has(key)) return false;

  let found = false;
  for (let index = first; index <= last; index += 1) {
    const raw = entries[index] as bigint;
    if ((raw & PteBit.V) === 0n || isMalformed(raw, level, walker.space)) continue;
    const va = base + BigInt(index) * span;
    if ((raw & LEAF) === 0n) {
      const below = yield* visit(walker, tableOf(raw, mode), level - 1, va, global || (raw & PteBit.G) !== 0n);
      found ||= below;
      continue;
    }
    const end = runEnd(entries, index, last, mode, level);
    yield describeRun(entries, index, end, va, level, global, mode);
    found = true;
    index = end;
  }
  if (whole && !found) walker.barren.add(key);
  return found;
}

function isMalformed(raw: bigint, level: number, space: AddressSpace): boolean {
  const { mode } = space;
  const pointer = (raw & LEAF) === 0n;
  const plain =
    (mode.pteSize === 4 || (raw & WIDE_SPECIAL) === 0n) &&
    (pointer
      ? level > 0 && (raw & POINTER_RESERVED) === 0n
      : (raw & (PteBit.R | PteBit.W)) !== PteBit.W && (raw & (pteStride(mode, level) - 1024n)) === 0n);
  return !plain && malformation(decodePte(raw, mode), level, mode, space) !== undefined;
}

/** A leaf with the PPN of its own page also where NAPOT names sixteen pages at once; -1 where its encoding is reserved. */
function ownPage(raw: bigint, index: number, mode: PagingMode): bigint {
  if (mode.pteSize === 4 || (raw & PteBit.N) === 0n) return raw;
  if (((raw >> 10n) & 15n) !== 8n) return -1n;
  return (raw & ~(15n << 10n)) | (BigInt(index & 15) << 10n);
}

/** The last index of the run of leaves that begins at `first`. */
function runEnd(entries: readonly bigint[], first: number, last: number, mode: PagingMode, level: number): number {
  const stride = pteStride(mode, level);
  const special = (entries[first] as bigint) & WIDE_SPECIAL;
  let expected = ownPage(entries[first] as bigint, first, mode) & ~LOOSE;
  let index = first;
  while (index < last) {
    expected += stride;
    const next = ownPage(entries[index + 1] as bigint, index + 1, mode);
    if ((next & ~LOOSE) !== expected || (next & WIDE_SPECIAL) !== special) break;
    index += 1;
  }
  return index;
}

function describeRun(
  entries: readonly bigint[],
  first: number,
  end: number,
  va: bigint,
  level: number,
  global: boolean,
  mode: PagingMode,
): MapRun {
  const pte = decodePte(ownPage(entries[first] as bigint, first, mode), mode);
  const span = spanOf(mode, level);
  return {
    va: virt(canonical(mode, va)),
    pa: phys(pte.target),
    size: span * BigInt(end - first + 1),
    pageSize: pte.napot ? 0x10000n : span,
    level,
    r: pte.r,
    w: pte.w,
    x: pte.x,
    u: pte.u,
    g: global || pte.g,
    memoryType: pte.pbmt,
    accessed: share(entries, first, end, PteBit.A),
    dirty: share(entries, first, end, PteBit.D),
  };
}

function share(entries: readonly bigint[], first: number, end: number, bit: bigint): Share {
  const expected = (entries[first] as bigint) & bit;
  for (let index = first + 1; index <= end; index += 1) {
    if (((entries[index] as bigint) & bit) !== expected) return 'some';
  }
  return expected ? 'all' : 'none';
}
