// Comparisons, minimum and maximum, signs.

import { f64, type I32, type I64, i32, i64, type Statement, select, sequence, when } from '../../wasm/code.ts';
import { and, BOXED, CANONICAL, FloatBase, NV, or } from './base.ts';

export class FloatComparison extends FloatBase {
  /** The code of an operation on singles or doubles; undefined where it is none of these. */
  comparison(operation: string, single: boolean): Statement | undefined {
    switch (operation) {
      case 'feq':
      case 'flt':
      case 'fle':
        return this.compare(operation, single);
      case 'fmin':
      case 'fmax':
        return this.extreme(operation, single);
      case 'fsgnj':
      case 'fsgnjn':
      case 'fsgnjx':
        return this.signed(operation, single);
    }
    return undefined;
  }

  private both(single: boolean): Statement {
    const { at, a, b } = this;
    return sequence(at.enabled(), this.read(a, at.f1, single), this.read(b, at.f2, single));
  }

  private get numbers(): I32 {
    return and(this.isNumber(this.a.get), this.isNumber(this.b.get));
  }

  private anySignals(single: boolean): I32 {
    return or(this.signals(this.at.f1, single), this.signals(this.at.f2, single));
  }

  private compare(operation: 'feq' | 'flt' | 'fle', single: boolean): Statement {
    const { at, a, b } = this;
    const test = { feq: f64.eq, flt: f64.lt, fle: f64.le }[operation];
    const invalid = operation === 'feq' ? this.anySignals(single) : i32.const(1);
    return sequence(
      this.both(single),
      when(i32.eqz(this.numbers), this.rarely(this.raiseAlone(NV, invalid))),
      at.setX(i64.extendU(test(a.get, b.get))),
    );
  }

  /** A NaN loses against a number. Zeros are equal, whatever their signs, but -0 is below +0. */
  private extreme(operation: 'fmin' | 'fmax', single: boolean): Statement {
    const { at, a, b } = this;
    const isMin = operation === 'fmin';
    const result = at.i64(1);
    const first = isMin ? f64.lt(a.get, b.get) : f64.gt(a.get, b.get);
    const zeros = (isMin ? i64.or : i64.and)(at.f1, at.f2);
    const canonical = i64.const(single ? CANONICAL.single : CANONICAL.double);
    const number = select(at.f1, select(at.f2, canonical, this.isNumber(b.get)), this.isNumber(a.get));
    return sequence(
      this.both(single),
      when(
        this.numbers,
        result.set(select(zeros, select(at.f1, at.f2, first), f64.eq(a.get, b.get))),
        this.rarely(sequence(this.raise(NV, this.anySignals(single)), result.set(number))),
      ),
      at.setF(result.get),
      at.dirty(),
    );
  }

  private signed(operation: 'fsgnj' | 'fsgnjn' | 'fsgnjx', single: boolean): Statement {
    const { at } = this;
    const sign = single ? 1n << 31n : -(1n << 63n);
    const first = at.i64(1);
    const source = at.i64(2);
    const boxed = (value: I64) => i64.eq(i64.and(value, i64.const(BOXED)), i64.const(BOXED));
    const taken = {
      fsgnj: source.get,
      fsgnjn: i64.xor(source.get, i64.const(-1)),
      fsgnjx: i64.xor(source.get, first.get),
    }[operation];
    return sequence(
      at.enabled(),
      first.set(at.f1),
      source.set(at.f2),
      single ? this.unless(and(boxed(first.get), boxed(source.get))) : sequence(),
      at.setF(i64.or(i64.and(first.get, i64.const(~sign)), i64.and(taken, i64.const(sign)))),
      at.dirty(),
    );
  }
}
