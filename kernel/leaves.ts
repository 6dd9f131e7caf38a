// The leaves of an address space, found in one pass over its tables; neighbours within one table are joined on the way.

import { type PhysAddr, type VirtAddr, virt } from '../emulator/address.ts';
import type { PhysicalMemory } from '../emulator/inspection.ts';
import { canonical, entriesOf, isCanonical, type PagingMode, spanOf } from '../emulator/mmu/modes.ts';
import { decodePte, type MemoryType, memoryTypes, PteBit } from '../emulator/mmu/pte.ts';
import { malformation } from '../emulator/mmu/walk.ts';
import { continues, joined, type MapRun, type Share } from './run.ts';
import { type AddressSpace, pteStride, rawEntries, targetOf } from './space.ts';

/** Virtual addresses, both ends inclusive. */
export interface VirtRange {
  readonly from: VirtAddr;
  readonly to: VirtAddr;
}

export const everything: VirtRange = { from: virt(0), to: virt(-1) };

/** The leaves of a root, neighbours within one table already joined. Malformed entries map nothing. */
export function leafRuns(memory: PhysicalMemory, space: AddressSpace, range = everything): Generator<MapRun, unknown> {
  const half = 1n << BigInt(space.mode.vaBits - 1);
  const inMode = (va: VirtAddr) => BigInt.asUintN(space.mode.vaBits, va);
  const walker: Walker = {
    memory,
    space,
    from: isCanonical(space.mode, range.from) ? inMode(range.from) : half,
    to: isCanonical(space.mode, range.to) ? inMode(range.to) : half - 1n,
    known: new Map(),
  };
  return visit(walker, space.root, space.mode.levels - 1, 0n, false);
}

interface Walker {
  readonly memory: PhysicalMemory;
  readonly space: AddressSpace;
  /** Both inclusive, without the sign extension. */
  readonly from: bigint;
  readonly to: bigint;
  /**
   * What is below a table (with its level), where that is one thing: tables that point at themselves, and tables that are
   * shared a thousand times, are looked at once.
   */
  readonly known: Map<string, MapRun | 'nothing'>;
}

/** A whole table's content: one run, repeating one page; nothing at all; or anything else. */
type Content = MapRun | 'nothing' | 'mixed';

const WIDE_SPECIAL = ((1n << 10n) - 1n) << 54n;
const POINTER_RESERVED = PteBit.U | PteBit.A | PteBit.D;
const LEAF = PteBit.R | PteBit.W | PteBit.X;
/** Bits by which leaves of one run may differ: A, D and the two of software. */
const LOOSE = 0x3c0n;
const FIRST_PPN_BIT = 1n << 10n;

/** Yields the runs under one table; returns what they are in sum. */
function* visit(
  walker: Walker,
  table: PhysAddr,
  level: number,
  base: bigint,
  global: boolean,
): Generator<MapRun, Content> {
  const { mode } = walker.space;
  const span = spanOf(mode, level);
  const stride = pteStride(mode, level);
  const first = walker.from <= base ? 0 : Number((walker.from - base) / span);
  const whole = first === 0 && walker.to >= base + (span << BigInt(mode.vpnBits)) - 1n;
  const key = `${level}:${table}:${global}`;
  const known = whole ? walker.known.get(key) : undefined;
  if (known) {
    if (known === 'nothing') return known;
    const again = { ...known, va: virt(canonical(mode, base)) };
    yield again;
    return again;
  }

  const entries = rawEntries(walker.memory, mode, table);
  const last = Math.min(entries.length - 1, walker.to < base ? -1 : Number((walker.to - base) / span));
  const repeated = whole && entries.length === entriesOf(mode) && entries.every((entry) => entry === entries[0]);
  let content: Content = 'nothing';
  for (let index = first; index <= last; index += 1) {
    const raw = entries[index] as bigint;
    if ((raw & PteBit.V) === 0n || isMalformed(raw, level, stride, walker.space)) continue;
    const va = base + BigInt(index) * span;
    if ((raw & LEAF) === 0n) {
      const below = yield* visit(walker, targetOf(raw, mode), level - 1, va, global || (raw & PteBit.G) !== 0n);
      content = together(content, below);
      continue;
    }
    const single = repeated && (mode.pteSize === 4 || (raw & PteBit.N) === 0n);
    const end = single ? last : runEnd(entries, index, last, stride, mode);
    const run = describeRun(entries, index, end, va, level, global, mode, single);
    yield run;
    content = together(content, run);
    index = end;
  }
  if (content !== 'nothing' && content !== 'mixed') {
    const fills = content.repeated && content.size === span << BigInt(mode.vpnBits);
    if (!fills) content = 'mixed';
  }
  if (whole && content !== 'mixed') walker.known.set(key, content);
  return content;
}

function together(content: Content, next: Content): Content {
  if (next === 'nothing' || content === 'mixed') return content;
  if (content === 'nothing' || next === 'mixed') return next;
  return continues(content, next) ? joined(content, next) : 'mixed';
}

function isMalformed(raw: bigint, level: number, stride: bigint, space: AddressSpace): boolean {
  const { mode } = space;
  const pointer = (raw & LEAF) === 0n;
  const plain =
    (mode.pteSize === 4 || (raw & WIDE_SPECIAL) === 0n) &&
    (pointer
      ? level > 0 && (raw & POINTER_RESERVED) === 0n
      : (raw & (PteBit.R | PteBit.W)) !== PteBit.W && (raw & (stride - FIRST_PPN_BIT)) === 0n);
  return !plain && malformation(decodePte(raw, mode), level, mode, space) !== undefined;
}

/** A leaf with the PPN of its own page also where NAPOT names sixteen pages at once; -1 where its encoding is reserved. */
function ownPage(raw: bigint, index: number, mode: PagingMode): bigint {
  if (mode.pteSize === 4 || (raw & PteBit.N) === 0n) return raw;
  if (((raw >> 10n) & 15n) !== 8n) return -1n;
  return (raw & ~(15n << 10n)) | (BigInt(index & 15) << 10n);
}

/** The last index of the run of leaves that begins at `first`. */
function runEnd(entries: readonly bigint[], first: number, last: number, stride: bigint, mode: PagingMode): number {
  const special = (entries[first] as bigint) & WIDE_SPECIAL;
  let expected = ownPage(entries[first] as bigint, first, mode) & ~LOOSE;
  let index = first;
  while (index < last) {
    // A PPN that overflows shows in the special bits.
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
  repeated: boolean,
): MapRun {
  const raw = ownPage(entries[first] as bigint, first, mode);
  const low = Number(raw & 0xffn);
  const high = mode.pteSize === 8 ? Number(raw >> 61n) : 0;
  const span = spanOf(mode, level);
  return {
    va: virt(canonical(mode, va)),
    pa: targetOf(raw, mode),
    repeated,
    size: span * BigInt(end - first + 1),
    pageSize: high & 4 ? 0x10000n : span,
    level,
    r: (low & 0x02) !== 0,
    w: (low & 0x04) !== 0,
    x: (low & 0x08) !== 0,
    u: (low & 0x10) !== 0,
    g: global || (low & 0x20) !== 0,
    memoryType: memoryTypes[high & 3] as MemoryType,
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
