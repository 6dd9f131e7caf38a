// What the paths through generated code are made of that a kernel takes all the time (system-paths.ts, trap-paths.ts): each
// does the whole of what it is for and gives 1 or more, or changes nothing and gives 0, so that the host does it.

import { type I32, type I64, i32, i64, ret } from '../wasm/code.ts';
import { hartOffset } from './layout.ts';

export const giveUp = ret(i32.const(0));
export const done = ret(i32.const(1));

/** Offset of a CSR in a hart's block. */
export const csrAt = (number: number): number => hartOffset.csr + number * 8;

export const privilege = (hart: I32): I32 => i32.load(hart, hartOffset.privilege);

/** None of the bits is set. */
export const lacks = (value: I64, bits: bigint): I32 => i64.eqz(i64.and(value, i64.const(bits)));

/** An address as wide as XLEN. */
export const within = (xlen: 32 | 64, value: I64): I64 =>
  xlen === 64 ? value : i64.and(value, i64.const(0xffff_ffffn));
