// What debugging costs; see bench/debugging.ts and bench/session.mjs.
// usage: node scripts/bench-debugging.mjs [KIND …] [--rounds N] [--points N]
//        node scripts/bench-debugging.mjs session [--rounds N] [--only NAME]
import { runBench } from '../bench/run.mjs';
import { benchSessions } from '../bench/session.mjs';
import { buildAll } from './build.mjs';
import { tellUsage } from './usage.mjs';

tellUsage(import.meta.url);
const [kind, ...rest] = process.argv.slice(2);
if (kind === 'session') {
  await buildAll();
  await benchSessions(rest);
} else {
  await runBench('debugging', process.argv.slice(2));
}
