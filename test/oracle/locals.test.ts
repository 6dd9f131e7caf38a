// A sample of what scripts/locals.mjs compares at length: variables of a boot against those of gdb attached to QEMU.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guests, kernelOf, nameOf } from './backtraces.ts';
import { gdbMissing } from './gdb.ts';
import { compareLocals } from './locals.ts';
import { Random } from './random.ts';

/** Fixed, so that what fails is a change of ours; scripts/locals.mjs takes other seeds. */
const SEED = 7;

for (const [guest, count] of [
  [guests[0], 10],
  [guests[3], 6],
] as const) {
  const kernel = kernelOf(guest);
  const skip = gdbMissing() ?? (kernel ? false : `needs the guest ${guest.folder}: set PAGEWALK_GUESTS`);

  test(`variables at stops of a boot of ${nameOf(guest)}, with their types, are those of gdb`, { skip }, async () => {
    if (!kernel) return;
    const random = new Random(SEED);
    const { slide, stops, variables, valued, differences } = await compareLocals(
      kernel,
      count,
      () => random.bits() / 2 ** 32,
    );
    assert.equal(slide !== 0n, kernel.kaslrSeed !== undefined);
    assert.ok(
      stops >= count - 2 && variables > 6 * count && valued > 3 * count,
      `${stops} stops, ${variables} variables, ${valued} with a value`,
    );
    assert.deepEqual(
      differences.map(
        ({ at, frame, variable, ours, gdb }) => `at ${at}, frame ${frame}, ${variable}: ${ours}, gdb: ${gdb}`,
      ),
      [],
    );
  });
}
