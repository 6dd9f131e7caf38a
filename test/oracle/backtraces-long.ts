// Stacks of every guest against gdb's, at as many stops as asked.
// usage: node scripts/backtraces.mjs [--stops 100] [--seed N] [--guest FOLDER]

import { compareBacktraces, guests, kernelOf, nameOf } from './backtraces.ts';
import { Random, seed } from './random.ts';

const option = (name: string) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};

const first = Number(option('seed') ?? seed);
const count = Number(option('stops') ?? 100);
const only = option('guest');

for (const guest of guests) {
  if (only && guest.folder !== only) continue;
  const kernel = kernelOf(guest);
  if (!kernel) {
    console.log(`${guest.folder}: not here`);
    continue;
  }
  const random = new Random(first);
  const { stops, frames, differences, labels, missed } = await compareBacktraces(
    kernel,
    count,
    () => random.bits() / 2 ** 32,
  );
  const percent = (100 * (1 - differences.length / Math.max(1, frames))).toFixed(2);
  console.log(
    `${nameOf(guest)}: seed ${first}, ${stops} stops, ${frames} frames, ${percent} % equal, ${labels} labels apart, ${missed} not met on QEMU`,
  );
  for (const { stop, level, ours, gdb, text } of differences) {
    console.log(
      `  at 0x${stop.address.toString(16)}, arrival ${stop.hit}, frame ${level}: ${ours}, gdb: ${gdb}\n    ${text.replace('\n', '\n    ')}`,
    );
  }
}
process.exit(0);
