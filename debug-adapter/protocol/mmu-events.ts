// The wire of MMU events: the log, and the checkbox tree MMU Breakpoints. Part of the map in requests.ts.

import type { Hex64 } from './requests.ts';

interface EventRowBase {
  /** From 1. The log keeps the latest rows; older ones are gone. */
  readonly index: number;
  readonly instret: Hex64;
  readonly hart: number;
  readonly pc: Hex64;
  /** `relocate_enable_mmu+0x58`, or empty. */
  readonly symbol: string;
  /** The event in one line: `satp ← Sv39, root pa:0x80210000, ASID 0 (was Bare)`. */
  readonly text: string;
}

/** A write to satp; all of them are in the log. */
export interface SatpEventRow extends EventRowBase {
  readonly kind: 'satp';
  readonly written: Hex64;
  readonly before: Hex64;
  readonly after: Hex64;
  /** Of `after`. */
  readonly mode: string;
  readonly asid: number;
  readonly root: Hex64;
  /** The write was not taken: the mode is not supported. */
  readonly ignored: boolean;
}

/** Any other event that a stop or an MMU breakpoint with `log` has asked for. */
export interface OtherEventRow extends EventRowBase {
  readonly kind: 'event';
  /** The breakpoint's id that it belongs to: `sfence`, `pte-write-active`, `map:0x1000/4096`. */
  readonly event: string;
  /** The value of satp under which the instruction at `pc` was fetched. */
  readonly satp: Hex64;
  /** The PTE concerned, where there is one. */
  readonly pteAddress?: Hex64;
  readonly va?: Hex64;
}

/** One line of the MMU Events log. */
export type EventRow = SatpEventRow | OtherEventRow;

/** What happens at an event. */
export interface MmuBreakpoint {
  /** An event of the list (`sfence`), or any event expression of docs/events.md: `csr:stvec`, `map:0x1000+4K`, `trap:13`. */
  readonly id: string;
  /** An expression over the event's variables; docs/events.md. */
  readonly condition?: string;
  readonly hitCondition?: string;
  /** Printed to the Debug Console instead of stopping. */
  readonly logMessage?: string;
  /** Adds a row to MMU Events instead of stopping. */
  readonly log?: boolean;
}

/** One checkbox of MMU Breakpoints. */
export interface MmuBreakpointRow extends MmuBreakpoint {
  readonly label: string;
  /** Heading, in the order of first appearance: `Traps`, `Paging`, `CSRs`, `Firmware and Harts`, `Devices`, `Added`. */
  readonly group: string;
  readonly description: string;
  /** On in this tree, by `pagewalk/setMmuBreakpoints`. */
  readonly enabled: boolean;
  /** Also an exception filter, so that the Breakpoints view has a checkbox of its own for it. */
  readonly published: boolean;
  /** The filter of this event is on in the Breakpoints view. Either one is enough to stop. */
  readonly filtered: boolean;
  /** Not in the list of events: added by its expression, may be removed. */
  readonly added: boolean;
  /** `$cause`, `$tval`, …: what a condition can use. */
  readonly variables: readonly string[];
  /** How often it stopped or logged since the start. */
  readonly hits: number;
  /** Why it cannot be reached: `No CSR is called "stap".` */
  readonly problem?: string;
}

export interface MmuEventRequests {
  'pagewalk/events': [{ readonly from?: number; readonly latest?: number }, { readonly events: readonly EventRow[] }];
  /** Every event that the machine can raise, and what was added. */
  'pagewalk/mmuBreakpoints': [Record<string, never>, { readonly breakpoints: readonly MmuBreakpointRow[] }];
  /** Replaces what is on in the tree; answers as `pagewalk/mmuBreakpoints`. May be sent while the machine runs. */
  'pagewalk/setMmuBreakpoints': [
    { readonly breakpoints: readonly MmuBreakpoint[] },
    { readonly breakpoints: readonly MmuBreakpointRow[] },
  ];
}
