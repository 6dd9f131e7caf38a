// Paging modes as data (privileged manual, "Supervisor Address Translation and Protection (satp) Register" and the
// chapters Sv32, Sv39, Sv48, Sv57).

import { type PhysAddr, phys } from '../address.ts';

export type PagingModeName = 'Bare' | 'Sv32' | 'Sv39' | 'Sv48' | 'Sv57';

/** The paging hardware of a machine, by its widest mode. */
export type PagingHardware = 'bare' | 'sv32' | 'sv39' | 'sv48' | 'sv57';

/** The geometry of one translating mode. */
export interface PagingMode {
  readonly name: Exclude<PagingModeName, 'Bare'>;
  /** satp.MODE. */
  readonly code: number;
  readonly levels: number;
  /** Bytes of a PTE (PTESIZE). */
  readonly pteSize: 4 | 8;
  /** Bits of VPN[i], the same at every level. */
  readonly vpnBits: number;
  /** Width of a virtual address; bits above repeat the top one (Sv32: none above). */
  readonly vaBits: number;
}

export const Sv32: PagingMode = { name: 'Sv32', code: 1, levels: 2, pteSize: 4, vpnBits: 10, vaBits: 32 };
export const Sv39: PagingMode = { name: 'Sv39', code: 8, levels: 3, pteSize: 8, vpnBits: 9, vaBits: 39 };
export const Sv48: PagingMode = { name: 'Sv48', code: 9, levels: 4, pteSize: 8, vpnBits: 9, vaBits: 48 };
export const Sv57: PagingMode = { name: 'Sv57', code: 10, levels: 5, pteSize: 8, vpnBits: 9, vaBits: 57 };

export const pagingModes: readonly PagingMode[] = [Sv32, Sv39, Sv48, Sv57];

export function modeNamed(name: string): PagingMode | undefined {
  return pagingModes.find((mode) => mode.name.toLowerCase() === name.toLowerCase());
}

/** Entries of one table. */
export function entriesOf(mode: PagingMode): number {
  return 1 << mode.vpnBits;
}

/** Bytes that one PTE at `level` (0 = leaf pages) maps. */
export function spanOf(mode: PagingMode, level: number): bigint {
  return 1n << BigInt(12 + mode.vpnBits * level);
}

/** VPN[level] of an address. */
export function vpn(mode: PagingMode, va: bigint, level: number): number {
  return Number((va >> BigInt(12 + mode.vpnBits * level)) & BigInt(entriesOf(mode) - 1));
}

/** Whether the bits above the mode's width repeat its top bit (rules Sv39_va_signext, Sv48_va_signext, Sv57_va_signext). */
export function isCanonical(mode: PagingMode, va: bigint): boolean {
  if (mode.name === 'Sv32') return true;
  return BigInt.asUintN(64, BigInt.asIntN(mode.vaBits, va)) === va;
}

/** The canonical address with these low bits. */
export function canonical(mode: PagingMode, va: bigint): bigint {
  return mode.name === 'Sv32' ? BigInt.asUintN(32, va) : BigInt.asUintN(64, BigInt.asIntN(mode.vaBits, va));
}

/** The fields of a satp value. */
export interface Satp {
  /** undefined = Bare. */
  readonly mode: PagingMode | undefined;
  readonly asid: number;
  readonly root: PhysAddr;
}

/** Takes a satp value apart. An unknown MODE (only possible in a value that was written, never in one held) reads as undefined. */
export function decodeSatp(value: bigint, xlen: 32 | 64): Satp {
  if (xlen === 32) {
    return {
      mode: (value >> 31n) & 1n ? Sv32 : undefined,
      asid: Number((value >> 22n) & 0x1ffn),
      root: phys((value & 0x3fffffn) << 12n),
    };
  }
  const code = Number((value >> 60n) & 15n);
  return {
    mode: pagingModes.find((mode) => mode.pteSize === 8 && mode.code === code),
    asid: Number((value >> 44n) & 0xffffn),
    root: phys((value & 0xfffffffffffn) << 12n),
  };
}

/** `4 KiB`, `2 MiB`, `4 MiB`, `1 GiB`, `512 GiB`, `256 TiB` or any other power-of-two or odd size in the largest unit that divides it. */
export function sizeText(bytes: bigint): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let value = bytes;
  let unit = 0;
  while (value !== 0n && value % 1024n === 0n && unit < units.length - 1) {
    value /= 1024n;
    unit += 1;
  }
  return `${value} ${units[unit]}`;
}
