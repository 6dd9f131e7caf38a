import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assemblerMissing } from './assemble.ts';
import { fullModel } from './cases.ts';
import { Random, seed } from './random.ts';
import { newTally, tryRepairs } from './repairs.ts';

const skip = assemblerMissing() ?? false;

describe(`a fault's reason is the first rule that fails, and its repair lets the access pass (SEED=${seed})`, {
  skip,
}, () => {
  for (const xlen of [64, 32] as const) {
    test(`RV${xlen}`, () => {
      const tally = newTally();
      const wrong = tryRepairs(fullModel(xlen), new Random(seed + xlen), tally);
      assert.equal(wrong, undefined);
      assert.ok(tally.faults > 3000, `${tally.faults} faults`);
      assert.ok(tally.repaired.size >= 14, `${[...tally.repaired.keys()]}`);
      assert.ok(tally.locked < tally.faults / 20, `${tally.locked} of ${tally.faults} barred by locked PMP entries`);
    });
  }
});
