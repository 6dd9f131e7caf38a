// The wire beyond DAP: every custom request and event, typed once for both ends. Addresses and registers travel as
// Hex64 strings; sizes and counts as numbers (sizes that may exceed 2^53 as Hex64).

import type { ExplainingRequests, ManualRuleRow, RepairRow } from './explaining.ts';
import type { LinuxRequests } from './linux.ts';
import type { EventRow, MmuEventRequests } from './mmu-events.ts';

export type * from './explaining.ts';
export type * from './linux.ts';
export type * from './mmu-events.ts';

/** `0x` and 16 lower-case hex digits. */
export type Hex64 = string;

/** A page-table root that a hart's satp has held. */
export interface RootRow {
  /** Stable while the session lasts: `Sv39@0x0000000080210000`. */
  readonly id: string;
  readonly mode: string;
  readonly root: Hex64;
  /** A name where the symbols have one (`swapper_pg_dir`), else the address. */
  readonly name: string;
  /** ASIDs it was used with. */
  readonly asids: readonly number[];
  /** Harts whose satp holds it now. */
  readonly harts: readonly number[];
  /** Instruction count (of the writing hart) at its first satp write. */
  readonly firstSeen: Hex64;
  readonly changed: boolean;
}

/** One row of the Page Tables view: a PTE, or a run of equal neighbours. */
export interface TableRow {
  /** From the data alone: root, table address and first index. */
  readonly id: string;
  readonly kind: 'pointer' | 'leaf' | 'malformed';
  readonly level: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** Where the (first) PTE is, and its value. */
  readonly pteAddress: Hex64;
  readonly pte: Hex64;
  readonly va: Hex64;
  /** Last byte of the run's range, inclusive. */
  readonly vaEnd: Hex64;
  /** Next table, or the first byte mapped. */
  readonly target: Hex64;
  readonly pageSize: Hex64;
  /** `DAG.XWRV`, clear ones as dots. */
  readonly flags: string;
  /** What is mapped, or malformed and why: `.text`, `direct map`, `W without R is reserved`. */
  readonly name: string;
  /** Differs from the last stop. */
  readonly changed: boolean;
  /** Table to ask for next, of a pointer. */
  readonly children?: { readonly table: Hex64; readonly level: number; readonly va: Hex64 };
}

/** One run of the Kernel Address Map: contiguous in VA and PA, one permission, one leaf size. */
export interface MapRow {
  readonly id: string;
  readonly va: Hex64;
  /** Inclusive. */
  readonly vaEnd: Hex64;
  readonly pa: Hex64;
  readonly size: Hex64;
  readonly pageSize: Hex64;
  /** `RWX`, with `-` for what is missing. */
  readonly permissions: string;
  readonly user: boolean;
  readonly global: boolean;
  readonly accessed: boolean;
  readonly dirty: boolean;
  readonly memoryType: string;
  /** Linux's or the section's word: `direct map`, `vmalloc`, `.text`, `ns16550a`. */
  readonly region: string;
  readonly writableAndExecutable: boolean;
  readonly changed: boolean;
}

export interface CsrFieldRow {
  readonly name: string;
  /** `63:60` or `8`. */
  readonly bits: string;
  readonly value: Hex64;
  /** `Sv39`, `1`, `0x80210`. */
  readonly text: string;
  readonly meaning: string;
  readonly changed: boolean;
}

export interface CsrValueRow {
  readonly name: string;
  readonly number: number;
  readonly value: Hex64;
  /** One-line reading: `Sv39, ASID 0, root pa:0x80210000`. */
  readonly summary: string;
  readonly group: 'Supervisor' | 'Machine' | 'Counters' | 'Floating point' | 'PMP';
  readonly meaning: string;
  readonly changed: boolean;
  readonly fields: readonly CsrFieldRow[];
}

/** One level of a translation. */
export interface WalkStepRow {
  readonly level: number;
  readonly index: number;
  readonly pteAddress: Hex64;
  /** undefined when it could not be read. */
  readonly pte?: Hex64;
  /** `pointer → pa:0x80212000`, `leaf 2 MiB → pa:0x80400000 DAG.XWRV`, or what is wrong. */
  readonly text: string;
}

export interface WalkBody {
  readonly va: Hex64;
  readonly access: 'fetch' | 'load' | 'store';
  /** `Sv39, root pa:0x80210000, S-mode, SUM=0 MXR=0`. */
  readonly regime: string;
  readonly steps: readonly WalkStepRow[];
  readonly ok: boolean;
  readonly pa?: Hex64;
  readonly pageSize?: Hex64;
  readonly permissions?: string;
  readonly memoryType?: string;
  readonly region: string;
  readonly symbol: string;
  /** One sentence: the physical address, or why there is none. */
  readonly text: string;
  /** When it fails: the exception code, the rule that failed, and what would let it pass, the smallest change first. */
  readonly cause?: number;
  readonly rule?: ManualRuleRow;
  readonly repairs?: readonly RepairRow[];
}

/** Requests: name → [arguments, body]. */
export interface CustomRequests extends ExplainingRequests, LinuxRequests, MmuEventRequests {
  'pagewalk/roots': [Record<string, never>, { readonly stop: number; readonly roots: readonly RootRow[] }];
  /** A table's present entries; without `table` the root's. */
  'pagewalk/table': [
    {
      readonly root: Hex64;
      readonly mode: string;
      readonly table?: Hex64;
      readonly level?: number;
      readonly va?: Hex64;
    },
    { readonly stop: number; readonly rows: readonly TableRow[] },
  ];
  /** Merged runs of a root (default: hart 0's satp now), paged. */
  'pagewalk/map': [
    {
      readonly root?: Hex64;
      readonly mode?: string;
      readonly cursor?: number;
      readonly count?: number;
      readonly filter?: string;
    },
    {
      readonly stop: number;
      readonly root: Hex64;
      readonly mode: string;
      readonly rows: readonly MapRow[];
      readonly next?: number;
      readonly total: number;
    },
  ];
  /** `address` in the address grammar, or an expression. */
  'pagewalk/walk': [
    { readonly address: string; readonly access?: 'fetch' | 'load' | 'store'; readonly hart?: number },
    WalkBody,
  ];
  'pagewalk/csrs': [{ readonly hart?: number }, { readonly stop: number; readonly csrs: readonly CsrValueRow[] }];
  /** Keys typed in the terminal, base64. */
  'pagewalk/console/write': [{ readonly data: string }, Record<string, never>];
}

/** Events: name → body. */
export interface CustomEvents {
  /** What the guest printed, base64; `instret` of hart 0 when it was flushed. */
  'pagewalk/console': { readonly data: string };
  /** State that views show has changed (a stop, an edit, a restart); `stop` numbers the states. */
  'pagewalk/changed': { readonly stop: number };
  /** A new row of the log, while running; where there are very many only the newest now and then, and the others are to be asked for. */
  'pagewalk/event': EventRow;
}

export type CustomRequest = keyof CustomRequests;
export type ArgumentsOf<R extends CustomRequest> = CustomRequests[R][0];
export type BodyOf<R extends CustomRequest> = CustomRequests[R][1];
