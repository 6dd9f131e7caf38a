// The read-only face of a machine, live or recorded. Observing never disturbs: nothing here sets an A or D bit,
// fills a TLB line, takes a byte from a UART or retires an instruction.

import type { PhysAddr, VirtAddr } from './address.ts';

/** Privilege levels by their encoding (privileged manual, "Privilege Levels"). */
export const Privilege = { U: 0, S: 1, M: 3 } as const;
export type Privilege = (typeof Privilege)[keyof typeof Privilege];

/** What an access wants of a translation. AMOs, SC and cbo.zero count as stores, LR as a load. */
export type Access = 'fetch' | 'load' | 'store';

/** Whether a hart runs (SBI HSM's words; `waiting` = in wfi, `suspended` = in HSM's hart_suspend). */
export type HartState = 'started' | 'stopped' | 'waiting' | 'suspended';

/** One hart's architectural state, read without effect. Register values are unsigned 64-bit; on RV32 sign-extended. */
export interface HartView {
  /** mhartid. */
  readonly id: number;
  readonly pc: VirtAddr;
  readonly privilege: Privilege;
  readonly state: HartState;
  /** Instructions retired since reset by this hart. */
  readonly instret: bigint;
  /** Integer register 0–31. */
  x(index: number): bigint;
  /** Floating-point register 0–31, raw (a single is NaN-boxed). */
  f(index: number): bigint;
  /** What a read of the CSR from M-mode would give now, without its side effects; undefined where it does not exist. */
  csr(number: number): bigint | undefined;
}

/** A part of the physical address space that something answers for. */
export interface PhysicalRegion {
  /** Such as `RAM`, `ns16550a`, `PLIC`. */
  readonly name: string;
  readonly kind: 'ram' | 'device';
  readonly base: PhysAddr;
  /** In bytes. */
  readonly size: bigint;
}

/** Physical memory: what the page walk, the views and the symbolizers read. */
export interface PhysicalMemory {
  /**
   * Bytes from `address` on, at most `length`. Shorter (even empty) where the memory ends: a hole begins there.
   * Device registers are peeked, not read.
   */
  readPhysical(address: PhysAddr, length: number): Uint8Array;
}

/** A whole machine, read-only. */
export interface Inspection extends PhysicalMemory {
  readonly xlen: 32 | 64;
  /** The normalised ISA string, such as `rv64imafdc_zicsr_zifencei_zicntr_sstc_sv57`. */
  readonly isa: string;
  readonly harts: readonly HartView[];
  /** Ascending, not overlapping. */
  readonly regions: readonly PhysicalRegion[];
  /** Machine time in nanoseconds of guest time; derived from retired instructions, never from the host's clock. */
  readonly time: bigint;
  /** Why the PMP of `hart` (default 0) or PMA would refuse this physical access at this privilege; undefined = allowed. */
  refusal(
    address: PhysAddr,
    size: number,
    access: Access,
    privilege: Privilege,
    hart?: number,
  ): AccessRefusal | undefined;
  /** PMP entries that the harts implement. */
  readonly pmpEntries: number;
  /** Where the device tree is that firmware handed to the kernel; undefined where nobody knows of one. */
  readonly deviceTree: PhysAddr | undefined;
  /** Instructions the paging hardware of this machine has: widest satp mode, A/D policy, extensions. */
  readonly paging: PagingFeatures;
}

export interface AccessRefusal {
  readonly by: 'PMP' | 'PMA';
  /** PMP: index of the matching entry; undefined when none matched. */
  readonly entry?: number;
  /** One clause: `no PMP entry matches`, `nothing at this address`. */
  readonly text: string;
}

/** What the machine's paging hardware can do, fixed at reset (the CSR switches menvcfg.ADUE/PBMTE come on top). */
export interface PagingFeatures {
  /** satp.MODE values other than Bare that can be set. */
  readonly modes: readonly ('Sv32' | 'Sv39' | 'Sv48' | 'Sv57')[];
  readonly svnapot: boolean;
  readonly svpbmt: boolean;
  /** Hardware may set A and D (Svadu present, or neither Svade nor Svadu named). */
  readonly svadu: boolean;
}
