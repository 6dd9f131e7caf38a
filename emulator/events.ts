// What a machine tells while it runs. A listener says which kinds it wants; what nobody wants is not even made, so that
// the core may take shortcuts there.

import type { PhysAddr, VirtAddr } from './address.ts';
import type { Access, HartState, Privilege } from './inspection.ts';
import type { WalkFailure } from './mmu/walk.ts';

interface EventBase {
  readonly hart: number;
  /** pc of the instruction that caused it (of an interrupt: the instruction that was interrupted). */
  readonly pc: VirtAddr;
  /** Instructions retired by that hart before the causing instruction. */
  readonly instret: bigint;
}

/** A CSR instruction that writes retired (also when the write was ignored: then `after` = `before`). */
export interface CsrWriteEvent extends EventBase {
  readonly kind: 'csr-write';
  /** Told of later: the hart is elsewhere by now. */
  readonly late?: true;
  readonly csr: number;
  readonly privilege: Privilege;
  /** The value the instruction wanted to write (after set/clear was applied). */
  readonly written: bigint;
  readonly before: bigint;
  readonly after: bigint;
}

/** A CSR instruction is about to write; it has passed its checks and has not been executed. Who stops here finds the
 * hart at that very instruction, and it is not told of again when the machine goes on. */
export interface CsrPendingEvent extends EventBase {
  readonly kind: 'csr-pending';
  readonly csr: number;
  readonly privilege: Privilege;
  /** What the instruction will write (set/clear applied), and what the register holds. */
  readonly written: bigint;
  readonly before: bigint;
}

/** What a hart was at an event that is told of later. */
export interface EarlierHart {
  /** x0 to x31. */
  readonly registers: BigUint64Array;
  readonly satp: bigint;
}

/** A trap was taken. The hart's state is that at the handler's first instruction, unless it is told of later. */
export interface TrapEvent extends EventBase {
  readonly kind: 'trap';
  /** Told of later: what the hart was. Without `fault`. */
  readonly was?: EarlierHart;
  readonly interrupt: boolean;
  /** Exception or interrupt code without the interrupt bit. */
  readonly cause: number;
  readonly tval: bigint;
  readonly from: Privilege;
  readonly to: Privilege;
  readonly handler: VirtAddr;
  /** mstatus before the trap changed it: what MPRV, MPP, SUM and MXR were at the access. */
  readonly mstatus: bigint;
  /** The walk that failed, of page faults, and of access faults that the walk or PMP and PMA made. */
  readonly fault?: WalkFailure;
}

/** mret or sret retired. */
export interface TrapReturnEvent extends EventBase {
  readonly kind: 'trap-return';
  readonly from: Privilege;
  readonly to: Privilege;
  readonly target: VirtAddr;
}

/** sfence.vma or sinval.vma retired; undefined = all. */
export interface FenceEvent extends EventBase {
  readonly kind: 'sfence';
  readonly address: VirtAddr | undefined;
  readonly asid: number | undefined;
}

/** fence.i retired. */
export interface InstructionFenceEvent extends EventBase {
  readonly kind: 'fence-i';
}

/** wfi retired; the hart waits if no enabled interrupt is pending. */
export interface WaitEvent extends EventBase {
  readonly kind: 'wfi';
  readonly waits: boolean;
}

/** An S-mode ecall was answered by the built-in SBI. */
export interface SbiCallEvent extends EventBase {
  readonly kind: 'sbi-call';
  readonly extension: bigint;
  readonly function: bigint;
  /** a0 to a5 of the call. */
  readonly args: readonly bigint[];
  readonly error: bigint;
  readonly value: bigint;
}

/** A hart was started, stopped or suspended by the SBI. pc is the hart's own. */
export interface HartStateEvent extends EventBase {
  readonly kind: 'hart-state';
  readonly state: HartState;
}

/** A load or store of a device's register has been done. */
export interface DeviceAccessEvent extends EventBase {
  readonly kind: 'device-access';
  readonly device: string;
  readonly access: 'load' | 'store';
  readonly va: VirtAddr;
  readonly pa: PhysAddr;
  readonly size: number;
  readonly value: bigint;
}

/** A store into a page that `watchTables` names; it has been done. */
export interface TableWriteEvent extends EventBase {
  readonly kind: 'table-write';
  readonly va: VirtAddr;
  readonly pa: PhysAddr;
  readonly size: number;
  /** The stored bytes, little-endian. */
  readonly before: bigint;
  readonly after: bigint;
}

/** The hardware has set A, or A and D, in a PTE for an access. */
export interface AdUpdateEvent extends EventBase {
  readonly kind: 'ad-update';
  readonly va: VirtAddr;
  readonly access: Access;
  /** Where the PTE is, its level, its value before and after. */
  readonly pte: PhysAddr;
  readonly level: number;
  readonly before: bigint;
  readonly after: bigint;
}

/** An access is about to be made through a mapping of a page that `watchUses` names. */
export interface PageUseEvent extends EventBase {
  readonly kind: 'page-use';
  readonly va: VirtAddr;
  readonly pa: PhysAddr;
  readonly access: Access;
  readonly root: PhysAddr;
  /** Of the leaf. */
  readonly level: number;
}

export type MachineEvent =
  | CsrWriteEvent
  | CsrPendingEvent
  | TrapEvent
  | TrapReturnEvent
  | FenceEvent
  | InstructionFenceEvent
  | WaitEvent
  | SbiCallEvent
  | HartStateEvent
  | DeviceAccessEvent
  | TableWriteEvent
  | AdUpdateEvent
  | PageUseEvent;

export type EventKind = MachineEvent['kind'];

/** What a listener wants to hear. */
export interface Interest {
  readonly kinds: readonly EventKind[];
  /** Of csr-write and csr-pending: the numbers of the CSRs; absent = all. */
  readonly csrs?: readonly number[];
  /** Exceptions of U-mode, calls of M-mode and page faults that are reckoned with, where the handler is mapped, and returns
   * from traps may be told of later; absent = at once. */
  readonly late?: LateTraps;
  /** S-mode's writes of satp may be told of later: before traps are told of, and before the machine stops. */
  readonly lateSatp?: boolean;
}

/** A trap that a hart is in, with what the interrupted code was. */
export interface OpenTrap extends EarlierHart {
  readonly event: TrapEvent;
}

/** An exception whose instruction is tried again. */
export type RetriedTrap = Pick<TrapEvent, 'cause' | 'pc' | 'tval'>;

/**
 * Listens to traps that generated code deals with by itself. It tells of those that are open, in their order, before anything
 * else is told and before the machine stops; with `was`, since the hart is elsewhere by that time.
 */
export interface LateTraps {
  /** An exception (same cause, pc and address) is told of late only up to so many times without progress, then at once.
   * Going back to anywhere but the trapped instruction is progress. */
  readonly patience: number;
  /** What is surely left of that for any exception of a hart, when all has been told. */
  patienceOf(hart: number): number;
  /** Of the traps that were told of those that are open, outermost first. */
  openTraps(hart: number): readonly OpenTrap[];
  /** One of these was left by going on elsewhere; that is told as `passed`, too. */
  left(hart: number, trap: OpenTrap): void;
  /** Whether page faults of this instruction of S-mode may be told of later from now on, whatever the address. To be asked
   * while the hart stands at the handler's first instruction. */
  reckonsWith(event: TrapEvent): boolean;
  /**
   * Instead of traps that were left by a return to where they came from with the same stack pointer and, where there was
   * one, the same address space: by going on elsewhere than at the trapped instruction, and by trying that again.
   * `toUser`: U-mode was returned to since such things were told last.
   */
  passed(hart: number, toUser: boolean): void;
  retried(hart: number, trap: RetriedTrap, toUser: boolean): void;
}

/** Called synchronously; `true` asks the machine to stop right after the causing instruction (at the handler's first
 * instruction for a trap, before the instruction for csr-pending). May inspect the machine and change what is listened
 * to and watched, must not run it or change its state. */
export type MachineListener = (event: MachineEvent) => boolean | undefined;

/** A range of addresses to watch. */
export interface Watchpoint {
  readonly id: number;
  readonly space: 'virtual' | 'physical';
  readonly address: VirtAddr | PhysAddr;
  /** In bytes; any length. */
  readonly size: bigint;
  readonly on: 'read' | 'write' | 'read-write' | 'change';
}

/** A watched access has been made by an instruction that retired, or on its behalf by who is named in `by`. */
export interface WatchHit {
  readonly watchpoint: Watchpoint;
  readonly hart: number;
  /** pc of the accessing instruction. */
  readonly pc: VirtAddr;
  readonly access: Access;
  readonly va: VirtAddr;
  readonly pa: PhysAddr;
  readonly size: number;
  /** The accessed bytes, little-endian, before and after; equal for reads. */
  readonly before: bigint;
  readonly after: bigint;
  /**
   * What writes where no store of the hart's does: a device, `page-table walk`, `built-in SBI`. Of a longer write the first
   * eight watched bytes, if some change from the first of these on. For a watchpoint on physical addresses `va` is `pa`.
   */
  readonly by?: string;
}
