// The binary interchange formats of IEEE 754 as exact values, and NaN boxing (unprivileged manual, chapters "F" and "D").

export interface FpFormat {
  /** Bits of the encoding. */
  readonly width: 32 | 64;
  /** Bits of the trailing significand. */
  readonly fractionBits: number;
  readonly bias: number;
  /** The encoding of +infinity: exponent all ones, fraction 0. */
  readonly infinity: bigint;
  /** The encoding of -0. */
  readonly signBit: bigint;
  /** The NaN that every operation gives. */
  readonly canonicalNan: bigint;
}

function format(width: 32 | 64, fractionBits: number): FpFormat {
  const exponentBits = width - 1 - fractionBits;
  const infinity = ((1n << BigInt(exponentBits)) - 1n) << BigInt(fractionBits);
  const quietBit = 1n << BigInt(fractionBits - 1);
  const bias = 2 ** (exponentBits - 1) - 1;
  return { width, fractionBits, bias, infinity, signBit: 1n << BigInt(width - 1), canonicalNan: infinity | quietBit };
}

export const single = format(32, 23);
export const double = format(64, 52);

/** An encoding taken apart. A finite value is exactly ± significand × 2^exponent. */
export interface FpValue {
  readonly bits: bigint;
  readonly kind: 'finite' | 'infinite' | 'quiet-nan' | 'signalling-nan';
  readonly negative: boolean;
  /** 0 for zeros; without meaning unless finite. */
  readonly significand: bigint;
  readonly exponent: number;
}

export function unpack(format: FpFormat, bits: bigint): FpValue {
  const { fractionBits, bias, infinity, signBit, canonicalNan } = format;
  const magnitude = bits & ~signBit;
  const fraction = BigInt.asUintN(fractionBits, bits);
  const biased = Number(magnitude >> BigInt(fractionBits));
  const value = { bits, negative: bits !== magnitude };
  if (magnitude < infinity) {
    const implicit = biased > 0 ? 1n << BigInt(fractionBits) : 0n;
    const exponent = Math.max(biased, 1) - bias - fractionBits;
    return { ...value, kind: 'finite', significand: implicit | fraction, exponent };
  }
  const quiet = magnitude >= canonicalNan;
  const kind = magnitude === infinity ? 'infinite' : quiet ? 'quiet-nan' : 'signalling-nan';
  return { ...value, kind, significand: 0n, exponent: 0 };
}

export function isNan({ kind }: Pick<FpValue, 'kind'>): boolean {
  return kind === 'quiet-nan' || kind === 'signalling-nan';
}

export function isZero({ kind, significand }: Pick<FpValue, 'kind' | 'significand'>): boolean {
  return kind === 'finite' && significand === 0n;
}

const upperOnes = 0xffff_ffffn << 32n;

/** A register's 64 bits as an operand: a single that is not NaN-boxed counts as the canonical NaN. */
export function unbox(format: FpFormat, register: bigint): bigint {
  if (format === double) return register;
  return register >= upperOnes ? BigInt.asUintN(32, register) : format.canonicalNan;
}

/** An encoding as the 64 bits of a register. */
export function box(format: FpFormat, bits: bigint): bigint {
  return format === double ? bits : upperOnes | bits;
}
