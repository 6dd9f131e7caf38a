// Conversions between integers and floating point, and between the formats.

import { nanOf } from './arithmetic.ts';
import { type FpFormat, type FpValue, isNan, isZero } from './format.ts';
import { Flag, type FpResult, Rounding, round, shiftRight } from './round.ts';

export interface IntegerFormat {
  readonly width: 32 | 64;
  readonly signed: boolean;
}

/** By the mnemonic's letters. */
export const integerFormats: Readonly<Record<string, IntegerFormat>> = {
  w: { width: 32, signed: true },
  wu: { width: 32, signed: false },
  l: { width: 64, signed: true },
  lu: { width: 64, signed: false },
};

/** The value as an integer; what is out of range is invalid and gives the nearest bound, a NaN the upper one. */
export function toInteger(to: IntegerFormat, mode: Rounding, value: FpValue): FpResult {
  const highest = (1n << BigInt(to.signed ? to.width - 1 : to.width)) - 1n;
  const lowest = to.signed ? -highest - 1n : 0n;
  const bound = { bits: value.negative && !isNan(value) ? lowest : highest, flags: Flag.NV };
  if (value.kind !== 'finite') return bound;
  const rounded = shiftRight(value.significand, -value.exponent, value.negative, mode);
  const bits = value.negative ? -rounded.value : rounded.value;
  if (bits < lowest || bits > highest) return bound;
  return { bits, flags: rounded.inexact ? Flag.NX : 0 };
}

export function fromInteger(format: FpFormat, mode: Rounding, from: IntegerFormat, register: bigint): FpResult {
  const integer = from.signed ? BigInt.asIntN(from.width, register) : BigInt.asUintN(from.width, register);
  return round(format, integer < 0n, integer < 0n ? -integer : integer, 0, mode);
}

export function convertFormat(to: FpFormat, mode: Rounding, value: FpValue): FpResult {
  if (isNan(value)) return nanOf(to, value);
  if (value.kind === 'infinite') return { bits: (value.negative ? to.signBit : 0n) | to.infinity, flags: 0 };
  return round(to, value.negative, value.significand, value.exponent, mode);
}

/** An integer in the same format; `exact` keeps quiet about what was cut off. */
export function toIntegral(format: FpFormat, mode: Rounding, value: FpValue, exact: boolean): FpResult {
  if (isNan(value)) return nanOf(format, value);
  if (value.kind === 'infinite' || isZero(value) || value.exponent >= 0) return { bits: value.bits, flags: 0 };
  const rounded = shiftRight(value.significand, -value.exponent, value.negative, mode);
  const { bits } = round(format, value.negative, rounded.value, 0, mode);
  return { bits, flags: rounded.inexact && !exact ? Flag.NX : 0 };
}

/** The low 32 bits of the integer part; what is no 32-bit integer is invalid all the same. */
export function toIntegerModulo(value: FpValue): FpResult {
  if (value.kind !== 'finite') return { bits: 0n, flags: Flag.NV };
  const { value: magnitude, inexact } = shiftRight(value.significand, -value.exponent, value.negative, Rounding.RTZ);
  const integer = value.negative ? -magnitude : magnitude;
  const bits = BigInt.asIntN(32, integer);
  return { bits, flags: bits !== integer ? Flag.NV : inexact ? Flag.NX : 0 };
}
