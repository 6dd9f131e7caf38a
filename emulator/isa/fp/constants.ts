// The 32 values that fli loads, by the number in rs1 (unprivileged manual, chapter "Zfa").

import type { FpFormat } from './format.ts';
import { Rounding, round } from './round.ts';

/** `min` is the smallest positive normal value of the format. */
export const loadableConstants: readonly (number | 'min')[] = [
  ...([-1, 'min', 2 ** -16, 2 ** -15, 2 ** -8, 2 ** -7, 0.0625, 0.125] as const),
  ...[0.25, 0.3125, 0.375, 0.4375, 0.5, 0.625, 0.75, 0.875],
  ...[1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4],
  ...[8, 16, 128, 256, 2 ** 15, 2 ** 16, Number.POSITIVE_INFINITY, Number.NaN],
];

/** The encoding of a constant; what the format cannot hold is infinity. */
export function constantBits(format: FpFormat, index: number): bigint {
  const value = loadableConstants[index] ?? Number.NaN;
  if (value === 'min') return format.implicitBit;
  if (Number.isNaN(value)) return format.canonicalNan;
  if (!Number.isFinite(value)) return format.infinity;
  return round(format, value < 0, BigInt(Math.abs(value) * 2 ** 16), -16, Rounding.RNE).bits;
}

/** As assembly writes it: `min`, `inf`, `nan`, `0x1.4p-2`. */
export function constantText(index: number): string {
  const value = loadableConstants[index] ?? Number.NaN;
  if (value === 'min') return value;
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : 'inf';
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = (Math.abs(value) / 2 ** exponent - 1) * 16;
  const digits = fraction ? `.${fraction.toString(16)}` : '';
  return `${value < 0 ? '-' : ''}0x1${digits}p${exponent < 0 ? '' : '+'}${exponent}`;
}
