// What can be looked for in page tables while a machine runs, and what is found.

import type { PhysAddr, VirtAddr } from '../../emulator/address.ts';
import type { PagingMode } from '../../emulator/mmu/modes.ts';
import type { FaultReason } from '../../emulator/mmu/walk.ts';
import type { VirtRange } from '../leaves.ts';
import type { MappingChange } from './compare.ts';

/** A range of virtual addresses whose translation matters. */
export interface WatchedRange {
  readonly id: number;
  readonly range: VirtRange;
  /** Only under this root, whether a hart uses it or not; absent: as each hart's satp has it. */
  readonly root?: { readonly mode: PagingMode; readonly address: PhysAddr };
  readonly matters: (change: MappingChange) => boolean;
}

/** A piece of physical memory of which every new mapping matters. */
export interface WatchedFrames {
  readonly id: number;
  readonly from: PhysAddr;
  /** Inclusive. */
  readonly to: PhysAddr;
}

export interface MappingsWanted {
  readonly ranges: readonly WatchedRange[];
  readonly frames: readonly WatchedFrames[];
  /** Every store into a table that a hart's satp leads to; leaves that become W+X; entries that become malformed. */
  readonly writes: boolean;
  readonly writableAndExecutable: boolean;
  readonly malformed: boolean;
}

export interface FindingBase {
  readonly va: VirtAddr;
  /** In bytes. */
  readonly size: bigint;
  readonly mode: PagingMode;
  readonly root: PhysAddr;
  /** The PTE that was written, or that came into force with a table or root; undefined: satp alone was written. */
  readonly pte: PhysAddr | undefined;
  readonly level: number;
  /** Its value before and after; equal where it came into force unwritten. */
  readonly old: bigint;
  readonly new: bigint;
}

export type MappingFinding =
  | (FindingBase & {
      readonly kind: 'map-change';
      readonly points: readonly number[];
      readonly change: MappingChange;
      /** So many runs more were changed by the same write. */
      readonly more: number;
    })
  | (FindingBase & { readonly kind: 'map-frame'; readonly points: readonly number[] })
  | (FindingBase & { readonly kind: 'map-wx'; readonly more: number })
  | (FindingBase & { readonly kind: 'map-malformed'; readonly reason: FaultReason })
  | (FindingBase & { readonly kind: 'pte-write' });
