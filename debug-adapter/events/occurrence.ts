// What happened: the machine's own events, and what they mean together.

import type { PhysAddr, VirtAddr } from '../../emulator/address.ts';
import type { MachineEvent, PageUseEvent } from '../../emulator/events.ts';
import type { Privilege } from '../../emulator/inspection.ts';
import type { MappingFinding } from '../../kernel/index.ts';

interface OccurrenceBase {
  readonly hart: number;
  /** pc of the instruction that caused it. */
  readonly pc: VirtAddr;
  /** Instructions retired by that hart before. */
  readonly instret: bigint;
}

/** A hart goes on in another privilege mode. */
export interface PrivilegeOccurrence extends OccurrenceBase {
  readonly kind: 'privilege';
  readonly from: Privilege;
  readonly to: Privilege;
  readonly target: VirtAddr;
  readonly by: 'trap' | 'trap-return';
}

/** After satp has turned paging on, a hart is about to fetch through it for the first time. */
export interface PagingStartOccurrence extends OccurrenceBase {
  readonly kind: 'paging-start';
  readonly satp: bigint;
  /** The instruction to be fetched, and whether it can be. */
  readonly target: VirtAddr;
  readonly mapped: boolean;
}

/** A fetch from where nothing executable is mapped, other than by going on from the page before. */
export interface JumpUnmappedOccurrence extends OccurrenceBase {
  readonly kind: 'jump-unmapped';
  readonly target: VirtAddr;
  /** The call that ra tells of, if that is where it came from. */
  readonly caller: VirtAddr | undefined;
}

/** The first use of a watched range's mapping. */
export interface FirstUseOccurrence extends Omit<PageUseEvent, 'kind'> {
  readonly kind: 'first-use';
  readonly points: readonly number[];
}

/** A text that a `console:` point waits for has been printed. */
export interface ConsoleOccurrence extends OccurrenceBase {
  readonly kind: 'console';
  readonly points: readonly number[];
  readonly text: string;
}

export type MappingOccurrence = OccurrenceBase & MappingFinding;

export type Occurrence =
  | MachineEvent
  | PrivilegeOccurrence
  | PagingStartOccurrence
  | JumpUnmappedOccurrence
  | FirstUseOccurrence
  | ConsoleOccurrence
  | MappingOccurrence;

export type OccurrenceKind = Occurrence['kind'];

/** What judging an occurrence may need beyond itself. */
export interface OccurrenceFacts {
  readonly xlen: 32 | 64;
  /** User space has run since reset. */
  readonly user: boolean;
  /** How often this trap (cause, epc, tval) has been taken without progress, this time included. */
  readonly count: number;
  /** Why the kernel reckons with the trap; undefined = unexpected. */
  readonly expected: () => string | undefined;
  /** What a pending satp write will do. */
  readonly preflight: () => { readonly verdict: 'green' | 'yellow' | 'red'; readonly text: string } | undefined;
}

/** The PTE that an occurrence is about. */
export function pteOf(occurrence: Occurrence): PhysAddr | undefined {
  return 'pte' in occurrence ? occurrence.pte : undefined;
}
