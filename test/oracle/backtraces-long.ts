// Stacks of every guest against gdb's, at as many stops as asked.
// usage: node scripts/backtraces.mjs [--stops 100] [--seed N] [--guest FOLDER]

import { compareBacktraces } from './backtraces.ts';
import { compareEach, percentEqual } from './each-guest.ts';

await compareEach(async (kernel, count, random, { guest, seed }) => {
  const { stops, frames, differences, labels, missed } = await compareBacktraces(kernel, count, random);
  const percent = percentEqual(differences.length, frames);
  console.log(
    `${guest}: seed ${seed}, ${stops} stops, ${frames} frames, ${percent} % equal, ${labels} labels apart, ${missed} not met on QEMU`,
  );
  for (const { stop, level, ours, gdb, text } of differences) {
    console.log(
      `  at 0x${stop.address.toString(16)}, arrival ${stop.hit}, frame ${level}: ${ours}, gdb: ${gdb}\n    ${text.replace('\n', '\n    ')}`,
    );
  }
});
