// A run of leaves: contiguous in virtual and in physical addresses, of one leaf size, one set of permissions and one
// memory type.

import type { PhysAddr, VirtAddr } from '../emulator/address.ts';
import type { MemoryType } from '../emulator/mmu/pte.ts';

/** How many of a run's leaves have a bit set. */
export type Share = 'all' | 'some' | 'none';

export interface MapRun {
  readonly va: VirtAddr;
  readonly pa: PhysAddr;
  /** Every leaf maps the same page at `pa`, again and again, as in the shadow that KASAN shares out. */
  readonly repeated: boolean;
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

/** Joins neighbours that continue each other. */
export function* mergeRuns(runs: Iterable<MapRun>): Generator<MapRun> {
  let last: MapRun | undefined;
  for (const run of runs) {
    if (last && continues(last, run)) {
      last = joined(last, run);
    } else {
      if (last) yield last;
      last = run;
    }
  }
  if (last) yield last;
}

/** Whether `b` goes on where `a` ends, in both addresses and with the same attributes. */
export function continues(a: MapRun, b: MapRun): boolean {
  return (
    a.level === b.level &&
    a.va + a.size === b.va &&
    a.repeated === b.repeated &&
    (a.repeated ? a.pa : a.pa + a.size) === b.pa &&
    a.r === b.r &&
    a.w === b.w &&
    a.x === b.x &&
    a.u === b.u &&
    a.g === b.g &&
    a.memoryType === b.memoryType &&
    a.pageSize === b.pageSize
  );
}

/** Both as one; `b` must continue `a`. */
export function joined(a: MapRun, b: MapRun): MapRun {
  const accessed = a.accessed === b.accessed ? a.accessed : 'some';
  const dirty = a.dirty === b.dirty ? a.dirty : 'some';
  return { ...a, size: a.size + b.size, accessed, dirty };
}
