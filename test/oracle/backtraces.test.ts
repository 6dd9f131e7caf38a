// A sample of what scripts/backtraces.mjs compares at length: stacks of a boot against those of gdb attached to QEMU.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareBacktraces, guests, kernelOf } from './backtraces.ts';
import { gdbMissing } from './gdb.ts';
import { Random, seed } from './random.ts';

const kernel = kernelOf(guests[0]);
const skip = gdbMissing() ?? (kernel ? false : 'needs the guest linux-5.10-rv64: set PAGEWALK_GUESTS');

test('stacks at stops of a boot are those of gdb attached to QEMU, inlined functions included', { skip }, async () => {
  if (!kernel) return;
  const random = new Random(seed);
  const { stops, frames, differences } = await compareBacktraces(kernel, 12, () => random.bits() / 2 ** 32);
  assert.ok(stops >= 10 && frames > 3 * stops, `${stops} stops, ${frames} frames`);
  assert.deepEqual(
    differences.map(({ stop, text }) => `0x${stop.address.toString(16)}, arrival ${stop.hit}:\n${text}`),
    [],
    `seed ${seed}`,
  );
});
