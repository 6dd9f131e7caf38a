// A sample of what scripts/locals.mjs compares at length: variables of a boot against those of gdb attached to QEMU.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guests, kernelOf } from './backtraces.ts';
import { gdbMissing } from './gdb.ts';
import { compareLocals } from './locals.ts';
import { Random } from './random.ts';

const kernel = kernelOf(guests[0]);
const skip = gdbMissing() ?? (kernel ? false : 'needs the guest linux-5.10-rv64: set PAGEWALK_GUESTS');
/** Settled: each seed of a long run may meet one of the differences that docs/oracle.md lists. */
const SEED = 7;

test('variables at stops of a boot, with their types, are those of gdb attached to QEMU', { skip }, async () => {
  if (!kernel) return;
  const random = new Random(SEED);
  const { stops, variables, valued, differences } = await compareLocals(kernel, 10, () => random.bits() / 2 ** 32);
  assert.ok(
    stops >= 8 && variables > 60 && valued > 30,
    `${stops} stops, ${variables} variables, ${valued} with a value`,
  );
  assert.deepEqual(
    differences.map(
      ({ at, frame, variable, ours, gdb }) => `at ${at}, frame ${frame}, ${variable}: ${ours}, gdb: ${gdb}`,
    ),
    [],
  );
});
