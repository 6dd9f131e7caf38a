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
  randomSingle,
  singleOfBits,
} from './support.ts';

const operations: Readonly<Record<string, (a: number, b: number) => number>> = {
  fadd: (a, b) => a + b,
  fsub: (a, b) => a - b,
  fmul: (a, b) => a * b,
  fdiv: (a, b) => a / b,
  fsqrt: (a) => Math.sqrt(a),
};

const pairs = 100_000;
const seed = BigInt(process.env.SEED ?? 20261122);

describe("rounding to nearest gives what the host's arithmetic gives", () => {
  for (const [name, compute] of Object.entries(operations)) {
    test(`${name}.d on ${pairs} pairs (SEED=${seed})`, () => {
      const random = new Random(seed);
      for (let count = 0; count < pairs; count += 1) {
        const [a, b] = [randomDouble(random), randomDouble(random)];
        const expected = compute(doubleOfBits(a), doubleOfBits(b));
        const bits = Number.isNaN(expected) ? 0x7ff8_0000_0000_0000n : bitsOfDouble(expected);
        const { result } = execute(`${name}.d`, [a, b]);
        if (result !== bits)
          assert.equal(result.toString(16), bits.toString(16), `${a.toString(16)}, ${b.toString(16)}`);
      }
    });

    // A double has more than twice a single's bits, so that rounding twice is rounding once.
    test(`${name}.s on ${pairs} pairs (SEED=${seed})`, () => {
      const random = new Random(seed);
      for (let count = 0; count < pairs; count += 1) {
        const [a, b] = [randomSingle(random), randomSingle(random)];
        const expected = compute(singleOfBits(a), singleOfBits(b));
        const bits = Number.isNaN(expected) ? 0x7fc0_0000n : bitsOfSingle(expected);
        const { result } = execute(`${name}.s`, [boxed(a), boxed(b)]);
        if (result !== boxed(bits))
          assert.equal(result.toString(16), boxed(bits).toString(16), `${a.toString(16)}, ${b.toString(16)}`);
      }
    });
  }

  test(`conversions between the formats on ${pairs} values (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let count = 0; count < pairs; count += 1) {
      const wide = randomDouble(random);
      const narrow = doubleOfBits(wide);
      const bits = Number.isNaN(narrow) ? 0x7fc0_0000n : bitsOfSingle(narrow);
      assert.equal(execute('fcvt.s.d', [wide]).result, boxed(bits));
      const single = singleOfBits(bits);
      const back = Number.isNaN(single) ? 0x7ff8_0000_0000_0000n : bitsOfDouble(single);
      assert.equal(execute('fcvt.d.s', [boxed(bits)]).result, back);
    }
  });
});
