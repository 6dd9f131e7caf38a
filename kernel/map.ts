// The map of a whole address space as runs: contiguous in virtual and in physical addresses, of one leaf size, one set
// of permissions and one memory type. Generators, so that a reader may page, filter and stop early.

import type { PhysAddr, VirtAddr } from '../emulator/address.ts';
import type { PhysicalMemory } from '../emulator/inspection.ts';
import type { MemoryType } from '../emulator/mmu/pte.ts';
import { everything, leafRuns } from './leaves.ts';
import type { AddressSpace } from './space.ts';

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
