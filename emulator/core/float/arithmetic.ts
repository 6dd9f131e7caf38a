// Sums, products, quotients, roots.

import { f64, type Local, type Statement, sequence, when } from '../../wasm/code.ts';
import { and, DZ, FloatBase, NX, not, OF, or, zero } from './base.ts';
import { lostByProduct, lostBySum } from './error-free.ts';

type Four = readonly [Local<'f64'>, Local<'f64'>, Local<'f64'>, Local<'f64'>];

export class FloatArithmetic extends FloatBase {
  protected get parts(): Four {
    const { at } = this;
    return [at.f64(4), at.f64(5), at.f64(6), at.f64(7)];
  }

  /** The code of an operation on singles or doubles; undefined where it is none of these. */
  arithmetic(operation: string, single: boolean): Statement | undefined {
    const { at, a, b } = this;
    const first = sequence(at.nearest(), at.enabled(), this.read(a, at.f1, single));
    const both = sequence(first, this.read(b, at.f2, single));
    switch (operation) {
      case 'fadd':
        return sequence(both, this.sum(single));
      case 'fsub':
        return sequence(both, b.set(f64.neg(b.get)), this.sum(single));
      case 'fmul':
        return sequence(both, this.product(single));
      case 'fdiv':
        return sequence(both, this.quotient(single));
      case 'fsqrt':
        return sequence(first, this.root(single));
    }
    return undefined;
  }

  /** NaNs and infinities as results; `finite`: what there is to do for others. */
  private special(single: boolean, overflow: Statement, finite: Statement): Statement {
    const { at, a, b, r } = this;
    const operands = [
      [a, at.f1],
      [b, at.f2],
    ] as const;
    return when(
      this.isNumber(r.get),
      when(this.isInfinite(r.get), when(not(or(this.isInfinite(a.get), this.isInfinite(b.get))), overflow), finite),
      this.invalid(single, ...operands),
    );
  }

  private sum(single: boolean): Statement {
    const { a, b, c, r } = this;
    const inexact = f64.ne(lostBySum(a.get, b.get, c, this.at.f64(4)), zero);
    const check = sequence(
      this.unless(and(this.exponentIn(a.get, 0, 2044), this.exponentIn(b.get, 0, 2044))),
      this.raise(NX, single ? or(inexact, f64.ne(r.get, c.get)) : inexact),
    );
    return sequence(
      c.set(f64.add(a.get, b.get)),
      r.set(this.rounded(c.get, single)),
      when(
        not(this.isNormal(r.get, single)),
        // A zero is exact, its sign is right; so is whatever else is that small.
        when(f64.ne(c.get, zero), this.rarely(this.special(single, this.raise(OF | NX), sequence()))),
        when(not(this.inexactBefore), check),
      ),
      this.write(r.get, single),
    );
  }

  private product(single: boolean): Statement {
    const { a, b, c, r } = this;
    const { before, lost } = lostByProduct(a, b, c.get, this.parts);
    const check = single
      ? this.raise(NX, f64.ne(r.get, c.get))
      : sequence(this.unless(this.moderate(a.get, b.get)), before, this.raise(NX, f64.ne(lost, zero)));
    const tiny = single ? this.raiseTinySingle(c.get, f64.ne(r.get, c.get)) : this.tinyDouble;
    const exact = and(or(f64.eq(a.get, zero), f64.eq(b.get, zero)), f64.eq(c.get, zero));
    return sequence(
      c.set(f64.mul(a.get, b.get)),
      r.set(this.rounded(c.get, single)),
      when(
        not(this.isNormal(r.get, single)),
        when(not(exact), this.rarely(this.special(single, this.raise(OF | NX), tiny))),
        when(not(this.inexactBefore), check),
      ),
      this.write(r.get, single),
    );
  }

  private quotient(single: boolean): Statement {
    const { at, a, b, c, r } = this;
    // The quotient times the divisor is the dividend where nothing was lost.
    const back = at.f64(8);
    const { before, lost } = lostByProduct(r, b, back.get, this.parts);
    const differs = f64.ne(f64.mul(r.get, b.get), a.get);
    const check = single
      ? this.raise(NX, differs)
      : sequence(
          this.unless(this.moderate(r.get, b.get)),
          back.set(f64.mul(r.get, b.get)),
          before,
          this.raise(NX, or(f64.ne(back.get, a.get), f64.ne(lost, zero))),
        );
    const tiny = single ? this.raiseTinySingle(c.get, differs) : this.tinyDouble;
    const overflow = when(f64.eq(b.get, zero), this.raise(DZ), this.raise(OF | NX));
    const exact = and(f64.eq(a.get, zero), f64.eq(r.get, zero));
    return sequence(
      c.set(f64.div(a.get, b.get)),
      r.set(this.rounded(c.get, single)),
      when(
        not(this.isNormal(r.get, single)),
        when(
          not(or(exact, and(this.isInfinite(b.get), f64.eq(r.get, zero)))),
          this.rarely(this.special(single, overflow, tiny)),
        ),
        when(not(this.inexactBefore), check),
      ),
      this.write(r.get, single),
    );
  }

  private root(single: boolean): Statement {
    const { at, a, r } = this;
    const back = at.f64(8);
    const { before, lost } = lostByProduct(r, r, back.get, this.parts);
    const check = single
      ? this.raise(NX, f64.ne(f64.mul(r.get, r.get), a.get))
      : sequence(
          this.unless(this.moderate(a.get)),
          back.set(f64.mul(r.get, r.get)),
          before,
          this.raise(NX, or(f64.ne(back.get, a.get), f64.ne(lost, zero))),
        );
    return sequence(
      r.set(this.rounded(f64.sqrt(a.get), single)),
      when(
        not(this.isNormal(r.get, single)),
        when(f64.ne(r.get, zero), this.rarely(when(not(this.isNumber(r.get)), this.invalid(single, [a, at.f1])))),
        when(not(this.inexactBefore), check),
      ),
      this.write(r.get, single),
    );
  }
}
