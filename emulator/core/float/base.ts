// What the floating-point paths of generated code share: operands, results, the conditions under which they hold.

import {
  type F64,
  f64,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  type Statement,
  sequence,
  when,
} from '../../wasm/code.ts';
import { FS_DIRTY, FS_MASK, MSTATUS } from '../fast-access.ts';
import { hartOffset } from '../layout.ts';

/** Where operands come from and results go. */
export interface FloatPlace {
  readonly xlen: 32 | 64;
  readonly hart: I32;
  /** Registers as they are held: f1, f2, f3 of the instruction, and x1. */
  readonly f1: I64;
  readonly f2: I64;
  readonly f3: I64;
  readonly x1: I64;
  /** The field rm. */
  readonly rm: I32;
  setF(value: I64): Statement;
  setX(value: I64): Statement;
  /** Leaves the instruction to the host. */
  readonly giveUp: Statement;
  f64(index: number): Local<'f64'>;
  i64(index: number): Local<'i64'>;
}

const FCSR = hartOffset.csr + 3 * 8;
const NX = 1n;
/** The upper half of a register that holds a single. */
export const BOXED = -1n << 32n;
const DYNAMIC = 7;

export const lacks = (value: I64, bits: bigint) => i64.eqz(i64.and(value, i64.const(bits)));
export const or = (a: I32, b: I32) => i32.or(a, b);
export const and = (a: I32, b: I32) => i32.and(a, b);
export const not = (a: I32) => i32.eqz(a);

/** What all paths are made of. */
export class FloatBase {
  protected readonly at: FloatPlace;
  protected readonly a: Local<'f64'>;
  protected readonly b: Local<'f64'>;
  protected readonly c: Local<'f64'>;
  protected readonly r: Local<'f64'>;
  protected readonly bits: Local<'i64'>;

  constructor(place: FloatPlace) {
    this.at = place;
    [this.a, this.b, this.c, this.r] = [place.f64(0), place.f64(1), place.f64(2), place.f64(3)];
    this.bits = place.i64(0);
  }

  protected unless(condition: I32): Statement {
    return when(not(condition), this.at.giveUp);
  }

  /** mstatus.FS is not Off. */
  protected get enabled(): Statement {
    return when(lacks(i64.load(this.at.hart, MSTATUS), FS_MASK), this.at.giveUp);
  }

  protected get dirty(): Statement {
    const { hart, xlen } = this.at;
    const bits = i64.const(FS_DIRTY | (1n << BigInt(xlen - 1)));
    return i64.store(hart, i64.or(i64.load(hart, MSTATUS), bits), MSTATUS);
  }

  protected get nearest(): Statement {
    const { rm, hart } = this.at;
    return this.unless(or(i32.eqz(rm), and(i32.eq(rm, i32.const(DYNAMIC)), lacks(i64.load(hart, FCSR), 0xe0n))));
  }

  /** NX is set already. */
  protected get inexactBefore(): I32 {
    return i32.wrap(i64.and(i64.load(this.at.hart, FCSR), i64.const(NX)));
  }

  protected raise(inexact: I32): Statement {
    const { hart } = this.at;
    return when(inexact, i64.store(hart, i64.or(i64.load(hart, FCSR), i64.const(NX)), FCSR));
  }

  /** Reads a register; a single that is not boxed is a NaN. */
  protected read(into: Local<'f64'>, register: I64, single: boolean): Statement {
    if (!single) return into.set(f64.ofBits(register));
    return sequence(
      this.bits.set(register),
      this.unless(i64.eq(i64.and(this.bits.get, i64.const(BOXED)), i64.const(BOXED))),
      into.set(f64.ofSingleBits(i32.wrap(this.bits.get))),
    );
  }

  protected write(value: F64, single: boolean): Statement {
    const boxed = i64.or(i64.extendU(f64.singleBits(value)), i64.const(BOXED));
    return sequence(this.at.setF(single ? boxed : f64.bits(value)), this.dirty);
  }

  /** The biased exponent of a double lies in a range. */
  protected exponentIn(value: F64, low: number, high: number): I32 {
    const exponent = i32.and(i32.wrap(i64.shrU(f64.bits(value), i64.const(52))), i32.const(0x7ff));
    return i32.ltU(i32.sub(exponent, i32.const(low)), i32.const(high - low + 1));
  }

  /** Finite, and above the smallest normal number, where rounding could have hidden an underflow. */
  protected isNormal(value: F64, single: boolean): I32 {
    return single ? this.exponentIn(value, 1023 - 125, 1023 + 127) : this.exponentIn(value, 2, 2046);
  }

  protected rounded(value: F64, single: boolean): F64 {
    return single ? f64.narrowed(value) : value;
  }
}
