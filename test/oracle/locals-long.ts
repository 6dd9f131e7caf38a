// Variables of every guest against gdb's, at as many stops as asked.
// usage: node scripts/locals.mjs [--stops 100] [--seed N] [--guest FOLDER]

import { guests, kernelOf, nameOf } from './backtraces.ts';
import { compareLocals } from './locals.ts';
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
  const { slide, stops, frames, variables, valued, changing, differences } = await compareLocals(
    kernel,
    count,
    () => random.bits() / 2 ** 32,
  );
  const percent = (100 * (1 - differences.length / Math.max(1, variables))).toFixed(2);
  console.log(
    `${nameOf(guest)}${slide === 0n ? '' : ` by 0x${slide.toString(16)}`}: seed ${first}, ${stops} stops, ${frames} frames, ${variables} variables (${valued} with a value, ${changing} another in each boot), ${percent} % equal`,
  );
  for (const { at, frame, variable, ours, gdb } of differences) {
    console.log(`  at ${at}, frame ${frame}, ${variable}: ${ours}, gdb: ${gdb}`);
  }
}
process.exit(0);
