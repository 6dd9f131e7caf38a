import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { oracleMissing } from './assemble.ts';
import { fullModel } from './cases.ts';
import { Random, seed } from './random.ts';
import { compareTraps } from './traps.ts';

const skip = oracleMissing() ?? false;

describe(`traps, their delegation and returns from them are those of QEMU (SEED=${seed})`, { skip }, () => {
  for (const xlen of [64, 32] as const) {
    test(`RV${xlen}`, async () => {
      const disagreement = await compareTraps(fullModel(xlen), new Random(seed + xlen));
      if (disagreement) assert.fail(disagreement);
    });
  }
});
