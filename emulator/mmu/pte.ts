// The page-table entry, bit by bit (privileged manual, Sv32 and Sv39 chapters; Svnapot; Svpbmt).

import { type PhysAddr, phys } from '../address.ts';
import type { PagingMode } from './modes.ts';

export const PteBit = {
  V: 1n << 0n,
  R: 1n << 1n,
  W: 1n << 2n,
  X: 1n << 3n,
  U: 1n << 4n,
  G: 1n << 5n,
  A: 1n << 6n,
  D: 1n << 7n,
  N: 1n << 63n,
} as const;

/** Page-based memory types (Svpbmt); 3 is reserved. */
export const memoryTypes = ['PMA', 'NC', 'IO', 'reserved'] as const;
export type MemoryType = (typeof memoryTypes)[number];

/** A PTE taken apart. */
export interface Pte {
  readonly raw: bigint;
  readonly valid: boolean;
  readonly r: boolean;
  readonly w: boolean;
  readonly x: boolean;
  readonly u: boolean;
  readonly g: boolean;
  readonly a: boolean;
  readonly d: boolean;
  /** The two bits left to software. */
  readonly rsw: number;
  readonly pbmt: MemoryType;
  readonly napot: boolean;
  /** Bits 60:54, which must be zero; always 0 on Sv32. */
  readonly reserved: number;
  readonly ppn: bigint;
  /** V=1 and R=W=X=0: points to the next table. */
  readonly pointer: boolean;
  /** V=1 and one of R, W, X. */
  readonly leaf: boolean;
  /** PPN × 4096: the next table, or where the mapped page begins (NAPOT's low bits not yet replaced). */
  readonly target: PhysAddr;
}

export function decodePte(raw: bigint, mode: PagingMode): Pte {
  const bit = (mask: bigint) => (raw & mask) !== 0n;
  const wide = mode.pteSize === 8;
  const ppn = wide ? (raw >> 10n) & 0xfffffffffffn : (raw >> 10n) & 0x3fffffn;
  const valid = bit(PteBit.V);
  const leafBits = (raw & (PteBit.R | PteBit.W | PteBit.X)) !== 0n;
  return {
    raw,
    valid,
    r: bit(PteBit.R),
    w: bit(PteBit.W),
    x: bit(PteBit.X),
    u: bit(PteBit.U),
    g: bit(PteBit.G),
    a: bit(PteBit.A),
    d: bit(PteBit.D),
    rsw: Number((raw >> 8n) & 3n),
    pbmt: wide ? (memoryTypes[Number((raw >> 61n) & 3n)] as MemoryType) : 'PMA',
    napot: wide && bit(PteBit.N),
    reserved: wide ? Number((raw >> 54n) & 0x7fn) : 0,
    ppn,
    pointer: valid && !leafBits,
    leaf: valid && leafBits,
    target: phys(ppn << 12n),
  };
}

/** The flags as letters, clear ones as dots, in the order of the ptdump file: `D A G U X W R V` → `DAG.XWRV`. */
export function flagsText(pte: Pte): string {
  const letters: [boolean, string][] = [
    [pte.d, 'D'],
    [pte.a, 'A'],
    [pte.g, 'G'],
    [pte.u, 'U'],
    [pte.x, 'X'],
    [pte.w, 'W'],
    [pte.r, 'R'],
    [pte.valid, 'V'],
  ];
  return letters.map(([set, letter]) => (set ? letter : '.')).join('');
}

/** Permissions alone: `R-X`, `RW-`. */
export function permissionsText(pte: Pick<Pte, 'r' | 'w' | 'x'>): string {
  return `${pte.r ? 'R' : '-'}${pte.w ? 'W' : '-'}${pte.x ? 'X' : '-'}`;
}
