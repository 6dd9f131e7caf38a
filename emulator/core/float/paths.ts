// Floating-point arithmetic by the processor's own, where that is exact with its flags: rounding is to nearest, and NX is
// either set already or told by an error-free transform (Dekker, Knuth; Boldo and Melquiond for the fused ones). Regions
// hold the paths to normal results and zeros; the interpreter also infinities, NaNs and what is tiny. All else is the
// host's. Singles are computed in double precision, which has more than twice their bits and two, so that rounding twice
// is rounding once.

import type { Statement } from '../../wasm/code.ts';
import { FloatArithmetic } from './arithmetic.ts';
import type { FloatPlace } from './base.ts';
import { FloatComparison } from './comparison.ts';
import { FloatConversion } from './conversion.ts';
import { FloatFused } from './fused.ts';

/** The code of a mnemonic, or undefined where the host does it always. */
export function floatPath(mnemonic: string, place: FloatPlace): Statement | undefined {
  const [operation = '', first = '', second = ''] = mnemonic.split('.');
  if (operation === 'fmv') return new FloatConversion(place).move(first, second);
  if (operation === 'fcvt') return new FloatConversion(place).convert(first, second);
  if (first !== 's' && first !== 'd') return undefined;
  const single = first === 's';
  if (/^fn?m(add|sub)$/.test(operation)) return new FloatFused(place).fused(operation, single);
  return (
    new FloatArithmetic(place).arithmetic(operation, single) ?? new FloatComparison(place).comparison(operation, single)
  );
}
