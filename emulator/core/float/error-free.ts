// Error-free transforms: what a sum or a product lost by rounding, exactly (Knuth; Dekker).

import { type F64, f64, type Local, type Statement, sequence } from '../../wasm/code.ts';

/** What a + b lost; `sum` holds it, `part` is for use in between. */
export function lostBySum(a: F64, b: F64, sum: Local<'f64'>, part: Local<'f64'>): F64 {
  return f64.add(f64.sub(a, f64.sub(sum.get, part.tee(f64.sub(sum.get, a)))), f64.sub(b, part.get));
}

/** What a × b lost, after `before`; the exponents must be far from both ends. `parts`: four for use in between. */
export function lostByProduct(
  a: Local<'f64'>,
  b: Local<'f64'>,
  product: F64,
  [ah, al, bh, bl]: readonly [Local<'f64'>, Local<'f64'>, Local<'f64'>, Local<'f64'>],
): { readonly before: Statement; readonly lost: F64 } {
  const split = (value: Local<'f64'>, high: Local<'f64'>, low: Local<'f64'>) =>
    sequence(
      high.set(f64.mul(value.get, f64.const(134217729))),
      high.set(f64.sub(high.get, f64.sub(high.get, value.get))),
      low.set(f64.sub(value.get, high.get)),
    );
  const { mul, add, sub } = f64;
  const lost = add(
    add(add(sub(mul(ah.get, bh.get), product), mul(ah.get, bl.get)), mul(al.get, bh.get)),
    mul(al.get, bl.get),
  );
  return { before: sequence(split(a, ah, al), split(b, bh, bl)), lost };
}
