// Addition, multiplication, division, square root: the exact result of the operands, rounded once.

import { type FpFormat, type FpValue, isNan, isZero } from './format.ts';
import { bitLength, Flag, type FpResult, Rounding, round } from './round.ts';

const one: Operand = { kind: 'finite', negative: false, significand: 1n, exponent: 0 };

type Operand = Omit<FpValue, 'bits'>;

export function invalid(format: FpFormat): FpResult {
  return { bits: format.canonicalNan, flags: Flag.NV };
}

/** The canonical NaN; invalid when one of the operands signals. */
export function nanOf(format: FpFormat, ...operands: readonly Operand[]): FpResult {
  const signals = operands.some(({ kind }) => kind === 'signalling-nan');
  return { bits: format.canonicalNan, flags: signals ? Flag.NV : 0 };
}

function infinite(format: FpFormat, negative: boolean): FpResult {
  return { bits: (negative ? format.signBit : 0n) | format.infinity, flags: 0 };
}

export function negate<V extends Operand>(value: V): V {
  return { ...value, negative: !value.negative };
}

/** a × b + c. An infinity times zero is invalid even when c is a quiet NaN. */
export function multiplyAdd(format: FpFormat, mode: Rounding, a: Operand, b: Operand, c: Operand): FpResult {
  if ((a.kind === 'infinite' && isZero(b)) || (b.kind === 'infinite' && isZero(a))) return invalid(format);
  if ([a, b, c].some(isNan)) return nanOf(format, a, b, c);
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinite' || b.kind === 'infinite') {
    if (c.kind === 'infinite' && c.negative !== negative) return invalid(format);
    return infinite(format, negative);
  }
  if (c.kind === 'infinite') return infinite(format, c.negative);

  const productExponent = a.exponent + b.exponent;
  const exponent = Math.min(productExponent, c.exponent);
  const product = (a.significand * b.significand) << BigInt(productExponent - exponent);
  const addend = c.significand << BigInt(c.exponent - exponent);
  const sum = (negative ? -product : product) + (c.negative ? -addend : addend);
  // An exact zero of opposite signs is +0, but -0 when rounding down.
  if (sum === 0n) return round(format, negative === c.negative ? negative : mode === Rounding.RDN, 0n, 0, mode);
  return round(format, sum < 0n, sum < 0n ? -sum : sum, exponent, mode);
}

export function add(format: FpFormat, mode: Rounding, a: Operand, b: Operand): FpResult {
  return multiplyAdd(format, mode, a, one, b);
}

export function multiply(format: FpFormat, mode: Rounding, a: Operand, b: Operand): FpResult {
  const zero: Operand = { kind: 'finite', negative: a.negative !== b.negative, significand: 0n, exponent: 0 };
  return multiplyAdd(format, mode, a, b, zero);
}

export function divide(format: FpFormat, mode: Rounding, a: Operand, b: Operand): FpResult {
  if (isNan(a) || isNan(b)) return nanOf(format, a, b);
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinite') return b.kind === 'infinite' ? invalid(format) : infinite(format, negative);
  if (b.kind === 'infinite') return round(format, negative, 0n, 0, mode);
  if (isZero(b)) {
    return isZero(a) ? invalid(format) : { ...infinite(format, negative), flags: Flag.DZ };
  }
  // Two bits more than the format holds, then one that says whether anything is left.
  const shift = Math.max(0, format.fractionBits + 3 + bitLength(b.significand) - bitLength(a.significand));
  const dividend = a.significand << BigInt(shift);
  const quotient = dividend / b.significand;
  const rest = dividend % b.significand === 0n ? 0n : 1n;
  return round(format, negative, (quotient << 1n) | rest, a.exponent - b.exponent - shift - 1, mode);
}

export function squareRoot(format: FpFormat, mode: Rounding, a: Operand): FpResult {
  if (isNan(a)) return nanOf(format, a);
  if (isZero(a)) return round(format, a.negative, 0n, 0, mode);
  if (a.negative) return invalid(format);
  if (a.kind === 'infinite') return infinite(format, false);
  // The exponent must be even, and the root have two bits more than the format.
  const shift = 2 * (format.fractionBits + 3) + (Math.abs(a.exponent) % 2);
  const radicand = a.significand << BigInt(shift);
  const root = integerRoot(radicand);
  const rest = root * root === radicand ? 0n : 1n;
  return round(format, false, (root << 1n) | rest, (a.exponent - shift) / 2 - 1, mode);
}

/** The largest integer whose square is at most `value`, by Newton's method from above. */
function integerRoot(value: bigint): bigint {
  let root = 1n << BigInt((bitLength(value) + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
