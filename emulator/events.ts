// What a machine tells while it runs. Every event is rare by construction (it leaves the fast path anyway), so that
// watching costs nothing when nothing happens.

import type { PhysAddr, VirtAddr } from './address.ts';
import type { Access, HartState, Privilege } from './inspection.ts';

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
  readonly csr: number;
  readonly privilege: Privilege;
  /** The value the instruction wanted to write (after set/clear was applied). */
  readonly written: bigint;
  readonly before: bigint;
  readonly after: bigint;
}

/** A trap was taken. The hart's state is that at the handler's first instruction. */
export interface TrapEvent extends EventBase {
  readonly kind: 'trap';
  readonly interrupt: boolean;
  /** Exception or interrupt code without the interrupt bit. */
  readonly cause: number;
  readonly tval: bigint;
  readonly from: Privilege;
  readonly to: Privilege;
  readonly handler: VirtAddr;
  /** mstatus before the trap changed it: what MPRV, MPP, SUM and MXR were at the access. */
  readonly mstatus: bigint;
}

/** mret or sret retired. */
export interface TrapReturnEvent extends EventBase {
  readonly kind: 'trap-return';
  readonly from: Privilege;
  readonly to: Privilege;
  readonly target: VirtAddr;
}

/** sfence.vma retired; undefined = all. */
export interface FenceEvent extends EventBase {
  readonly kind: 'sfence';
  readonly address: VirtAddr | undefined;
  readonly asid: number | undefined;
}

/** An S-mode ecall was answered by the built-in SBI. */
export interface SbiCallEvent extends EventBase {
  readonly kind: 'sbi-call';
  readonly extension: bigint;
  readonly function: bigint;
  readonly error: bigint;
}

export interface HartStateEvent extends EventBase {
  readonly kind: 'hart-state';
  readonly state: HartState;
}

export type MachineEvent = CsrWriteEvent | TrapEvent | TrapReturnEvent | FenceEvent | SbiCallEvent | HartStateEvent;

/** Called synchronously; `true` asks the machine to stop right after the causing instruction (at the handler's first
 * instruction for a trap). May inspect the machine, must not run or change it. */
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

/** A watched access has been made by an instruction that retired. */
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
}
