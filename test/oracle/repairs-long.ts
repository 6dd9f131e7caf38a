// Repairs of random faults, one seed after the other, until so many have been tried.
// usage: node scripts/repairs.mjs [--faults 100000] [--seed N]

import { parseArgs } from 'node:util';
import { fullModel } from './cases.ts';
import { Random, seed } from './random.ts';
import { newTally, tryRepairs } from './repairs.ts';

const { values } = parseArgs({ options: { faults: { type: 'string', default: '100000' }, seed: { type: 'string' } } });

const wanted = Number(values.faults);
const tally = newTally();
let failed = 0;
for (let current = Number(values.seed ?? seed); tally.faults < wanted; current += 1) {
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
