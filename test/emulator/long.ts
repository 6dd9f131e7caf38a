// The comparison of translated with interpreted code for as long as asked, and longer ways between two looks than in the
// tests.

import { parseArgs } from 'node:util';
import { Random } from '../oracle/random.ts';
import { benchPrograms, samples, testPrograms } from '../support/programs.ts';
import { hasGcc } from '../support/riscv-gcc.ts';
import { type Comparison, compare, type Guest } from './compare.ts';
import { fuzzGuest } from './fuzz/guest.ts';
import { locate } from './locate.ts';
import { programGuest } from './program-guest.ts';
import { stressGuest } from './stress.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' } } });
const end = Date.now() + Number(values.minutes) * 60_000;
const first = values.seed === undefined ? Date.now() >>> 0 : Number(values.seed);

const programs = hasGcc ? [...samples(), ...testPrograms(), ...(await benchPrograms())] : samples();

/** What is compared, and the random numbers that it is compared with. */
function made(seed: number): { guest: Guest; comparison: Comparison; random: Random } {
  const random = new Random(seed);
  const points = 20;
  const xlen = random.once(3) ? 32 : 64;
  const kind = random.of(['program', 'stress', 'fuzz', 'fuzz'] as const);
  if (kind === 'program') {
    const most = random.of([200_000, 2_000_000, 20_000_000]);
    const { guest, instructions } = programGuest(random.of(programs), most, random);
    return { guest, comparison: { instructions, points }, random };
  }
  const isWritten = hasGcc && kind === 'stress';
  const guest = isWritten
    ? stressGuest(xlen, random.below(1 << 24))
    : fuzzGuest(xlen, random.of([1, 1, 1, 2, 3, 4]), random.bits());
  const instructions = random.of(isWritten ? [300_000, 2_000_000, 20_000_000] : [100_000, 400_000, 2_000_000]);
  return { guest, comparison: { instructions, points }, random };
}

let runs = 0;
for (let seed = first; Date.now() < end && process.exitCode === undefined; seed += 1) {
  const { guest, comparison, random } = made(seed);
  const found = compare(guest, comparison, random);
  runs += 1;
  if (found) {
    console.log(`--seed ${seed}: ${found}`);
    console.log(locate(guest, comparison, () => made(seed).random));
    process.exitCode = 1;
  }
}
console.log(`${runs} guests from seed ${first} on`);
