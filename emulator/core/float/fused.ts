// a × b + c with one rounding: the exact product's two parts and c are added so that what is lost ends in an odd bit.

import { f64, type I32, i64, type Local, type Statement, select, sequence, when } from '../../wasm/code.ts';
import { and, FloatBase, lacks, NX, not, or, zero } from './base.ts';
import { lostByProduct, lostBySum } from './error-free.ts';

export class FloatFused extends FloatBase {
  private get scratch() {
    const [high, low, sum, rest, part, lost] = [8, 9, 10, 11, 4, 12].map((index) => this.at.f64(index)) as [
      Local<'f64'>,
      Local<'f64'>,
      Local<'f64'>,
      Local<'f64'>,
      Local<'f64'>,
      Local<'f64'>,
    ];
    return { high, low, sum, rest, part, lost };
  }

  fused(operation: string, single: boolean): Statement {
    const { at, a, b, c } = this;
    const { high } = this.scratch;
    const negatesProduct = operation === 'fnmsub' || operation === 'fnmadd';
    const negatesAddend = operation === 'fmsub' || operation === 'fnmadd';
    return sequence(
      at.nearest(),
      at.enabled(),
      this.read(a, at.f1, single),
      this.read(b, at.f2, single),
      this.read(c, at.f3, single),
      negatesProduct ? a.set(f64.neg(a.get)) : sequence(),
      negatesAddend ? c.set(f64.neg(c.get)) : sequence(),
      high.set(f64.mul(a.get, b.get)),
      single ? this.inSingle : this.inDouble,
      this.write(this.r.get, single),
    );
  }

  /** The local's double, and what was lost from it, as a double whose last bit tells of the loss. */
  private toOdd(value: Local<'f64'>, lost: Local<'f64'>): Statement {
    const odd = this.at.i64(1);
    // One step towards what was lost: up in magnitude where the signs agree.
    const agree = i64.geS(i64.xor(odd.get, f64.bits(lost.get)), i64.const(0));
    const step = select(i64.const(1), i64.const(-1), agree);
    return when(
      and(f64.ne(lost.get, zero), lacks(odd.tee(f64.bits(value.get)), 1n)),
      value.set(f64.ofBits(i64.add(odd.get, step))),
    );
  }

  private get inDouble(): Statement {
    const { a, b, c, r, at } = this;
    const { high, low, sum, rest, part, lost } = this.scratch;
    const parts = [at.f64(4), at.f64(5), at.f64(6), at.f64(7)] as const;
    const { before, lost: lostProduct } = lostByProduct(a, b, high.get, parts);
    const inexact: I32 = or(f64.ne(lost.get, zero), f64.ne(lostBySum(high.get, sum.get, r, part), zero));
    const added = sequence(
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
      this.toOdd(sum, lost),
      r.set(f64.add(high.get, sum.get)),
      when(
        this.isNormal(r.get, false),
        when(not(this.inexactBefore), this.raise(NX, inexact)),
        // Factors so large leave nothing below a normal number but an exact zero.
        this.unless(f64.eq(r.get, zero)),
      ),
    );
    // Times zero: the sum is c, or a zero with the right sign.
    const plain = sequence(
      this.unless(or(f64.eq(a.get, zero), f64.eq(b.get, zero))),
      r.set(f64.add(high.get, c.get)),
      this.unless(this.isNumber(r.get)),
    );
    return when(and(this.moderate(a.get, b.get), this.exponentIn(c.get, 0, 1900)), added, plain);
  }

  /** The product is exact in double precision. */
  private get inSingle(): Statement {
    const { c, r } = this;
    const { high, sum, part, lost } = this.scratch;
    const inexact = or(f64.ne(lost.get, zero), f64.ne(r.get, sum.get));
    return sequence(
      this.unless(and(this.exponentIn(high.get, 0, 2000), this.exponentIn(c.get, 0, 2000))),
      sum.set(f64.add(high.get, c.get)),
      lost.set(lostBySum(high.get, c.get, sum, part)),
      this.toOdd(sum, lost),
      r.set(f64.narrowed(sum.get)),
      when(
        this.isNormal(r.get, true),
        when(not(this.inexactBefore), this.raise(NX, inexact)),
        when(
          f64.ne(sum.get, zero),
          this.rarely(sequence(this.unless(not(this.isInfinite(r.get))), this.raiseTinySingle(sum.get, inexact))),
        ),
      ),
    );
  }
}
