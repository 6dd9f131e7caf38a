// What the bus asks of a device, and what a device may ask of the machine.

import type { PhysAddr } from '../address.ts';

/** Access sizes in bytes. */
export type AccessSize = 1 | 2 | 4 | 8;

export interface Device {
  /** As a user knows it: `ns16550a`, `ACLINT`, `PLIC`. */
  readonly name: string;
  readonly base: PhysAddr;
  /** Bytes of its window. */
  readonly size: number;
  /** A guest's load; may have side effects. Unsigned value of `size` bytes; undefined = access fault. */
  read(offset: number, size: AccessSize): bigint | undefined;
  /** A guest's store; false = access fault. */
  write(offset: number, size: AccessSize, value: bigint): boolean;
  /** What a read would give, without its side effects. */
  peek(offset: number, size: AccessSize): bigint;
  /** Back to power-on state. */
  reset(): void;
  /**
   * Everything that a snapshot must keep, as plain data that can be cloned (bigints as strings). Byte arrays in it are
   * never written again, so that snapshots can share them.
   */
  save(): unknown;
  restore(state: unknown): void;
}

/** A wire into the PLIC or a hart. */
export type Line = (level: boolean) => void;

/** Interrupt-pending bits that devices drive (mip bit numbers: MSIP 3, STIP 5, MTIP 7, SEIP 9, MEIP 11, SSIP 1). */
export interface InterruptPins {
  readonly harts: number;
  /** SSIP is set only: software clears it. */
  set(hart: number, mipBit: number, level: boolean): void;
}

/** Guest time. */
export interface Clock {
  /** Guest time in nanoseconds; software cannot set it. */
  readonly now: bigint;
  /** The value of mtime now, in ticks of `frequency`. */
  readonly mtime: bigint;
  /** The same as this hart sees it: harts take turns, and time passes for each in its own. */
  mtimeOf(hart: number): bigint;
  /** A store to the mtime register: time goes on from `value`. */
  setMtime(value: bigint): void;
  /** Ticks a second: 10 000 000, as QEMU's virt. */
  readonly frequency: number;
  /** A comparator changed: the machine must look again when the next timer event is due. */
  rescheduled(): void;
}
