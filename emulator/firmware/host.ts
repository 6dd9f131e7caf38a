// What the built-in SBI may do to the machine: the face that firmware sees.

import type { PhysAddr, VirtAddr } from '../address.ts';

/** HSM hart states (SBI specification, "Hart State Management Extension"). */
export const HsmState = {
  started: 0,
  stopped: 1,
  startPending: 2,
  stopPending: 3,
  suspended: 4,
} as const;

export interface SbiMachine {
  readonly xlen: 32 | 64;
  /** By their names in the ISA string, in lower case. */
  readonly extensions: ReadonlySet<string>;
  readonly harts: number;
  /** Ticks of `time`. */
  readonly mtime: bigint;
  /** XLEN bits, unsigned. */
  x(hart: number, index: number): bigint;
  setX(hart: number, index: number, value: bigint): void;
  csr(hart: number, number: number): bigint;
  setCsr(hart: number, number: number, value: bigint): void;
  /** Sets the supervisor timer of the hart to `ticks` (all ones = never) and clears STIP until then. */
  setTimer(hart: number, ticks: bigint): void;
  /** Raises SSIP. */
  sendIpi(hart: number): void;
  /** Drops cached translations of a hart. undefined = all. */
  fence(hart: number, start?: VirtAddr, size?: bigint, asid?: number): void;
  /** Makes a hart see stores in its later instruction fetches (fence.i). */
  fenceInstructions(hart: number): void;
  /** One of HsmState. */
  state(hart: number): number;
  /** Makes a hart go on in S-mode at `address` with a0 = hart id, a1 = `opaque`, satp = 0, sstatus.SIE = 0. */
  start(hart: number, address: PhysAddr, opaque: bigint): void;
  /** Stops the calling hart after this call. */
  stop(hart: number): void;
  /** Puts the calling hart to sleep until an interrupt is pending. It goes on behind the call, or where `start` says. */
  suspend(hart: number): void;
  /** Whether the physical range is RAM that S-mode may use. */
  isMemory(address: PhysAddr, size: bigint): boolean;
  read(address: PhysAddr, length: number): Uint8Array;
  write(address: PhysAddr, bytes: Uint8Array): void;
  print(bytes: Uint8Array): void;
  /** A typed byte, or undefined. */
  key(): number | undefined;
  poweroff(code: number): void;
  reboot(): void;
  /** What the firmware remembers between calls: empty after reset, part of snapshots. */
  readonly firmwareLocks: Set<string>;
}
