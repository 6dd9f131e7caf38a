import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bitsOfDouble, bitsOfSingle, boxed, dynamic, execute, fpRows } from './support.ts';

const s = (value: number): bigint => boxed(bitsOfSingle(value));
const d = bitsOfDouble;
const [NX, UF, OF, DZ, NV] = [1, 2, 4, 8, 16] as const;
const [RNE, RTZ, RDN, RUP, RMM] = [0, 1, 2, 3, 4] as const;

const nan = { s: boxed(0x7fc0_0000n), d: 0x7ff8_0000_0000_0000n };
const quiet = { s: boxed(0xffc1_2345n), d: 0xfff8_0000_0000_1234n };
const signalling = { s: boxed(0x7f80_0001n), d: 0x7ff0_0000_0000_0001n };
const tiny = 1n;
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);

/** Executes and compares result and flags. */
function gives(
  mnemonic: string,
  operands: readonly bigint[],
  result: bigint,
  flags: number,
  mode = RNE as number,
): void {
  const outcome = execute(mnemonic, operands, mode);
  const text = `${mnemonic} ${operands.map((value) => value.toString(16)).join(', ')}, mode ${mode}`;
  assert.deepEqual(
    { ...outcome, result: outcome.result.toString(16) },
    { legal: true, result: u64(result).toString(16), flags },
    text,
  );
}

describe('rounding modes', () => {
  test('RMM takes ties away from zero', () => {
    for (const [value, expected] of [
      [0.5, 1n],
      [-0.5, -1n],
      [1.5, 2n],
      [2.5, 3n],
      [-2.5, -3n],
      [2.4999, 2n],
    ] as const) {
      gives('fcvt.w.d', [d(value)], expected, NX, RMM);
    }
    gives('fadd.d', [d(1), d(2 ** -53)], d(1 + 2 ** -52), NX, RMM);
    gives('fadd.d', [d(1), d(2 ** -53)], d(1), NX, RNE);
  });

  test('overflow gives infinity or the largest number by the mode', () => {
    const [largest, infinity] = [d(Number.MAX_VALUE), d(Number.POSITIVE_INFINITY)];
    const [lowest, minusInfinity] = [d(-Number.MAX_VALUE), d(Number.NEGATIVE_INFINITY)];
    const both = [largest, infinity] as const;
    for (const [mode, up, down] of [
      [RNE, both[1], minusInfinity],
      [RTZ, both[0], lowest],
      [RDN, both[0], minusInfinity],
      [RUP, both[1], lowest],
      [RMM, both[1], minusInfinity],
    ] as const) {
      gives('fmul.d', [largest, d(2)], up, OF | NX, mode);
      gives('fmul.d', [lowest, d(2)], down, OF | NX, mode);
    }
  });

  test('5 and 6 are reserved in the instruction and in frm, and 7 in frm', () => {
    for (const row of fpRows) {
      const rounds = ['fp-R', 'fp-unary', 'fp-R4', 'fp-to-int', 'fp-from-int'].includes(row.format);
      for (const reserved of [5, 6]) {
        assert.equal(execute(row.mnemonic, [d(1), d(1), d(1)], RNE, reserved).legal, !rounds, row.mnemonic);
      }
      for (const reserved of [5, 6, 7]) {
        assert.equal(execute(row.mnemonic, [d(1), d(1), d(1)], reserved, dynamic).legal, !rounds, row.mnemonic);
      }
    }
    assert.deepEqual(execute('fdiv.d', [d(1), d(0)], RNE, 5), { legal: false, result: 0n, flags: 0 });
    assert.equal(execute('fdiv.d', [d(1), d(3)], 7, RUP).legal, true, 'a static mode does not look at frm');
  });
});

describe('exceptions', () => {
  test('division by zero, invalid operations', () => {
    gives('fdiv.s', [s(1), s(-0)], s(Number.NEGATIVE_INFINITY), DZ);
    gives('fdiv.s', [s(0), s(0)], nan.s, NV);
    gives('fsqrt.d', [d(-1)], nan.d, NV);
    gives('fsqrt.d', [d(-0)], d(-0), 0);
    gives('fsub.d', [d(Number.POSITIVE_INFINITY), d(Number.POSITIVE_INFINITY)], nan.d, NV);
  });

  test('tininess is detected after rounding', () => {
    const minNormal = 2 ** -1022;
    const [above, below] = [d(minNormal * (1 + 2 ** -52)), d(1 - 2 ** -52)];
    // The product is just below the smallest normal number: with an unbounded exponent it rounds up to that number.
    for (const mode of [RNE, RUP, RMM]) gives('fmul.d', [above, below], d(minNormal), NX, mode);
    gives('fmul.d', [above, below], d(minNormal) - 1n, UF | NX, RTZ);
    // This one is a number of 53 bits below it, and comes up to it only for want of subnormal bits.
    gives('fmul.d', [d(minNormal), d(1 - 2 ** -53)], d(minNormal), UF | NX, RNE);
    gives('fmul.d', [tiny, d(0.5)], 0n, UF | NX);
    gives('fmul.d', [d(minNormal), d(0.5)], d(minNormal / 2), 0);
  });

  test('infinity times zero plus a quiet NaN is invalid', () => {
    gives('fmadd.d', [d(Number.POSITIVE_INFINITY), d(0), quiet.d], nan.d, NV);
    gives('fmadd.d', [d(1), d(1), quiet.d], nan.d, 0);
    gives('fmadd.d', [d(1), d(1), signalling.d], nan.d, NV);
  });

  test('fused operations round once', () => {
    const a = d(1 + 2 ** -30);
    gives('fmsub.d', [a, a, d(1 + 2 ** -29)], d(2 ** -60), 0);
    gives('fnmadd.d', [a, a, d(-(1 + 2 ** -29))], d(-(2 ** -60)), 0);
    gives('fnmsub.s', [s(2), s(3), s(7)], s(1), 0);
    gives('fnmadd.s', [s(2), s(3), s(7)], s(-13), 0);
  });

  test('an exact zero sum is -0 only when rounding down', () => {
    for (const mode of [RNE, RTZ, RUP, RMM]) gives('fsub.d', [d(1), d(1)], d(0), 0, mode);
    gives('fsub.d', [d(1), d(1)], d(-0), 0, RDN);
    gives('fadd.d', [d(-0), d(-0)], d(-0), 0);
    gives('fmul.d', [d(-0), d(1)], d(-0), 0, RUP);
  });
});

describe('NaNs', () => {
  test('of every kind become the canonical one', () => {
    gives('fadd.s', [quiet.s, s(1)], nan.s, 0);
    gives('fadd.d', [signalling.d, d(1)], nan.d, NV);
    gives('fcvt.s.d', [quiet.d], nan.s, 0);
    gives('fcvt.d.s', [signalling.s], nan.d, NV);
  });

  test('a single that is not boxed counts as the canonical NaN', () => {
    const unboxed = bitsOfSingle(1);
    gives('fadd.s', [unboxed, s(1)], nan.s, 0);
    gives('fclass.s', [unboxed], 1n << 9n, 0);
    gives('fsgnjn.s', [unboxed, s(1)], boxed(0xffc0_0000n), 0);
    gives('fmin.s', [unboxed, s(1)], s(1), 0);
    gives('fcvt.w.s', [unboxed], 0x7fff_ffffn, NV);
    gives('fmv.x.w', [unboxed], unboxed, 0);
  });

  test('fmin and fmax give the number, and order the zeros', () => {
    gives('fmin.d', [quiet.d, d(1)], d(1), 0);
    gives('fmax.d', [d(1), signalling.d], d(1), NV);
    gives('fmin.s', [quiet.s, quiet.s], nan.s, 0);
    gives('fmin.s', [s(0), s(-0)], s(-0), 0);
    gives('fmax.s', [s(-0), s(0)], s(0), 0);
  });

  test('feq is quiet, flt and fle signal', () => {
    gives('feq.d', [quiet.d, d(1)], 0n, 0);
    gives('feq.d', [signalling.d, d(1)], 0n, NV);
    gives('flt.d', [quiet.d, d(1)], 0n, NV);
    gives('fle.s', [s(1), quiet.s], 0n, NV);
    gives('fle.s', [s(-0), s(0)], 1n, 0);
    gives('flt.s', [s(-0), s(0)], 0n, 0);
  });
});

test('fclass names the ten classes', () => {
  const [minNormal, infinity] = [2 ** -1022, Number.POSITIVE_INFINITY];
  const inOrder = [-infinity, -1, -minNormal / 2, -0, 0, minNormal / 2, minNormal, infinity].map(d);
  for (const [bit, bits] of [...inOrder, signalling.d, quiet.d].entries()) {
    gives('fclass.d', [bits], 1n << BigInt(bit), 0);
  }
});

describe('conversions to integers', () => {
  test('give the nearest bound when out of range, the upper one for NaN', () => {
    const infinity = Number.POSITIVE_INFINITY;
    for (const [name, lowest, highest] of [
      ['w', -(1n << 31n), (1n << 31n) - 1n],
      ['wu', 0n, -1n],
      ['l', -(1n << 63n), (1n << 63n) - 1n],
      ['lu', 0n, (1n << 64n) - 1n],
    ] as const) {
      for (const [low, high] of [
        [-infinity, infinity],
        [-1e30, 1e30],
      ] as const) {
        gives(`fcvt.${name}.d`, [d(low)], lowest, NV);
        gives(`fcvt.${name}.s`, [s(high)], highest, NV);
      }
      gives(`fcvt.${name}.d`, [quiet.d], highest, NV);
    }
  });

  test('of 32 bits are sign-extended, the unsigned ones too', () => {
    gives('fcvt.wu.d', [d(2 ** 31)], -(1n << 31n), 0);
    gives('fcvt.w.d', [d(-(2 ** 31))], -(1n << 31n), 0);
    gives('fcvt.w.d', [d(2 ** 31)], (1n << 31n) - 1n, NV);
  });

  test('judge the range after rounding', () => {
    gives('fcvt.wu.d', [d(-0.9)], 0n, NX, RTZ);
    gives('fcvt.wu.d', [d(-0.5)], 0n, NX, RNE);
    gives('fcvt.wu.d', [d(-0.9)], 0n, NV, RDN);
    gives('fcvt.w.d', [d(2 ** 31 - 0.5)], (1n << 31n) - 1n, NX, RTZ);
    gives('fcvt.w.d', [d(2 ** 31 - 0.5)], (1n << 31n) - 1n, NV, RUP);
  });
});

test('conversions from integers round', () => {
  gives('fcvt.s.l', [(1n << 24n) + 1n], s(2 ** 24), NX);
  gives('fcvt.s.l', [(1n << 24n) + 1n], s(2 ** 24 + 2), NX, RUP);
  gives('fcvt.d.lu', [u64(-1n)], d(2 ** 64), NX);
  gives('fcvt.d.wu', [u64(-1n)], d(2 ** 32 - 1), 0);
  gives('fcvt.d.w', [u64(-1n)], d(-1), 0);
  gives('fcvt.d.w', [0n], d(0), 0, RDN);
});
