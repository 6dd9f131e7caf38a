import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { oracleMissing } from './assemble.ts';
import { fullModel } from './cases.ts';
import { counted } from './machines.ts';
import { comparePrograms } from './programs.ts';
import { Random, seed } from './random.ts';

const skip = oracleMissing() ?? false;

describe(`loops of random instructions leave the registers and the memory that they leave on QEMU (SEED=${seed})`, {
  skip,
}, () => {
  for (const xlen of [64, 32] as const) {
    test(`RV${xlen}, a million instructions`, async () => {
      const before = { ...counted };
      const disagreement = await comparePrograms(fullModel(xlen), new Random(seed ^ xlen));
      if (disagreement) assert.fail(disagreement);
      assert.ok(counted.instructions - before.instructions > 1_000_000, 'loops ended early');
      assert.ok(counted.translated - before.translated > 100_000, 'hardly anything ran in translated code');
    });
  }
});
