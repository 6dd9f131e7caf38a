// Half precision against the nearest of all its values, and Zfa against the host's functions that do the same.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bitsOfDouble,
  bitsOfSingle,
  boxed,
  doubleOfBits,
  execute,
  Random,
  randomDouble,
  singleOfBits,
} from './support.ts';

const seed = BigInt(process.env.SEED ?? 20261122);
const [NX, NV] = [1, 16] as const;
const [RTZ, RDN, RUP] = [1, 2, 3] as const;
const NAN = 0x7e00;

/** A half's value, from its fields (IEEE 754, binary16). */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24);
}

/** Every half that is not negative, by ascending value; above the largest its distance goes on, as rounding needs it. */
const ascending = Array.from({ length: 0x7c01 }, (_, bits) => (bits === 0x7c00 ? 65536 : halfValue(bits)));

/** The encoding nearest to a number, of two equally near ones the even. */
function nearest(value: number): number {
  if (Number.isNaN(value)) return NAN;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  let [low, high] = [0, 0x7c00];
  if (size >= 65536) return sign | high;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) <= size) low = middle;
    else high = middle;
  }
  const [below, above] = [size - (ascending[low] as number), (ascending[high] as number) - size];
  return sign | (below < above || (below === above && low % 2 === 0) ? low : high);
}

const boxedHalf = (bits: number) => 0xffff_ffff_ffff_0000n | BigInt(bits);
const allHalves = Array.from({ length: 0x10000 }, (_, bits) => bits);

describe('half precision', () => {
  const operations: Readonly<Record<string, (a: number, b: number) => number>> = {
    fadd: (a, b) => a + b,
    fsub: (a, b) => a - b,
    fmul: (a, b) => a * b,
    fdiv: (a, b) => a / b,
    fsqrt: (a) => Math.sqrt(a),
  };
  for (const [name, compute] of Object.entries(operations)) {
    // A double has more than twice a half's bits, so that rounding twice is rounding once.
    test(`${name}.h gives the nearest value (SEED=${seed})`, () => {
      const random = new Random(seed);
      for (let count = 0; count < 20_000; count += 1) {
        const [a, b] = [random.below(0x10000), random.below(0x10000)];
        const expected = boxedHalf(nearest(compute(halfValue(a), halfValue(b))));
        const { result } = execute(`${name}.h`, [boxedHalf(a), boxedHalf(b)]);
        assert.equal(result, expected, `${a.toString(16)}, ${b.toString(16)}`);
      }
    });
  }

  test('every half converts to single and double exactly, and back', () => {
    for (const bits of allHalves) {
      const value = halfValue(bits);
      const single = Number.isNaN(value) ? 0x7fc0_0000n : bitsOfSingle(value);
      const double = Number.isNaN(value) ? 0x7ff8_0000_0000_0000n : bitsOfDouble(value);
      assert.equal(execute('fcvt.s.h', [boxedHalf(bits)]).result, boxed(single));
      assert.equal(execute('fcvt.d.h', [boxedHalf(bits)]).result, double);
      const back = boxedHalf(Number.isNaN(value) ? NAN : bits);
      assert.deepEqual(execute('fcvt.h.s', [boxed(single)]), { legal: true, result: back, flags: 0 });
      assert.deepEqual(execute('fcvt.h.d', [double]), { legal: true, result: back, flags: 0 });
    }
  });

  test('a single between two halves becomes the nearer one', () => {
    const random = new Random(seed);
    for (let count = 0; count < 20_000; count += 1) {
      // Exponents around a half's.
      const bits = (random.bits64() & 0x8fff_ffffn) | 0x3000_0000n;
      const expected = boxedHalf(nearest(singleOfBits(bits)));
      assert.equal(execute('fcvt.h.s', [boxed(bits)]).result, expected, bits.toString(16));
    }
  });

  test('what is not boxed counts as NaN', () => {
    assert.equal(execute('fadd.h', [0x3c00n, boxedHalf(0x3c00)]).result, boxedHalf(NAN));
    assert.equal(execute('fadd.h', [boxed(0x3c00n), boxedHalf(0x3c00)]).result, boxedHalf(NAN));
    assert.equal(execute('fmv.x.h', [0x1234_8001n]).result, 0xffff_ffff_ffff_8001n);
  });
});

describe('additional instructions', () => {
  test('fround takes every half to the integer that its mode says, and only froundnx tells', () => {
    const modes = { [RTZ]: Math.trunc, [RDN]: Math.floor, [RUP]: Math.ceil };
    for (const bits of allHalves) {
      const value = halfValue(bits);
      if (Number.isNaN(value)) continue;
      for (const [mode, toInteger] of Object.entries(modes)) {
        const rounded = toInteger(value);
        const expected = boxedHalf(nearest(rounded));
        const outcome = execute('fround.h', [boxedHalf(bits)], Number(mode));
        assert.deepEqual(outcome, { legal: true, result: expected, flags: 0 }, bits.toString(16));
        const told = execute('froundnx.h', [boxedHalf(bits)], Number(mode));
        assert.deepEqual(told, { legal: true, result: expected, flags: rounded === value ? 0 : NX });
      }
    }
  });

  test(`fcvtmod.w.d takes an integer modulo 2^32 as ToInt32 of ECMAScript does (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let count = 0; count < 20_000; count += 1) {
      const bits =
        count % 2 ? randomDouble(random) : bitsOfDouble(Number(random.bits64() >> 20n) / 2 ** random.below(40));
      const value = doubleOfBits(bits);
      const { result, flags } = execute('fcvtmod.w.d', [bits], 0, 1);
      assert.equal(BigInt.asIntN(64, result), BigInt(value | 0), String(value));
      const fits = Math.abs(value) < 2 ** 33 && Math.trunc(value) === (value | 0);
      assert.equal(flags, !fits ? NV : Number.isInteger(value) ? 0 : NX, String(value));
    }
  });

  test(`fminm and fmaxm let a NaN win, and -0 is below +0 (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let count = 0; count < 20_000; count += 1) {
      const [a, b] = [randomDouble(random), randomDouble(random)];
      const [left, right] = [doubleOfBits(a), doubleOfBits(b)];
      for (const [name, choose] of [
        ['fminm.d', Math.min],
        ['fmaxm.d', Math.max],
      ] as const) {
        const value = choose(left, right);
        const expected = Number.isNaN(value) ? 0x7ff8_0000_0000_0000n : bitsOfDouble(value);
        assert.equal(execute(name, [a, b]).result, expected, `${left}, ${right}`);
      }
    }
  });

  test('fltq and fleq are quiet about a quiet NaN, not about a signalling one', () => {
    const [quiet, signalling, one] = [0x7ff8_0000_0000_0000n, 0x7ff0_0000_0000_0001n, bitsOfDouble(1)];
    for (const name of ['fltq.d', 'fleq.d']) {
      assert.deepEqual(execute(name, [quiet, one]), { legal: true, result: 0n, flags: 0 });
      assert.deepEqual(execute(name, [one, signalling]), { legal: true, result: 0n, flags: NV });
    }
    assert.equal(execute('fleq.d', [one, one]).result, 1n);
    assert.equal(execute('fltq.d', [one, one]).result, 0n);
  });
});
