import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { oracleMissing } from './assemble.ts';
import { fullModel } from './cases.ts';
import { compareInstructions } from './instructions.ts';
import { Random, seed } from './random.ts';

const perRow = 200;

describe(`every instruction of the table does what it does on QEMU (SEED=${seed})`, {
  skip: oracleMissing() ?? false,
}, () => {
  for (const xlen of [64, 32] as const) {
    test(`RV${xlen}, ${perRow} operand sets a row`, async () => {
      const { disagreements } = await compareInstructions(fullModel(xlen), perRow, new Random(seed + xlen));
      if (disagreements.length) assert.fail(disagreements.join('\n\n'));
    });
  }
});
