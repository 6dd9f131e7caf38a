// What an expression can see.

import type { PhysAddr, VirtAddr } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';

/** The symbols of the debugged program. */
export interface Names {
  /** The symbol that holds `address`: a link address, or a load address before paging. */
  symbolAt(address: VirtAddr): { readonly name: string; readonly offset: bigint } | undefined;
  /** A symbol's link address. */
  valueOf(name: string): bigint | undefined;
  /** Names that begin with `prefix`, at most `limit`. */
  complete(prefix: string, limit: number): readonly string[];
  /** Where the byte with this link address has been loaded. */
  loadAddress(link: VirtAddr): PhysAddr | undefined;
}

export interface Scope {
  readonly machine: Inspection;
  readonly hart: HartView;
  readonly symbols: Names;
  /** Event variables by their names without `$`: `old`, `new`, `mode`, `root`, `asid`, `cause`, … */
  readonly events?: Readonly<Record<string, bigint>>;
}
