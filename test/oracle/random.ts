// A seeded source of numbers, and of values that hit the corners.

const { SEED = '20261122' } = process.env;
if (!/^\d+$/.test(SEED)) throw new Error(`SEED=${SEED}: it must be a whole number`);
export const seed = Number(SEED) >>> 0;

export class Random {
  private a: number;
  private b = 0x9e3779b9;
  private c = 0x243f6a88;
  private counter = 1;

  constructor(from: number) {
    this.a = from | 0;
    for (let round = 0; round < 16; round += 1) this.bits();
  }

  /** 32 random bits, unsigned (the generator sfc32). */
  bits(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return sum >>> 0;
  }

  bits64(): bigint {
    return (BigInt(this.bits()) << 32n) | BigInt(this.bits());
  }

  below(bound: number): number {
    return this.bits() % bound;
  }

  /** True once in `count` times. */
  once(count: number): boolean {
    return this.below(count) === 0;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

const corners = [0n, 1n, 2n, 3n, 7n, 8n, 31n, 32n, 63n, 64n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0xffffn]
  .concat([0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, 0x7fff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n])
  .concat([0x5555_5555_5555_5555n, 0x0123_4567_89ab_cdefn, 0x00ff_00ff_00ff_00ffn]);

/** A 64-bit value; half of them are corners or near one. */
export function integer(random: Random): bigint {
  const kind = random.below(8);
  const wrap = (value: bigint) => BigInt.asUintN(64, value);
  if (kind < 3) return wrap(random.once(2) ? random.of(corners) : -random.of(corners));
  if (kind === 3) return 1n << BigInt(random.below(64));
  if (kind === 4) return wrap(BigInt(random.bits() | 0));
  if (kind === 5) return wrap(BigInt(random.below(64)) - 16n);
  return random.bits64();
}

/** Layouts of the IEEE formats: bits of the exponent and of the fraction. */
const formats = [
  { exponent: 11, fraction: 52 },
  { exponent: 8, fraction: 23 },
  { exponent: 5, fraction: 10 },
] as const;

/** Numbers near one another in one format, so that sums cancel and comparisons come out equal. */
function number({ exponent, fraction }: (typeof formats)[number], random: Random): bigint {
  const top = 2 ** exponent - 1;
  const bits = BigInt(fraction);
  const bias = top >> 1;
  const near = random.below(6) - 3;
  const exponents = [0, 0, 1, bias + near, bias + fraction + near, top - 1, top, bias + random.below(70)];
  const chosen = (random.once(3) ? random.bits() : random.of(exponents)) & top;
  return (BigInt((random.below(2) << exponent) | chosen) << bits) | BigInt.asUintN(fraction, significand(bits, random));
}

function significand(bits: bigint, random: Random): bigint {
  switch (random.below(6)) {
    case 0:
      return 0n;
    case 1:
      return 1n << BigInt(random.below(Number(bits)));
    case 2:
      return BigInt(random.below(6) - 3);
    case 3:
      return -1n << BigInt(random.below(Number(bits)));
    default:
      return random.bits64();
  }
}

/** What a 64-bit floating-point register holds: a double, a boxed single or half, or one whose box is broken. */
export function floating(random: Random): bigint {
  const format = random.of(formats);
  const value = number(format, random);
  const width = 1 + format.exponent + format.fraction;
  if (width === 64) return value;
  const box = random.once(16) ? random.bits64() : -1n;
  return BigInt.asUintN(64, value | (box << BigInt(width)));
}
