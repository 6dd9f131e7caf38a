// Comparisons, minimum and maximum, classes.

import { type FpFormat, type FpValue, isNan, isZero } from './format.ts';
import { Flag, type FpResult } from './round.ts';

/** Numbers in their order; both zeros are 0. */
function rank(format: FpFormat, { bits, negative }: FpValue): bigint {
  return negative ? -(bits & ~format.signBit) : bits;
}

/** feq, flt, fle: 1 or 0, and 0 where a NaN is compared. feq is quiet: only a signalling NaN is invalid. */
export function compare(operation: 'feq' | 'flt' | 'fle', format: FpFormat, a: FpValue, b: FpValue): FpResult {
  if (isNan(a) || isNan(b)) {
    const signals = operation !== 'feq' || a.kind === 'signalling-nan' || b.kind === 'signalling-nan';
    return { bits: 0n, flags: signals ? Flag.NV : 0 };
  }
  const [left, right] = [rank(format, a), rank(format, b)];
  const holds = { feq: left === right, flt: left < right, fle: left <= right }[operation];
  return { bits: holds ? 1n : 0n, flags: 0 };
}

/** minimumNumber and maximumNumber of IEEE 754-2019: -0 is below +0, a NaN only wins against another. */
export function extreme(operation: 'fmin' | 'fmax', format: FpFormat, a: FpValue, b: FpValue): FpResult {
  const flags = a.kind === 'signalling-nan' || b.kind === 'signalling-nan' ? Flag.NV : 0;
  if (isNan(a) && isNan(b)) return { bits: format.canonicalNan, flags };
  if (isNan(a) || isNan(b)) return { bits: isNan(a) ? b.bits : a.bits, flags };
  const [left, right] = [rank(format, a), rank(format, b)];
  const leftIsLess = left < right || (left === right && a.negative);
  return { bits: (operation === 'fmin') === leftIsLess ? a.bits : b.bits, flags };
}

/** The bit that fclass sets: from -infinity (0) over the zeros (3, 4) to +infinity (7), signalling (8) and quiet NaN (9). */
export function classify(format: FpFormat, value: FpValue): bigint {
  if (isNan(value)) return value.kind === 'signalling-nan' ? 1n << 8n : 1n << 9n;
  const subnormal = value.significand >> BigInt(format.fractionBits) === 0n;
  const size = value.kind === 'infinite' ? 3 : isZero(value) ? 0 : subnormal ? 1 : 2;
  return 1n << BigInt(value.negative ? 3 - size : 4 + size);
}
