// Every comparison with QEMU in turn, with one seed after the other, for as long as asked.
// usage: node scripts/oracle.mjs [--minutes 5] [--seed N]

import { parseArgs } from 'node:util';
import { oracleMissing } from './assemble.ts';
import { fullModel } from './cases.ts';
import { compareInstructions } from './instructions.ts';
import { counted, type Model } from './machines.ts';
import { comparePrograms } from './programs.ts';
import { Random, seed } from './random.ts';
import { accessesAProgram, compareTranslations } from './translation.ts';
import { compareTraps } from './traps.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' } } });

const totals = { cases: 0, accesses: 0, disagreements: 0 };

const comparisons: Readonly<Record<string, (model: Model, random: Random) => Promise<readonly string[]>>> = {
  async instructions(model, random) {
    const tally = await compareInstructions(model, 50, random);
    totals.cases += tally.cases;
    return tally.disagreements;
  },
  async programs(model, random) {
    const text = await comparePrograms(model, random);
    return text ? [text] : [];
  },
  async translations(model, random) {
    totals.accesses += accessesAProgram;
    const text = await compareTranslations(model, random);
    return text ? [text] : [];
  },
  async traps(model, random) {
    const text = await compareTraps(model, random);
    return text ? [text] : [];
  },
};

const missing = oracleMissing();
if (missing) throw new Error(missing);
const minutes = Number(values.minutes);
if (!Number.isFinite(minutes)) throw new Error('--minutes: a number must follow');
const end = Date.now() + minutes * 60_000;
for (let current = Number(values.seed ?? seed); Date.now() < end; current += 1) {
  for (const xlen of [64, 32] as const) {
    for (const [name, compare] of Object.entries(comparisons)) {
      for (const text of await compare(fullModel(xlen), new Random(current))) {
        totals.disagreements += 1;
        console.log(`RV${xlen} ${name}, --seed ${current}:\n${text}\n`);
      }
    }
  }
  const millions = (counted.instructions / 1e6).toFixed(1);
  console.log(`seed ${current}: so far ${millions} M instructions, ${totals.cases} cases, ${totals.accesses} accesses`);
}
console.log(`${totals.disagreements} disagreements`);
process.exitCode = totals.disagreements ? 1 : 0;
