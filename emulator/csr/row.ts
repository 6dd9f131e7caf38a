// One row of the CSR table: a register's fields, what may be written to each, and words about it. Behaviour that a mask
// cannot say (a counter, a view of another register) is beside the table in hart/.

/** Privileged manual, "CSR Field Specifications". A bit of no field is WPRI: reads 0, ignores writes. */
export type FieldPolicy = 'RW' | 'RO' | 'WARL' | 'WLRL';

export interface CsrField {
  /** As in the manual: `SIE`, `MPP`, `MODE`. */
  readonly name: string;
  /** Highest and lowest bit, inclusive. */
  readonly bits: readonly [number, number];
  readonly policy: FieldPolicy;
  /** Names of values: `{ 8: 'Sv39' }`. */
  readonly values?: Readonly<Record<number, string>>;
  /** What it means, one clause. */
  readonly text: string;
}

export interface CsrRow {
  /** As in the manual, lower case. */
  readonly name: string;
  readonly number: number;
  /** Extension or level that brings it: `Zicsr`, `S`, `M`, `F`, `Zicntr`, `Sstc`, `PMP`. */
  readonly extension: string;
  /** Where the layout depends on XLEN; absent = both. */
  readonly xlen?: 32 | 64;
  readonly fields: readonly CsrField[];
  /** Value after reset; absent = 0. */
  readonly reset?: bigint;
  /** A view of these bits of another register (sstatus of mstatus, sie of mie…). */
  readonly viewOf?: { readonly csr: string; readonly mask: bigint };
  readonly text: string;
  /** A rule id of the privileged manual, where there is one. */
  readonly rule?: string;
}

/** The lowest privilege that may access a CSR, from its number ("CSR Address Mapping Conventions"). */
export function privilegeOf(number: number): number {
  return (number >> 8) & 3;
}

/** Whether the number's top bits say read-only. */
export function isReadOnly(number: number): boolean {
  return number >> 10 === 3;
}
