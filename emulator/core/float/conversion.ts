// Moves and conversions.

import {
  type F64,
  f64,
  type I64,
  i32,
  i64,
  type Local,
  type Statement,
  select,
  sequence,
  when,
} from '../../wasm/code.ts';
import { and, BOXED, FloatBase, NV, NX, not, OF, or } from './base.ts';

/** By the mnemonic's letters: the integers that can be, as doubles, both bounds exclusive. */
const limits: Readonly<Record<string, readonly [number, number]>> = {
  w: [-2147483649, 2147483648],
  wu: [-1, 4294967296],
  l: [-(2 ** 63) - 2048, 2 ** 63],
  lu: [-1, 2 ** 64],
};

/** What is out of range becomes. */
const bounds: Readonly<Record<string, readonly [bigint, bigint]>> = {
  w: [-(1n << 31n), (1n << 31n) - 1n],
  wu: [0n, (1n << 32n) - 1n],
  l: [-(1n << 63n), (1n << 63n) - 1n],
  lu: [0n, (1n << 64n) - 1n],
};

export class FloatConversion extends FloatBase {
  private get integer(): Local<'i64'> {
    return this.at.i64(1);
  }

  /** The code of `fmv.to.from`; undefined where the host does it always. */
  move(to: string, from: string): Statement | undefined {
    const { at } = this;
    if (to === 'x' && from === 'd') return sequence(at.enabled(), at.setX(at.f1));
    if (to === 'x' && from === 'w') return sequence(at.enabled(), at.setX(i64.extendS(i32.wrap(at.f1))));
    if (to === 'd') return sequence(at.enabled(), at.setF(at.x1), at.dirty());
    if (to !== 'w') return undefined;
    return sequence(at.enabled(), at.setF(i64.or(at.x1, i64.const(BOXED))), at.dirty());
  }

  /** The code of `fcvt.to.from`; undefined where the host does it always. */
  convert(to: string, from: string): Statement | undefined {
    if (to === 'd' && from === 's') return this.widen;
    if (to === 's' && from === 'd') return this.narrow;
    if (to === 's' || to === 'd') return this.fromInteger(from, to === 's');
    return from === 's' || from === 'd' ? this.toInteger(to, from === 's') : undefined;
  }

  /** Nothing is rounded, but a reserved rounding mode is an illegal instruction all the same. */
  private get widen(): Statement {
    const { at, a } = this;
    return sequence(
      at.nearest(),
      at.enabled(),
      this.read(a, at.f1, true),
      when(not(this.isNumber(a.get)), this.rarely(this.invalid(true, [a, at.f1]))),
      this.write(a.get, false),
    );
  }

  private get narrow(): Statement {
    const { at, a, r } = this;
    const inexact = f64.ne(r.get, a.get);
    const special = when(
      this.isNumber(a.get),
      when(
        this.isInfinite(r.get),
        when(not(this.isInfinite(a.get)), this.raise(OF | NX)),
        this.raiseTinySingle(a.get, inexact),
      ),
      this.invalid(false, [a, at.f1]),
    );
    return sequence(
      at.nearest(),
      at.enabled(),
      this.read(a, at.f1, false),
      r.set(f64.narrowed(a.get)),
      when(
        this.isNormal(r.get, true),
        this.raise(NX, inexact),
        when(f64.ne(a.get, f64.const(0)), this.rarely(special)),
      ),
      this.write(r.get, true),
    );
  }

  private fromInteger(from: string, single: boolean): Statement | undefined {
    const { at, a, integer } = this;
    const wide = from === 'l' || from === 'lu';
    const isSigned = from === 'l' || from === 'w';
    const registers: Readonly<Record<string, I64>> = {
      w: i64.extendS(i32.wrap(at.x1)),
      wu: i64.extendU(i32.wrap(at.x1)),
      l: at.x1,
      lu: at.x1,
    };
    const register = registers[from];
    if (!register) return undefined;
    const convert = isSigned
      ? single
        ? f64.singleOfSigned
        : f64.ofSigned
      : single
        ? f64.singleOfUnsigned
        : f64.ofUnsigned;
    // What is rounded up to the bound is no integer of this kind any more.
    const back = isSigned ? f64.saturated : f64.saturatedUnsigned;
    const bound = f64.const(isSigned ? 2 ** 63 : 2 ** 64);
    const inexact = or(i64.ne(back(a.get), integer.get), f64.eq(a.get, bound));
    return sequence(
      at.nearest(),
      at.enabled(),
      integer.set(register),
      a.set(convert(integer.get)),
      wide || single ? this.raise(NX, inexact) : sequence(),
      this.write(a.get, single),
    );
  }

  /** Rounded towards zero, or to nearest; all else is the host's. */
  private toInteger(to: string, single: boolean): Statement | undefined {
    const { at, a, r, integer } = this;
    const limit = limits[to];
    if (!limit) return undefined;
    const isSigned = to === 'l' || to === 'w';
    const [lowest, highest] = bounds[to] as readonly [bigint, bigint];
    const bound = select(i64.const(lowest), i64.const(highest), f64.lt(a.get, f64.const(0)));
    const within = (value: F64) => and(f64.gt(value, f64.const(limit[0])), f64.lt(value, f64.const(limit[1])));
    return sequence(
      at.enabled(),
      this.read(a, at.f1, single),
      this.toIntegral,
      when(
        within(r.get),
        sequence(
          integer.set((isSigned ? f64.saturated : f64.saturatedUnsigned)(r.get)),
          this.raiseAlone(NX, f64.ne(r.get, a.get)),
        ),
        this.rarely(sequence(this.raiseAlone(NV, i32.const(1)), integer.set(bound))),
      ),
      at.setX(to === 'wu' ? i64.extendS(i32.wrap(integer.get)) : integer.get),
    );
  }

  /** r is a as an integer. */
  private get toIntegral(): Statement {
    const { at, a, r } = this;
    const cut = r.set(f64.trunc(a.get));
    if (at.towardsZero === true) return cut;
    const near = sequence(at.nearest(), r.set(f64.nearest(a.get)));
    return at.towardsZero === false ? near : when(at.towardsZero, cut, near);
  }
}
