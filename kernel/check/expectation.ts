// What a check file expects of a map. The grammar is in docs/check.md.

import type { LintRule } from '../lint/finding.ts';

/** A number, or a symbol with an offset. */
export interface Spot {
  readonly symbol?: string;
  /** The number itself, or the offset to the symbol. */
  readonly value: bigint;
  /** As written. */
  readonly text: string;
}

/** From a spot on: `size` bytes. */
export interface Extent {
  readonly space: 'va' | 'pa';
  readonly from: Spot;
  /** In bytes. */
  readonly size: bigint;
}

/** What is demanded of each page; absent = anything. */
export interface Attributes {
  readonly r?: boolean;
  readonly w?: boolean;
  readonly x?: boolean;
  readonly user?: boolean;
  readonly global?: boolean;
  readonly memoryType?: 'PMA' | 'NC' | 'IO';
  /** Bytes of a leaf. */
  readonly pageSize?: bigint;
}

export type Demand =
  | { readonly kind: 'mapped'; readonly extent: Extent; readonly to?: Spot; readonly attributes: Attributes }
  | { readonly kind: 'not mapped'; readonly extent: Extent }
  /** The same translation in every paging mode that is tried. */
  | { readonly kind: 'same'; readonly extent: Extent }
  | { readonly kind: 'no'; readonly what: 'W+X' | 'findings' | LintRule }
  | { readonly kind: 'mode'; readonly mode: string };

export interface Expectation {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** As written, without the point and the modes. */
  readonly text: string;
  /** `symbol:start_kernel`, `end`. */
  readonly point: string;
  /** The only modes that it is for, lower case; empty = all. */
  readonly modes: readonly string[];
  readonly demand: Demand;
}

export interface CheckResult {
  readonly state: 'passed' | 'failed' | 'skipped';
  /** Why it is not passed. */
  readonly message?: string;
  readonly expected?: string;
  readonly actual?: string;
}
