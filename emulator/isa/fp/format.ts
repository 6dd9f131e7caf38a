// The binary interchange formats of IEEE 754 as exact values, and NaN boxing (unprivileged manual, chapters "F" and "D").

export interface FpFormat {
  /** Bits of the encoding. */
  readonly width: 16 | 32 | 64;
  /** Bits of the trailing significand. */
  readonly fractionBits: number;
  readonly bias: number;
  /** The exponent field of infinities and NaNs: all ones. */
  readonly highestExponent: number;
  /** The bit that a normal value has above its fraction. */
  readonly implicitBit: bigint;
  /** The encoding of +infinity: exponent all ones, fraction 0. */
  readonly infinity: bigint;
  /** The encoding of -0. */
  readonly signBit: bigint;
  /** The NaN that every operation gives. */
  readonly canonicalNan: bigint;
  /** The ones above it in a register: NaN boxing. */
  readonly boxing: bigint;
}

function format(width: 16 | 32 | 64, fractionBits: number): FpFormat {
  const highestExponent = 2 ** (width - 1 - fractionBits) - 1;
  const implicitBit = 1n << BigInt(fractionBits);
  const infinity = BigInt(highestExponent) * implicitBit;
  return {
    width,
    fractionBits,
    bias: (highestExponent - 1) / 2,
    highestExponent,
    implicitBit,
    infinity,
    signBit: 1n << BigInt(width - 1),
    canonicalNan: infinity | (implicitBit >> 1n),
    boxing: (1n << 64n) - (1n << BigInt(width)),
  };
}

export const half = format(16, 10);
export const single = format(32, 23);
export const double = format(64, 52);

/** An encoding taken apart. A finite value is exactly ± significand × 2^exponent. */
export interface FpValue {
  readonly bits: bigint;
  readonly kind: 'finite' | 'infinite' | 'quiet-nan' | 'signalling-nan';
  readonly negative: boolean;
  /** 0 for zeros; without meaning unless finite, as is the exponent. */
  readonly significand: bigint;
  readonly exponent: number;
}

export function unpack(format: FpFormat, bits: bigint): FpValue {
  const { fractionBits, bias, highestExponent, implicitBit, canonicalNan } = format;
  const signAndExponent = Number(bits >> BigInt(fractionBits));
  const biased = signAndExponent & highestExponent;
  const fraction = bits & (implicitBit - 1n);
  let kind: FpValue['kind'] = 'finite';
  if (biased === highestExponent) {
    const quiet = (bits & canonicalNan) === canonicalNan;
    kind = fraction === 0n ? 'infinite' : quiet ? 'quiet-nan' : 'signalling-nan';
  }
  return {
    bits,
    kind,
    negative: signAndExponent > highestExponent,
    significand: biased > 0 ? implicitBit | fraction : fraction,
    exponent: Math.max(biased, 1) - bias - fractionBits,
  };
}

export function isNan({ kind }: Pick<FpValue, 'kind'>): boolean {
  return kind === 'quiet-nan' || kind === 'signalling-nan';
}

export function isZero({ kind, significand }: Pick<FpValue, 'kind' | 'significand'>): boolean {
  return kind === 'finite' && significand === 0n;
}

/** A register's 64 bits as an operand: what is not NaN-boxed counts as the canonical NaN. */
export function unbox({ width, boxing, canonicalNan }: FpFormat, register: bigint): bigint {
  if (width === 64) return register;
  return register >= boxing ? BigInt.asUintN(width, register) : canonicalNan;
}

/** An encoding as the 64 bits of a register. */
export function box({ boxing }: FpFormat, bits: bigint): bigint {
  return boxing | bits;
}
