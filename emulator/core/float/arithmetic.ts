// Arithmetic, comparisons and signs.

import { f64, type I64, i64, type Local, type Statement, select, sequence, when } from '../../wasm/code.ts';
import { and, BOXED, FloatBase, lacks, not, or } from './base.ts';
import { lostByProduct, lostBySum } from './error-free.ts';

type Four = readonly [Local<'f64'>, Local<'f64'>, Local<'f64'>, Local<'f64'>];

export class FloatArithmetic extends FloatBase {
  private get parts(): Four {
    const { at } = this;
    return [at.f64(4), at.f64(5), at.f64(6), at.f64(7)];
  }

  /** The code of an operation on singles or doubles; undefined where the host does it always. */
  arithmetic(operation: string, single: boolean): Statement | undefined {
    const { at, a, b, r } = this;
    const { f1, f2 } = at;
    const both = sequence(this.enabled, this.read(a, f1, single), this.read(b, f2, single));
    const numbers = this.unless(and(f64.eq(a.get, a.get), f64.eq(b.get, b.get)));
    switch (operation) {
      case 'fadd':
      case 'fsub':
        return sequence(
          this.nearest,
          both,
          operation === 'fsub' ? b.set(f64.neg(b.get)) : sequence(),
          this.c.set(f64.add(a.get, b.get)),
          this.sum(single),
        );
      case 'fmul':
        return sequence(this.nearest, both, this.product(single));
      case 'fdiv':
        return sequence(
          this.nearest,
          both,
          this.unless(this.inexactBefore),
          r.set(this.rounded(f64.div(a.get, b.get), single)),
          this.unless(this.isNormal(r.get, single)),
          this.write(r.get, single),
        );
      case 'fsqrt':
        return sequence(
          this.nearest,
          this.enabled,
          this.read(a, f1, single),
          this.unless(this.inexactBefore),
          r.set(this.rounded(f64.sqrt(a.get), single)),
          this.unless(this.isNormal(r.get, single)),
          this.write(r.get, single),
        );
      case 'fmadd':
      case 'fmsub':
      case 'fnmsub':
      case 'fnmadd':
        return this.fused(operation, single);
      case 'fsgnj':
      case 'fsgnjn':
      case 'fsgnjx':
        return this.signed(operation, single);
      case 'feq':
      case 'flt':
      case 'fle': {
        const test = { feq: f64.eq, flt: f64.lt, fle: f64.le }[operation];
        return sequence(both, numbers, at.setX(i64.extendU(test(a.get, b.get))));
      }
      case 'fmin':
      case 'fmax': {
        const first = operation === 'fmin' ? f64.lt(a.get, b.get) : f64.gt(a.get, b.get);
        // Zeros are equal, whatever their signs.
        return sequence(
          both,
          numbers,
          when(f64.eq(a.get, b.get), at.giveUp),
          at.setF(select(f1, f2, first)),
          this.dirty,
        );
      }
    }
    return undefined;
  }

  /** a + b is in c. A zero is exact, and so is its sign. */
  private sum(single: boolean): Statement {
    const { a, b, c, r } = this;
    const lost = lostBySum(a.get, b.get, c, this.at.f64(4));
    const inexact = f64.ne(lost, f64.const(0));
    return sequence(
      r.set(this.rounded(c.get, single)),
      when(
        not(this.isNormal(r.get, single)),
        // inf - inf is no zero, and the sum of two finite numbers is one only where nothing is lost.
        this.unless(f64.eq(c.get, f64.const(0))),
        when(
          not(this.inexactBefore),
          sequence(
            this.unless(and(this.exponentIn(a.get, 0, 2044), this.exponentIn(b.get, 0, 2044))),
            this.raise(single ? or(inexact, f64.ne(r.get, c.get)) : inexact),
          ),
        ),
      ),
      this.write(r.get, single),
    );
  }

  private product(single: boolean): Statement {
    const { a, b, c, r } = this;
    const { before, lost } = lostByProduct(a, b, c.get, this.parts);
    const moderate = and(this.exponentIn(a.get, 623, 1423), this.exponentIn(b.get, 623, 1423));
    const check = single
      ? this.raise(f64.ne(r.get, c.get))
      : sequence(this.unless(moderate), before, this.raise(f64.ne(lost, f64.const(0))));
    const zero = or(f64.eq(a.get, f64.const(0)), f64.eq(b.get, f64.const(0)));
    return sequence(
      c.set(f64.mul(a.get, b.get)),
      r.set(this.rounded(c.get, single)),
      when(
        not(this.isNormal(r.get, single)),
        this.unless(and(zero, f64.eq(c.get, f64.const(0)))),
        when(not(this.inexactBefore), check),
      ),
      this.write(r.get, single),
    );
  }

  /** a × b + c with one rounding: the exact product's two parts and c are added so that what is lost ends in an odd bit. */
  private fused(operation: string, single: boolean): Statement {
    const { at, a, b, c, r } = this;
    const [high, low, sum, rest, part] = [8, 9, 10, 11, 4].map((index) => at.f64(index)) as [
      Local<'f64'>,
      Local<'f64'>,
      Local<'f64'>,
      Local<'f64'>,
      Local<'f64'>,
    ];
    const odd = at.i64(1);
    const lost = at.f64(12);
    /** The local's double, and what was lost from it, as a double whose last bit tells of the loss. */
    const toOdd = (value: Local<'f64'>) =>
      when(
        and(f64.ne(lost.get, f64.const(0)), lacks(odd.tee(f64.bits(value.get)), 1n)),
        // One step towards what was lost: up in magnitude where the signs agree.
        value.set(
          f64.ofBits(
            i64.add(
              odd.get,
              select(i64.const(1), i64.const(-1), i64.geS(i64.xor(odd.get, f64.bits(lost.get)), i64.const(0))),
            ),
          ),
        ),
      );
    const { before, lost: lostProduct } = lostByProduct(a, b, high.get, this.parts);
    const negatesProduct = operation === 'fnmsub' || operation === 'fnmadd';
    const negatesAddend = operation === 'fmsub' || operation === 'fnmadd';
    const inDouble = sequence(
      this.unless(and(this.exponentIn(a.get, 623, 1423), this.exponentIn(b.get, 623, 1423))),
      this.unless(this.exponentIn(c.get, 0, 1900)),
      before,
      low.set(lostProduct),
      // c and the product's low part, then the high parts, then what both lost.
      sum.set(f64.add(c.get, low.get)),
      rest.set(lostBySum(c.get, low.get, sum, part)),
      r.set(f64.add(high.get, sum.get)),
      low.set(lostBySum(high.get, sum.get, r, part)),
      high.set(r.get),
      sum.set(f64.add(rest.get, low.get)),
      lost.set(lostBySum(rest.get, low.get, sum, part)),
      toOdd(sum),
      r.set(f64.add(high.get, sum.get)),
    );
    const inSingle = sequence(
      sum.set(f64.add(high.get, c.get)),
      lost.set(lostBySum(high.get, c.get, sum, part)),
      toOdd(sum),
      r.set(f64.narrowed(sum.get)),
    );
    return sequence(
      this.nearest,
      this.enabled,
      this.unless(this.inexactBefore),
      this.read(a, at.f1, single),
      this.read(b, at.f2, single),
      this.read(c, at.f3, single),
      negatesProduct ? a.set(f64.neg(a.get)) : sequence(),
      negatesAddend ? c.set(f64.neg(c.get)) : sequence(),
      high.set(f64.mul(a.get, b.get)),
      single
        ? sequence(
            this.unless(this.exponentIn(high.get, 0, 2000)),
            this.unless(this.exponentIn(c.get, 0, 2000)),
            inSingle,
          )
        : inDouble,
      this.unless(this.isNormal(r.get, single)),
      this.write(r.get, single),
    );
  }

  private signed(operation: string, single: boolean): Statement {
    const { at } = this;
    const sign = single ? 1n << 31n : -(1n << 63n);
    const first = at.i64(1);
    const source = at.i64(2);
    const boxed = (value: I64) => i64.eq(i64.and(value, i64.const(BOXED)), i64.const(BOXED));
    const flipped = {
      fsgnj: source.get,
      fsgnjn: i64.xor(source.get, i64.const(-1)),
      fsgnjx: i64.xor(source.get, first.get),
    };
    const taken = flipped[operation as keyof typeof flipped];
    return sequence(
      this.enabled,
      first.set(at.f1),
      source.set(at.f2),
      single ? this.unless(and(boxed(first.get), boxed(source.get))) : sequence(),
      at.setF(i64.or(i64.and(first.get, i64.const(~sign)), i64.and(taken, i64.const(sign)))),
      this.dirty,
    );
  }
}
