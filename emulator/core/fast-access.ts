// What the fast paths of interpreter and translator share: loads and stores by size, and the register file's state.

import { type I64, i32, i64 } from '../wasm/code.ts';
import { csrAt } from './path.ts';

export const stores = { 1: i64.store8, 2: i64.store16, 4: i64.store32, 8: i64.store };
export const signedLoads = { 1: i64.load8s, 2: i64.load16s, 4: i64.load32s, 8: i64.load };
export const unsignedLoads = { 1: i64.load8u, 2: i64.load16u, 4: i64.load32u, 8: i64.load };

/** The low bytes of a value, by their number, sign-extended. */
export const signExtended = {
  1: i64.extend8s,
  2: i64.extend16s,
  4: (value: I64) => i64.extendS(i32.wrap(value)),
  8: (value: I64) => value,
};

/** Offset of mstatus in the hart's block; the bits of its FS field, which all set mean Dirty. */
export const MSTATUS = csrAt(0x300);
export const FS_MASK = 0x6000n;
export const FS_DIRTY = 0x6000n;
