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
  select,
  sequence,
  when,
} from '../../wasm/code.ts';
import { FS_DIRTY, FS_MASK, MSTATUS } from '../fast-access.ts';
import { csrAt, lacks } from '../path.ts';

/** Where operands come from and results go. */
export interface FloatPlace {
  readonly xlen: 32 | 64;
  /** Registers as they are held: f1, f2, f3 of the instruction, and x1. */
  readonly f1: I64;
  readonly f2: I64;
  readonly f3: I64;
  readonly x1: I64;
  readonly hart: I32;
  /** Whether rm says towards zero: known, or computed. */
  readonly towardsZero: boolean | I32;
  setF(value: I64): Statement;
  setX(value: I64): Statement;
  /** Gives up unless mstatus.FS allows floating point, and unless the rounding mode in force is to nearest. Said in each
   * path at most once, like `dirty`, and not under a condition. */
  enabled(): Statement;
  nearest(): Statement;
  /** Marks the register file as written. */
  dirty(): Statement;
  /** Leaves the instruction to who does more of it. */
  readonly giveUp: Statement;
  /** The host multiplies and adds with one rounding. */
  readonly fused: () => boolean;
  /** Results that are no normal numbers are told apart here: in the interpreter. Regions leave them to it. */
  readonly thorough: boolean;
  f64(index: number): Local<'f64'>;
  i64(index: number): Local<'i64'>;
}

const FCSR = csrAt(3);
/** Bits of fflags. */
export const [NX, UF, OF, DZ, NV] = [1n, 2n, 4n, 8n, 16n] as const;
/** The upper half of a register that holds a single. */
export const BOXED = -1n << 32n;
/** Encodings of rm. */
export const RTZ = 1;
export const DYNAMIC = 7;
/** The NaN that results are, as a register holds it. */
export const CANONICAL = { single: BOXED | 0x7fc0_0000n, double: 0x7ff8n << 48n };

/** Below this a result that rounding to a single changes is tiny: it becomes no normal number, whatever the exponent. */
const SINGLE_TINY = 2 ** -126 - 2 ** -151;

export const or = (first: I32, ...more: I32[]) => more.reduce((all, one) => i32.or(all, one), first);
export const and = (first: I32, ...more: I32[]) => more.reduce((all, one) => i32.and(all, one), first);
export const not = (a: I32) => i32.eqz(a);
export const zero = f64.const(0);

/** mstatus.FS is not Off, or `giveUp`. */
export const requireEnabled = (hart: I32, giveUp: Statement) => when(lacks(i64.load(hart, MSTATUS), FS_MASK), giveUp);

/** mstatus.FS = Dirty. */
export const markDirty = (hart: I32, xlen: 32 | 64) =>
  i64.store(hart, i64.or(i64.load(hart, MSTATUS), i64.const(FS_DIRTY | (1n << BigInt(xlen - 1)))), MSTATUS);

/** Rounding is to nearest, ties to even, or `giveUp`. */
export const requireNearest = (hart: I32, rm: I32, giveUp: Statement) =>
  when(not(or(i32.eqz(rm), and(i32.eq(rm, i32.const(DYNAMIC)), lacks(i64.load(hart, FCSR), 0xe0n)))), giveUp);

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

  /** For the rare: done where there is room for it, else given up. */
  protected rarely(statement: Statement): Statement {
    return this.at.thorough ? statement : this.at.giveUp;
  }

  /** All these flags are set already. */
  protected raisedBefore(flags: bigint): I32 {
    return i64.eq(i64.and(i64.load(this.at.hart, FCSR), i64.const(flags)), i64.const(flags));
  }

  /** NX is set already. */
  protected get inexactBefore(): I32 {
    return i32.wrap(i64.and(i64.load(this.at.hart, FCSR), i64.const(NX)));
  }

  protected raise(flags: bigint, condition?: I32): Statement {
    const { hart } = this.at;
    const set = i64.store(hart, i64.or(i64.load(hart, FCSR), i64.const(flags)), FCSR);
    return condition ? when(condition, set) : set;
  }

  /** The same, where nothing else is written that would make the register file dirty. */
  protected raiseAlone(flags: bigint, condition: I32): Statement {
    return when(condition, sequence(this.raise(flags), markDirty(this.at.hart, this.at.xlen)));
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

  /** Writes the result; a NaN becomes the canonical one. */
  protected write(value: F64, single: boolean): Statement {
    const bits = single ? i64.or(i64.extendU(f64.singleBits(value)), i64.const(BOXED)) : f64.bits(value);
    const canonical = i64.const(single ? CANONICAL.single : CANONICAL.double);
    const { thorough } = this.at;
    return sequence(this.at.setF(thorough ? select(bits, canonical, f64.eq(value, value)) : bits), this.at.dirty());
  }

  /** The biased exponent of a double lies in a range. */
  protected exponentIn(value: F64, low: number, high: number): I32 {
    const exponent = i32.and(i32.wrap(i64.shrU(f64.bits(value), i64.const(52))), i32.const(0x7ff));
    return i32.ltU(i32.sub(exponent, i32.const(low)), i32.const(high - low + 1));
  }

  /** Far from both ends, so that a product's rounding error is a double as well. */
  protected moderate(...values: F64[]): I32 {
    const [first, ...more] = values.map((value) => this.exponentIn(value, 623, 1423)) as [I32, ...I32[]];
    return and(first, ...more);
  }

  /** Finite, and above the smallest normal number, where rounding could have hidden an underflow. */
  protected isNormal(value: F64, single: boolean): I32 {
    return single ? this.exponentIn(value, 1023 - 125, 1023 + 127) : this.exponentIn(value, 2, 2046);
  }

  protected rounded(value: F64, single: boolean): F64 {
    return single ? f64.narrowed(value) : value;
  }

  protected isNumber(value: F64): I32 {
    return f64.eq(value, value);
  }

  protected isInfinite(value: F64): I32 {
    return f64.eq(f64.abs(value), f64.const(Number.POSITIVE_INFINITY));
  }

  /** The register holds a signalling NaN; a single is known to be boxed. */
  protected signals(register: I64, single: boolean): I32 {
    const [infinity, quiet, sign] = single ? [0xff, 22n, 31n] : [0x7ff, 51n, 63n];
    const magnitude = i64.and(register, i64.const((1n << sign) - 1n));
    const bound = BigInt(infinity) << (quiet + 1n);
    return and(i64.gtU(magnitude, i64.const(bound)), i64.ltU(magnitude, i64.const(bound | (1n << quiet))));
  }

  /** The result r is a NaN: invalid if no operand is one, or one signals. */
  protected invalid(single: boolean, ...operands: readonly (readonly [Local<'f64'>, I64])[]): Statement {
    const [first, ...more] = operands.map(([value]) => this.isNumber(value.get)) as [I32, ...I32[]];
    const signals = operands.map(([, register]) => this.signals(register, single));
    return this.raise(NV, or(and(first, ...more), ...signals));
  }

  /** Flags of a result that may be tiny, from the exact value (or one rounded to odd) that became the single r. */
  protected raiseTinySingle(value: F64, inexact: I32): Statement {
    const tiny = f64.lt(f64.abs(value), f64.const(SINGLE_TINY));
    return when(inexact, sequence(this.raise(NX), this.raise(UF, tiny)));
  }

  /** Of a tiny double the value is right; its flags are only known where they change nothing. */
  protected get tinyDouble(): Statement {
    return this.unless(this.raisedBefore(UF | NX));
  }
}
