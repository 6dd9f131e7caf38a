// Floating-point arithmetic by the processor's own, where that is exact with its flags: round to nearest, the result normal,
// and NX either set already or told by an error-free transform (Dekker, Knuth; Boldo and Melquiond for the fused ones). All
// else is the host's. Singles are computed in double precision, which has more than twice their bits and two, so that
// rounding twice is rounding once.

import type { Statement } from '../../wasm/code.ts';
import { FloatArithmetic } from './arithmetic.ts';
import type { FloatPlace } from './base.ts';
import { FloatConversion } from './conversion.ts';

/** The code of a mnemonic, or undefined where the host does it always. */
export function floatPath(mnemonic: string, place: FloatPlace): Statement | undefined {
  const [operation = '', first = '', second = ''] = mnemonic.split('.');
  if (operation === 'fmv' || operation === 'fcvt') {
    return new FloatConversion(place).moveOrConvert(operation, first, second);
  }
  return first === 's' || first === 'd' ? new FloatArithmetic(place).arithmetic(operation, first === 's') : undefined;
}
