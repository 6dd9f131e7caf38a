// Error-free transforms: what a sum or a product lost by rounding, exactly (Knuth; Dekker).

import { type F64, f64, i64, type Local, type Statement, sequence } from '../../wasm/code.ts';

/** What a + b lost; `sum` holds it, `part` is for use in between. */
export function lostBySum(a: F64, b: F64, sum: Local<'f64'>, part: Local<'f64'>): F64 {
  return f64.add(f64.sub(a, f64.sub(sum.get, part.tee(f64.sub(sum.get, a)))), f64.sub(b, part.get));
}

/** A double with the upper half of the bits, rounded, so that products of halves are exact. */
const upperHalf = (value: F64) =>
  f64.ofBits(i64.and(i64.add(f64.bits(value), i64.const(1 << 26)), i64.const(-(1 << 27))));

/**
 * What a × b lost, after `before`. The product must be finite and so far above the smallest number that its lowest half is
 * one too. `parts`: four for use in between.
 */
export function lostByProduct(
  a: Local<'f64'>,
  b: Local<'f64'>,
  product: F64,
  [ah, al, bh, bl]: readonly [Local<'f64'>, Local<'f64'>, Local<'f64'>, Local<'f64'>],
): { readonly before: Statement; readonly lost: F64 } {
  const split = (value: Local<'f64'>, high: Local<'f64'>, low: Local<'f64'>) =>
    sequence(high.set(upperHalf(value.get)), low.set(f64.sub(value.get, high.get)));
  const { mul, add, sub } = f64;
  const lost = add(
    add(add(sub(mul(ah.get, bh.get), product), mul(ah.get, bl.get)), mul(al.get, bh.get)),
    mul(al.get, bl.get),
  );
  return { before: sequence(split(a, ah, al), split(b, bh, bl)), lost };
}
