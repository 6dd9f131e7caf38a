// a × b + c with one rounding: the exact product's two parts and c are added so that what is lost ends in an odd bit.

import { f64, type I32, i32, i64, type Local, type Statement, select, sequence, when } from '../../wasm/code.ts';
import { lacks } from '../path.ts';
import { and, FloatBase, NX, not, or, zero } from './base.ts';
import { lostByProduct, lostBySum } from './error-free.ts';

export class FloatFused extends FloatBase {
  private get parts() {
    const { at } = this;
    return [at.f64(5), at.f64(6), at.f64(7), at.f64(15)] as const;
  }

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
    const { at, a, b, c, r } = this;
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
      single || !at.fused()
        ? this.exactly(single)
        : sequence(r.set(f64.relaxedMadd(a.get, b.get, c.get)), this.checked),
      this.write(r.get, single),
    );
  }

  private exactly(single: boolean): Statement {
    const { high } = this.scratch;
    return sequence(high.set(f64.mul(this.a.get, this.b.get)), single ? this.inSingle : this.inDouble);
  }

  /** r is right; its flags are known where it is a normal number and NX is set already. */
  private get checked(): Statement {
    return when(not(and(this.isNormal(this.r.get, false), this.inexactBefore)), this.exactly(false));
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

  /** The product is so far from both ends that its error is a double as well, and so is the sum from overflow. */
  private get inRange(): I32 {
    const { c } = this;
    return and(this.exponentIn(this.scratch.high.get, 123, 2023), this.exponentIn(c.get, 0, 2023));
  }

  /**
   * The sum of the product's parts and c is the high parts' sum and v, which holds what was lost but for a last error. That
   * error only counts where the sum of both is just between two doubles.
   */
  private get inDouble(): Statement {
    const { a, b, c, r, at } = this;
    const { high, low, sum, rest, part, lost } = this.scratch;
    const [v, back] = [at.f64(13), at.f64(14)];
    const { before, lost: lostProduct } = lostByProduct(a, b, high.get, this.parts);
    const lostLast = lostBySum(low.get, rest.get, v, part);
    const beyond = f64.add(r.get, f64.mul(back.get, f64.const(1 + 2 ** -40)));
    const added = sequence(
      before,
      low.set(lostProduct),
      sum.set(f64.add(high.get, c.get)),
      rest.set(lostBySum(high.get, c.get, sum, part)),
      v.set(f64.add(low.get, rest.get)),
      r.set(f64.add(sum.get, v.get)),
      back.set(f64.add(f64.sub(sum.get, r.get), v.get)),
      when(
        f64.ne(beyond, r.get),
        sequence(
          // The upper half of the largest numbers is an infinity.
          this.unless(this.isNumber(r.get)),
          lost.set(lostLast),
          this.toOdd(v, lost),
          r.set(f64.add(sum.get, v.get)),
        ),
      ),
      when(not(this.inexactBefore), this.raise(NX, or(f64.ne(back.get, zero), f64.ne(lostLast, zero)))),
    );
    // Times zero: the sum is c, or a zero with the right sign.
    const plain = sequence(
      this.unless(or(f64.eq(a.get, zero), f64.eq(b.get, zero))),
      r.set(f64.add(high.get, c.get)),
      this.unless(this.isNumber(r.get)),
    );
    return when(this.inRange, added, plain);
  }

  /** The product is exact in double precision. Its sum with c only needs a last bit just between two singles. */
  private get inSingle(): Statement {
    const { c, r } = this;
    const { high, sum, part, lost } = this.scratch;
    const lostLast = lostBySum(high.get, c.get, sum, part);
    const inexact = or(f64.ne(lostLast, zero), f64.ne(r.get, sum.get));
    const between = i32.eq(i32.and(i32.wrap(f64.bits(sum.get)), i32.const(0x1fff_ffff)), i32.const(0x1000_0000));
    const tiny = sequence(
      // Of what is no normal number other bits decide.
      sum.set(f64.add(high.get, c.get)),
      lost.set(lostLast),
      this.toOdd(sum, lost),
      r.set(f64.narrowed(sum.get)),
      this.unless(not(this.isInfinite(r.get))),
      this.raiseTinySingle(sum.get, or(f64.ne(lost.get, zero), f64.ne(r.get, sum.get))),
    );
    return sequence(
      this.unless(and(this.exponentIn(high.get, 0, 2000), this.exponentIn(c.get, 0, 2000))),
      sum.set(f64.add(high.get, c.get)),
      r.set(f64.narrowed(sum.get)),
      when(
        this.isNormal(r.get, true),
        sequence(
          when(not(this.inexactBefore), this.raise(NX, inexact)),
          when(between, sequence(lost.set(lostLast), this.toOdd(sum, lost), r.set(f64.narrowed(sum.get)))),
        ),
        when(f64.ne(sum.get, zero), this.rarely(tiny)),
      ),
    );
  }
}
