import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Random, seed } from '../oracle/random.ts';
import { compare } from './compare.ts';
import { fuzzGuest } from './fuzz/guest.ts';

const runs = 3;

describe(`translated and interpreted, random programs are in the same state at random counts (SEED=${seed})`, () => {
  for (const [name, harts] of [
    ['one hart', [1]],
    ['harts that share memory', [2, 3, 4]],
  ] as const) {
    for (const xlen of [64, 32] as const) {
      test(`RV${xlen}, ${name}`, () => {
        for (let index = 0; index < runs; index += 1) {
          const random = new Random(seed + 1000 * index + xlen);
          const guest = fuzzGuest(xlen, random.of<number>(harts), random.bits());
          assert.equal(compare(guest, { instructions: 80_000, points: 5 }, random), undefined, `run ${index}`);
        }
      });
    }
  }
});
