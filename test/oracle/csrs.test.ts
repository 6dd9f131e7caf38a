import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { oracleMissing } from './assemble.ts';
import { fullModel } from './cases.ts';
import { compareWrites, existing } from './csrs.ts';
import { Random, seed } from './random.ts';

const skip = oracleMissing() ?? false;

/** Numbers whose existence is settled: PMP above 16 entries, upper halves that RV64 has not, context registers. */
function isSettled(number: number): boolean {
  const pmp = (number >= 0x3a4 && number < 0x3b0) || (number >= 0x3c0 && number < 0x3f0);
  return pmp || (number >= 0x31c && number < 0x320) || number === 0x7a8;
}

describe(`CSRs are those of QEMU (SEED=${seed})`, { skip }, () => {
  for (const xlen of [64, 32] as const) {
    const model = fullModel(xlen);

    test(`RV${xlen}: of all 4096 numbers the same exist`, async () => {
      const [ours, theirs] = await existing(model);
      const different = ours.flatMap((cause, number) =>
        cause !== theirs[number] && !isSettled(number)
          ? [`0x${number.toString(16)}: ${cause}, QEMU ${theirs[number]}`]
          : [],
      );
      assert.deepEqual(different, []);
    });

    test(`RV${xlen}: random values leave the same in each register`, async () => {
      const disagreement = await compareWrites(model, new Random(seed + xlen));
      if (disagreement) assert.fail(disagreement);
    });
  }
});
