// Whatever program the repository has, on two machines, one of which only interprets.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compare } from '../emulator/compare.ts';
import { programGuest } from '../emulator/program-guest.ts';
import { Random, seed } from '../oracle/random.ts';
import { benchPrograms, samples, testPrograms } from '../support/programs.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';

/** Instructions of a program that are compared. */
const MOST = 500_000;

const groups = {
  samples: { programs: samples(), skip: false },
  'programs of the tests': { programs: testPrograms(), skip: hasGcc ? false : needsGcc },
  'programs of the benchmark': { programs: await benchPrograms(), skip: hasGcc ? false : needsGcc },
};

for (const [name, { programs, skip }] of Object.entries(groups)) {
  describe(`${name}, translated and interpreted: same states at random counts, same stops (SEED=${seed})`, {
    skip,
  }, () => {
    for (const [index, program] of programs.entries()) {
      test(program.name, () => {
        const random = new Random(seed + index);
        const { guest, instructions } = programGuest(program, MOST, random);
        assert.equal(compare(guest, { instructions, points: 2 }, random), undefined);
      });
    }
  });
}
