import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Random, seed } from '../oracle/random.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { compare } from './compare.ts';
import { stressGuest } from './stress.ts';

const runs = 3;

describe(`translated and interpreted, a guest is in the same state at random counts (SEED=${seed})`, {
  skip: hasGcc ? false : needsGcc,
}, () => {
  for (const xlen of [64, 32] as const) {
    test(`RV${xlen}: changed code, code beside data, remapped pages, faults, interrupts, breakpoints`, () => {
      for (let index = 0; index < runs; index += 1) {
        const random = new Random(seed + 1000 * index + xlen);
        const guest = stressGuest(xlen, random.below(1 << 24));
        assert.equal(compare(guest, { instructions: 1_000_000, points: 10 }, random), undefined, `run ${index}`);
      }
    });
  }
});
