import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { oracleMissing } from './assemble.ts';
import { fullModel } from './cases.ts';
import { Random, seed } from './random.ts';
import { accessesAProgram, compareTranslations } from './translation.ts';

const skip = oracleMissing() ?? false;
const programs = { 64: 5, 32: 2 };

describe(`random page tables and PMP entries translate and refuse as on QEMU (SEED=${seed})`, { skip }, () => {
  for (const xlen of [64, 32] as const) {
    test(`RV${xlen}, ${programs[xlen] * accessesAProgram} accesses`, async () => {
      for (let index = 0; index < programs[xlen]; index += 1) {
        const disagreement = await compareTranslations(fullModel(xlen), new Random(seed + 1000 * index + xlen));
        if (disagreement) assert.fail(disagreement);
      }
    });
  }
});
