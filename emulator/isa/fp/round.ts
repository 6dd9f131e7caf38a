// Rounding of exact values, and the exceptions it raises (IEEE 754; tininess is detected after rounding, as the
// unprivileged manual demands).

import type { FpFormat } from './format.ts';

/** The encodings of rm and frm. */
export const Rounding = { RNE: 0, RTZ: 1, RDN: 2, RUP: 3, RMM: 4 } as const;
export type Rounding = (typeof Rounding)[keyof typeof Rounding];

/** Bits of fflags: inexact, underflow, overflow, divide by zero, invalid operation. */
export const Flag = { NX: 1, UF: 2, OF: 4, DZ: 8, NV: 16 } as const;

/** An encoding (or an integer) and the exceptions that computing it raised. */
export interface FpResult {
  readonly bits: bigint;
  readonly flags: number;
}

/** magnitude / 2^shift as an integer, rounded; `negative` is the sign that the magnitude has. */
export function shiftRight(
  magnitude: bigint,
  shift: number,
  negative: boolean,
  mode: Rounding,
): { readonly value: bigint; readonly inexact: boolean } {
  if (shift <= 0) return { value: magnitude << BigInt(-shift), inexact: false };
  const value = magnitude >> BigInt(shift);
  const rest = BigInt.asUintN(shift, magnitude);
  const half = 1n << BigInt(shift - 1);
  const up = {
    [Rounding.RNE]: rest > half || (rest === half && (value & 1n) === 1n),
    [Rounding.RTZ]: false,
    [Rounding.RDN]: negative && rest > 0n,
    [Rounding.RUP]: !negative && rest > 0n,
    [Rounding.RMM]: rest >= half,
  }[mode];
  return { value: up ? value + 1n : value, inexact: rest > 0n };
}

/** ± significand × 2^exponent in the format. A zero keeps its sign. */
export function round(
  format: FpFormat,
  negative: boolean,
  significand: bigint,
  exponent: number,
  mode: Rounding,
): FpResult {
  const { fractionBits, bias, infinity } = format;
  const sign = negative ? format.signBit : 0n;
  if (significand === 0n) return { bits: sign, flags: 0 };

  const smallest = 1 - bias;
  const leading = exponent + bitLength(significand) - 1;
  const scale = Math.max(leading, smallest);
  const { value, inexact } = shiftRight(significand, scale - fractionBits - exponent, negative, mode);
  // The implicit bit of a normal value adds one to the exponent field, and so does a carry out of rounding.
  const bits = (BigInt(scale - smallest) << BigInt(fractionBits)) + value;
  if (bits >= infinity) {
    const outward = mode === Rounding.RNE || mode === Rounding.RMM || mode === (negative ? Rounding.RDN : Rounding.RUP);
    return { bits: sign | (outward ? infinity : infinity - 1n), flags: Flag.OF | Flag.NX };
  }
  if (!inexact) return { bits: sign | bits, flags: 0 };
  const unbounded = shiftRight(significand, leading - fractionBits - exponent, negative, mode).value;
  const becomesNormal = leading === smallest - 1 && bitLength(unbounded) > fractionBits + 1;
  const tiny = leading < smallest && !becomesNormal;
  return { bits: sign | bits, flags: tiny ? Flag.UF | Flag.NX : Flag.NX };
}

export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}
