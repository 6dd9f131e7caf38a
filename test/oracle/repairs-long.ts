// Repairs of random faults, one seed after the other, until so many have been tried.
// usage: node scripts/repairs.mjs [--faults 100000] [--seed N]

import { fullModel } from './cases.ts';
import { Random, seed } from './random.ts';
import { newTally, tryRepairs } from './repairs.ts';

const option = (name: string, otherwise: number) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};

const wanted = option('faults', 100_000);
const tally = newTally();
let failed = 0;
for (let current = option('seed', seed); tally.faults < wanted; current += 1) {
  for (const xlen of [64, 32] as const) {
    const wrong = tryRepairs(fullModel(xlen), new Random(current), tally);
    if (!wrong) continue;
    failed += 1;
    console.log(`RV${xlen}, --seed ${current}:\n${wrong}\n`);
  }
}
console.log(`${tally.accesses} accesses, ${tally.faults} faults`);
for (const [reason, count] of [...tally.repaired].sort((a, b) => b[1] - a[1])) console.log(`  ${reason}: ${count}`);
console.log(`  without translation and nothing there: ${tally.nothingThere}`);
console.log(`  barred by locked PMP entries: ${tally.locked}`);
console.log(`${failed} programs with a disagreement`);
process.exitCode = failed ? 1 : 0;
