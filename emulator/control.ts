// The face of a machine for those who run it: the debug adapter, the command line, the tests.

import type { PhysAddr, VirtAddr } from './address.ts';
import type { Interest, MachineEvent, MachineListener, WatchHit, Watchpoint } from './events.ts';
import type { Inspection } from './inspection.ts';

/** How the guest ended: power-off, reset or the end of a test. */
export interface GuestEnd {
  readonly kind: 'poweroff' | 'reset';
  /** The finisher's, SRST's or HTIF's code: 0 = success. */
  readonly code: number;
  /** What asked for it: `test finisher`, `SBI SRST`, `HTIF`. */
  readonly by: string;
}

/** Why `run` came back. State is precise: every hart stands between two instructions. */
export type Outcome =
  /** The instruction limit given to this call was reached. */
  | { readonly reason: 'limit' }
  /** A breakpoint: the instruction at pc has not been executed. */
  | { readonly reason: 'breakpoint'; readonly hart: number; readonly pc: VirtAddr; readonly pa: PhysAddr }
  /** A watched access; the accessing instruction has retired. */
  | { readonly reason: 'watchpoint'; readonly hart: number; readonly hits: readonly WatchHit[] }
  /** A listener asked for the stop. */
  | {
      readonly reason: 'event';
      readonly hart: number;
      readonly event: MachineEvent;
      /** Watched accesses of the same instruction. */
      readonly hits?: readonly WatchHit[];
    }
  /** A console sink asked for the stop. */
  | { readonly reason: 'console'; readonly hart: number }
  /** `step` is done. */
  | { readonly reason: 'step'; readonly hart: number }
  /** Every hart waits in wfi; `until` is the guest time (ns) of the next timer event, undefined when only input can wake it. */
  | { readonly reason: 'idle'; readonly until: bigint | undefined }
  | { readonly reason: 'ended'; readonly end: GuestEnd };

/** `hart` is the one that prints. */
export type ConsoleSink = (bytes: Uint8Array, hart: number) => boolean | undefined;

export interface MachineControl extends Inspection {
  /**
   * Runs at most `limit` instructions (all harts together). With `skipIdle` (default true) the machine jumps over idle
   * time to the next timer event by itself and is `idle` only when no timer is set.
   * `resume` (default true): a breakpoint at the very first instruction does not stop again.
   */
  run(limit: number, options?: { readonly skipIdle?: boolean; readonly resume?: boolean }): Outcome;
  /** Runs until `hart` has retired one instruction or taken a trap; the other harts keep their turns. At most `limit`
   * instructions of all harts together, for one that waits or is stopped. */
  step(hart: number, limit?: number): Outcome;
  /** Jumps over idle time: guest time becomes `time` (ns) at least. */
  skipTo(time: bigint): void;

  /** Back to the state right after loading. Breakpoints, watchpoints and listeners stay. */
  reset(): void;

  /** Calls the listener for the events of its interest; see MachineListener. Returns a function that removes it. */
  listen(listener: MachineListener, interest: Interest): () => void;

  /** Makes stores into these pages of RAM (their first addresses) events of kind table-write, or no longer. */
  watchTables(pages: Iterable<PhysAddr>, on: boolean): void;
  /** Replaces the ranges of virtual addresses (both ends inclusive) of which every use of a mapping is an event of kind
   * page-use. Code that runs in a page is told of when the page is entered. */
  watchUses(ranges: readonly { readonly from: VirtAddr; readonly to: VirtAddr }[]): void;

  /** Pages of RAM that were touched; with the option `counts`, how often what costs time was done, by name. */
  readonly counts: Readonly<Record<string, number>>;

  /** Replaces all breakpoints. A physical one stops whatever address the page is mapped at, and before paging. */
  setBreakpoints(points: { readonly virtual: readonly VirtAddr[]; readonly physical: readonly PhysAddr[] }): void;
  setWatchpoints(points: readonly Watchpoint[]): void;

  /** Called with what the guest prints as it is printed (all console devices together); `true` asks to stop after that
   * instruction. Returns a function that removes it. */
  onConsole(sink: ConsoleSink): () => void;
  /** Types into the guest's console; delivered as the guest takes them. */
  type(bytes: Uint8Array): void;
  /** True once the guest waits for console input by interrupt (so that idle time may be paced to real time). */
  readonly consoleWanted: boolean;

  /**
   * Begins an epoch of RAM, as a snapshot does: from now on the first write to each 4 KiB page, by a hart, a device, the
   * firmware or a debugger, is noticed. `beforeWrite` is told the page's address while it still holds what it held. The
   * next epoch or a reset ends it.
   */
  beginEpoch(beforeWrite?: (page: PhysAddr) => void): void;
  /** The pages of RAM written since the epoch began. */
  readonly dirtyPages: readonly PhysAddr[];

  /** Writes physical memory as a debugger: no permission check; code caches stay right. Returns the bytes written (holes end it). */
  writePhysical(address: PhysAddr, bytes: Uint8Array): number;
  setX(hart: number, index: number, value: bigint): void;
  setF(hart: number, index: number, value: bigint): void;
  setPc(hart: number, value: VirtAddr): void;
  /** Writes a CSR as an M-mode csrw would; returns the legalised value it now holds, undefined if there is no such CSR. */
  setCsr(hart: number, number: number, value: bigint): bigint | undefined;
}
