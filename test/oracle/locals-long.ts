// Variables of every guest against gdb's, at as many stops as asked.
// usage: node scripts/locals.mjs [--stops 100] [--seed N] [--guest FOLDER]

import { compareEach, percentEqual } from './each-guest.ts';
import { compareLocals } from './locals.ts';

await compareEach(async (kernel, count, random, { guest, seed }) => {
  const found = await compareLocals(kernel, count, random);
  const { slide, stops, frames, variables, valued, changing, differences } = found;
  const percent = percentEqual(differences.length, variables);
  console.log(
    `${guest}${slide === 0n ? '' : ` by 0x${slide.toString(16)}`}: seed ${seed}, ${stops} stops, ${frames} frames, ${variables} variables (${valued} with a value, ${changing} another in each boot), ${percent} % equal`,
  );
  for (const { at, frame, variable, ours, gdb } of differences) {
    console.log(`  at ${at}, frame ${frame}, ${variable}: ${ours}, gdb: ${gdb}`);
  }
});
