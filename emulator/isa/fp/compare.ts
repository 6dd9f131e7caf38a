// Comparisons, minimum and maximum, classes.

import { type FpFormat, type FpValue, isNan, isZero } from './format.ts';
import { Flag, type FpResult } from './round.ts';

/** Numbers in their order; both zeros are 0. */
function rank(format: FpFormat, { bits, negative }: FpValue): bigint {
  return negative ? -(bits & ~format.signBit) : bits;
}

/** The comparisons that take a quiet NaN without complaint. */
const quiet: ReadonlySet<string> = new Set(['feq', 'fltq', 'fleq']);

/** 1 or 0, and 0 where a NaN is compared. */
export function compare(
  operation: 'feq' | 'flt' | 'fle' | 'fltq' | 'fleq',
  format: FpFormat,
  a: FpValue,
  b: FpValue,
): FpResult {
  if (isNan(a) || isNan(b)) {
    const signals = !quiet.has(operation) || a.kind === 'signalling-nan' || b.kind === 'signalling-nan';
    return { bits: 0n, flags: signals ? Flag.NV : 0 };
  }
  const [left, right] = [rank(format, a), rank(format, b)];
  const holds = operation === 'feq' ? left === right : operation.startsWith('flt') ? left < right : left <= right;
  return { bits: holds ? 1n : 0n, flags: 0 };
}

/**
 * minimumNumber and maximumNumber of IEEE 754-2019 (a NaN only wins against another), with m minimum and maximum (a NaN
 * always wins). -0 is below +0.
 */
export function extreme(
  operation: 'fmin' | 'fmax' | 'fminm' | 'fmaxm',
  format: FpFormat,
  a: FpValue,
  b: FpValue,
): FpResult {
  const flags = a.kind === 'signalling-nan' || b.kind === 'signalling-nan' ? Flag.NV : 0;
  const won = operation.endsWith('m') ? isNan(a) || isNan(b) : isNan(a) && isNan(b);
  if (won) return { bits: format.canonicalNan, flags };
  if (isNan(a) || isNan(b)) return { bits: isNan(a) ? b.bits : a.bits, flags };
  const [left, right] = [rank(format, a), rank(format, b)];
  const leftIsLess = left < right || (left === right && a.negative);
  return { bits: operation.startsWith('fmin') === leftIsLess ? a.bits : b.bits, flags };
}

/** The bit that fclass sets: from -infinity (0) over the zeros (3, 4) to +infinity (7), signalling (8) and quiet NaN (9). */
export function classify(format: FpFormat, value: FpValue): bigint {
  if (isNan(value)) return value.kind === 'signalling-nan' ? 1n << 8n : 1n << 9n;
  const subnormal = value.significand >> BigInt(format.fractionBits) === 0n;
  const size = value.kind === 'infinite' ? 3 : isZero(value) ? 0 : subnormal ? 1 : 2;
  return 1n << BigInt(value.negative ? 3 - size : 4 + size);
}
