// The wire of what the machine says of itself: why it trapped, what a satp write will do, what is wrong with a map,
// whether a map is as expected. Part of the map in requests.ts.

import type { Hex64, WalkStepRow } from './requests.ts';

/** A rule of the RISC-V manuals. */
export interface ManualRuleRow {
  /** `Sv39_pte_future_rsv`; several with a comma between. */
  readonly id: string;
  /** Title of the section that holds it. */
  readonly title: string;
}

/** A change that would have let an access pass. */
export interface RepairRow {
  /** `set W and D in the level-0 PTE at pa:0x80212010: 0x2010004b → 0x201000cf`. */
  readonly text: string;
  /** Why it is a bad idea: `makes the 2 MiB page that holds .text writable and executable`. */
  readonly warnings: readonly string[];
}

/** A trap in words. */
export interface ExplainBody {
  readonly stop: number;
  readonly hart: number;
  /** Exception code without the interrupt bit. */
  readonly cause: number;
  readonly interrupt: boolean;
  /** `Store/AMO page fault (15)`. */
  readonly name: string;
  readonly pc: Hex64;
  /** `setup_vm+0x10`, or empty. */
  readonly pcSymbol: string;
  /** `sd a0,0(a1)`, or empty where the instruction cannot be read. */
  readonly instruction: string;
  /** The address, where the trap has one. */
  readonly va?: Hex64;
  /** What is there: region and symbol, or empty. */
  readonly object: string;
  /** `S-mode, SUM=0 MXR=0, Sv39, root pa:0x80210000, ASID 0`. */
  readonly effective: string;
  readonly steps: readonly WalkStepRow[];
  /** The rule that failed. */
  readonly rule?: ManualRuleRow;
  /** The first is the smallest. */
  readonly repairs: readonly RepairRow[];
  /** The cause in one sentence. */
  readonly text: string;
  /** Everything, many lines: what `exceptionInfo` shows. */
  readonly details: string;
  /** Why the trap is one that the kernel meant to take; absent = unexpected. */
  readonly planned?: string;
  /** The line that took it, where the file is here. */
  readonly source?: { readonly path: string; readonly line: number };
}

/** One thing that the pre-flight looked at. */
export interface PreflightRow {
  /** `mode`, `root`, `fetch`, `stvec`, `sp`, `gp`, `tp`, `console`. */
  readonly id: string;
  readonly verdict: 'ok' | 'note' | 'warning' | 'bad';
  /** `next fetch`. */
  readonly title: string;
  /** One sentence. */
  readonly text: string;
  readonly va?: Hex64;
  readonly steps?: readonly WalkStepRow[];
}

export interface PreflightBody {
  readonly stop: number;
  readonly hart: number;
  /** The instruction that writes satp, and the value that it writes. */
  readonly pc: Hex64;
  readonly satp: Hex64;
  /** `Sv39, root pa:0x80210000, ASID 0`. */
  readonly before: string;
  readonly after: string;
  readonly verdict: 'green' | 'yellow' | 'red';
  /** The verdict in one sentence. */
  readonly text: string;
  readonly checks: readonly PreflightRow[];
  /** What the write changes in the map; at most 1000 rows. Empty where the old map is Bare. */
  readonly diff: readonly DiffRow[];
}

export interface DiffRow {
  /** From the data alone. */
  readonly id: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly va: Hex64;
  /** Inclusive. */
  readonly vaEnd: Hex64;
  /** `pa:0x80200000 2 MiB R-X`, as far as there was something. */
  readonly before?: string;
  readonly after?: string;
  readonly region: string;
}

/** One finding of the lint. */
export interface LintRow {
  /** From the data alone. */
  readonly id: string;
  /** `writable-and-executable`; docs/lint.md has a section for each. */
  readonly rule: string;
  readonly severity: 'error' | 'warning' | 'note';
  /** One sentence. */
  readonly text: string;
  /** Why this kernel has it by design; such a finding is a note. */
  readonly explained?: string;
  readonly va: Hex64;
  /** Inclusive. */
  readonly vaEnd: Hex64;
  readonly pa?: Hex64;
  /** Bytes that are concerned; less than the range where it has gaps. */
  readonly size: Hex64;
  /** The first entry that is concerned. */
  readonly pteAddress?: Hex64;
  readonly pte?: Hex64;
  readonly region: string;
  readonly symbol: string;
  /** The line of the object that is concerned, where debug information has one; `path` only of a file that is here. */
  readonly source?: { readonly path: string; readonly line: number };
}

/** The result of one expectation of a check file. */
export interface CheckRow {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** The expectation as written. */
  readonly text: string;
  /** The point that it is for, as written: `symbol:start_kernel`; `end` where it names none. */
  readonly point: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped, in a sentence. */
  readonly message?: string;
  readonly expected?: string;
  readonly actual?: string;
}

/** How one kind of access is translated now. */
export interface InForceRow {
  readonly translated: boolean;
  /** `Sv39`, `Sv39 as S-mode by MPRV`, `Bare (M-mode)`. */
  readonly text: string;
}

export interface InForceBody {
  readonly stop: number;
  readonly hart: number;
  /** `S-mode`. */
  readonly privilege: string;
  /** `Sv39, root pa:0x80210000, ASID 0`, or `Bare`. */
  readonly satp: string;
  readonly fetch: InForceRow;
  readonly load: InForceRow;
  readonly store: InForceRow;
  /** `off`: satp is Bare; `on`: every access is translated; `partly`; `not-in-force`: satp is set, nothing is translated. */
  readonly lamp: 'off' | 'on' | 'partly' | 'not-in-force';
  /** For the status bar: `satp set, not in force: M-mode, MPRV=0`. */
  readonly text: string;
  /** Why, with SUM and MXR and what they mean now; lines of a tooltip. */
  readonly details: readonly string[];
}

/** A virtual address at which a physical one is mapped. */
export interface ReverseRow {
  readonly va: Hex64;
  readonly root: Hex64;
  readonly mode: string;
  /** The root's name. */
  readonly rootName: string;
  readonly pageSize: Hex64;
  readonly permissions: string;
  readonly user: boolean;
  readonly region: string;
  readonly symbol: string;
}

export interface PmpRow {
  readonly index: number;
  /** `OFF`, `TOR`, `NA4`, `NAPOT`. */
  readonly matching: string;
  readonly start?: Hex64;
  /** Inclusive. */
  readonly end?: Hex64;
  /** `RWX`, with `-` for what is missing. */
  readonly permissions: string;
  readonly locked: boolean;
  /** pmpaddr and the byte of pmpcfg. */
  readonly address: Hex64;
  readonly configuration: number;
  /** What lies in the range: `RAM`, `ns16550a`. */
  readonly text: string;
}

/** A part of the physical address space, or what the device tree says of one. */
export interface PhysmapRow {
  readonly name: string;
  readonly kind: 'ram' | 'device' | 'reserved' | 'image' | 'device tree';
  readonly base: Hex64;
  /** Inclusive. */
  readonly end: Hex64;
  readonly size: Hex64;
  /** `no-map`, section names, or empty. */
  readonly text: string;
}

/** An address space: a root's table and the mode that reads it; absent = hart 0's satp now. */
export interface SpaceArgument {
  readonly root: Hex64;
  readonly mode?: string;
}

export interface ExplainingRequests {
  /** The trap that the machine stopped at, else the innermost one that the hart is in. */
  'pagewalk/explain': [{ readonly hart?: number }, ExplainBody];
  /** Judges the satp write at pc, or the value given as if it were written there. */
  'pagewalk/preflight': [{ readonly hart?: number; readonly satp?: Hex64 }, PreflightBody];
  'pagewalk/lint': [
    Partial<SpaceArgument>,
    {
      readonly stop: number;
      readonly root: Hex64;
      readonly mode: string;
      /** What is taken into account: `Linux 6.12.107, final map`. */
      readonly profile: string;
      readonly findings: readonly LintRow[];
    },
  ];
  /** Holds a check file's expectations (docs/check.md) against the map now; those that name a point are skipped. */
  'pagewalk/check': [
    { readonly text: string; readonly file?: string },
    { readonly stop: number; readonly results: readonly CheckRow[] },
  ];
  /** Which translation is in force, and why not the one that satp names. */
  'pagewalk/inForce': [{ readonly hart?: number }, InForceBody];
  /** Every virtual address of a physical one, in the given roots or in all that satp has held. */
  'pagewalk/reverse': [
    { readonly pa: Hex64; readonly roots?: readonly SpaceArgument[] },
    { readonly stop: number; readonly places: readonly ReverseRow[] },
  ];
  'pagewalk/diff': [
    { readonly before: SpaceArgument; readonly after?: SpaceArgument },
    { readonly stop: number; readonly rows: readonly DiffRow[]; readonly total: number },
  ];
  'pagewalk/pmp': [{ readonly hart?: number }, { readonly stop: number; readonly entries: readonly PmpRow[] }];
  'pagewalk/physmap': [Record<string, never>, { readonly stop: number; readonly regions: readonly PhysmapRow[] }];
}
