// Moves and conversions.

import { f64, type I64, i32, i64, type Statement, sequence, when } from '../../wasm/code.ts';
import { and, BOXED, FloatBase, or } from './base.ts';

const RTZ = 1;

export class FloatConversion extends FloatBase {
  /** The code of `fmv.to.from` or `fcvt.to.from`; undefined where the host does it always. */
  moveOrConvert(operation: string, to: string, from: string): Statement | undefined {
    const { at, a, r } = this;
    const x = at.i64(1);
    if (operation === 'fmv') {
      if (to === 'x' && from === 'd') return sequence(this.enabled, at.setX(at.f1));
      if (to === 'x' && from === 'w') return sequence(this.enabled, at.setX(i64.extendS(i32.wrap(at.f1))));
      if (to === 'd') return sequence(this.enabled, at.setF(at.x1), this.dirty);
      if (to !== 'w') return undefined;
      return sequence(this.enabled, at.setF(i64.or(at.x1, i64.const(BOXED))), this.dirty);
    }
    if (to === 'd' && from === 's') {
      // Nothing is rounded, but a reserved rounding mode is an illegal instruction all the same.
      return sequence(
        this.nearest,
        this.enabled,
        this.read(a, at.f1, true),
        this.unless(f64.eq(a.get, a.get)),
        this.write(a.get, false),
      );
    }
    if (to === 's' && from === 'd') {
      return sequence(
        this.nearest,
        this.enabled,
        this.read(a, at.f1, false),
        r.set(f64.narrowed(a.get)),
        this.unless(or(this.isNormal(r.get, true), f64.eq(a.get, f64.const(0)))),
        this.raise(f64.ne(r.get, a.get)),
        this.write(r.get, true),
      );
    }
    const integers: Readonly<Record<string, I64>> = {
      w: i64.extendS(i32.wrap(at.x1)),
      wu: i64.extendU(i32.wrap(at.x1)),
      l: at.x1,
    };
    const integer = integers[from];
    if (integer && (to === 's' || to === 'd')) {
      // As far as doubles are exact, and singles are rounded from them.
      const wide = i64.gtU(i64.add(x.get, i64.const(1n << 53n)), i64.const(1n << 54n));
      return sequence(
        this.nearest,
        this.enabled,
        x.set(integer),
        when(wide, at.giveUp),
        a.set(f64.ofSigned(x.get)),
        r.set(this.rounded(a.get, to === 's')),
        to === 's' ? this.raise(f64.ne(r.get, a.get)) : sequence(),
        this.write(r.get, to === 's'),
      );
    }
    const limits: Readonly<Record<string, readonly [number, number]>> = {
      w: [-2147483649, 2147483648],
      wu: [-1, 4294967296],
      l: [-(2 ** 63), 2 ** 63],
    };
    const limit = limits[to];
    if (!limit || (from !== 's' && from !== 'd')) return undefined;
    return sequence(
      this.unless(i32.eq(at.rm, i32.const(RTZ))),
      this.enabled,
      this.read(a, at.f1, from === 's'),
      this.unless(and(f64.gt(a.get, f64.const(limit[0])), f64.lt(a.get, f64.const(limit[1])))),
      x.set(f64.truncated(a.get)),
      when(f64.ne(f64.ofSigned(x.get), a.get), sequence(this.raise(i32.const(1)), this.dirty)),
      at.setX(to === 'wu' ? i64.extendS(i32.wrap(x.get)) : x.get),
    );
  }
}
