// Which translation tables of a hart are in force: by its privilege, and by the address space that satp names (ADR 16).

import { hartOffset, spaceBytes, spaces, Tlb, tlbBytes } from '../core/layout.ts';
import { Privilege } from '../inspection.ts';
import { decodeSatp } from '../mmu/modes.ts';
import { Csr, Mstatus } from './csr-numbers.ts';
import type { Hart } from './hart.ts';

/** Puts the tables in force that privilege, MPRV and SUM ask for. */
export function selectTables(hart: Hart): void {
  const mstatus = hart.raw(Csr.mstatus);
  const data = mstatus & Mstatus.MPRV ? (Number((mstatus & Mstatus.MPP) >> 11n) as Privilege) : hart.privilege;
  const tableOf = (privilege: Privilege, sum: boolean) =>
    privilege === Privilege.M ? Tlb.M : privilege === Privilege.U ? Tlb.U : sum ? Tlb.SSum : Tlb.S;
  const space = hart.word(hartOffset.space);
  const at = (table: number) => hart.block + hartOffset.tlb + (table === Tlb.M ? 0 : space) + table * tlbBytes;
  hart.setWord(hartOffset.fetchTlb, at(tableOf(hart.privilege, false)));
  hart.setWord(hartOffset.dataTlb, at(tableOf(data, (mstatus & Mstatus.SUM) !== 0n)));
}

/** Tells the fast walk satp's mode and root and mstatus.MXR. */
export function selectPaging(hart: Hart, xlen: 32 | 64): void {
  const { mode, root } = decodeSatp(hart.raw(Csr.satp), xlen);
  hart.setWord(hartOffset.levels, mode?.levels ?? 0);
  hart.setQuad(hartOffset.root, root);
  hart.setWord(hartOffset.mxr, hart.raw(Csr.mstatus) & Mstatus.MXR ? 1 : 0);
}

/**
 * Puts the translations in force that are kept for satp, or else a space for new ones, which must be emptied and is
 * returned.
 */
export function enterSpace(hart: Hart, xlen: 32 | 64): number | undefined {
  const satp = hart.raw(Csr.satp);
  const { asid } = decodeSatp(satp, xlen);
  const keys = keysOf(hart);
  const known = asid ? keys.indexOf(satp, 1) : -1;
  const space = known > 0 ? known : asid ? spaceFor(hart, asid, xlen) : 0;
  if (space > 0) keys[space] = satp;
  hart.setWord(hartOffset.space, space * spaceBytes);
  selectTables(hart);
  return known > 0 ? undefined : space;
}

/** Address spaces that may have translations. */
export function usedSpaces(hart: Hart): readonly number[] {
  const keys = keysOf(hart);
  return [...keys.keys()].filter((space) => space === 0 || keys[space] !== 0n);
}

/** An ASID has one space; of those with none the oldest goes. */
function spaceFor(hart: Hart, asid: number, xlen: 32 | 64): number {
  const its = keysOf(hart).findIndex((key, space) => space > 0 && key !== 0n && decodeSatp(key, xlen).asid === asid);
  if (its > 0) return its;
  hart.lastSpace = (hart.lastSpace % (spaces - 1)) + 1;
  return hart.lastSpace;
}

/** What satp held as each space but the first was entered; 0 = it is free. */
function keysOf(hart: Hart): BigUint64Array {
  const first = (hart.block + hartOffset.spaceKeys) / 8;
  return hart.guest.quads.subarray(first, first + spaces);
}
