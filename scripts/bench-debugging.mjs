// What debugging costs a boot; see bench/debugging.ts.
// usage: node scripts/bench-debugging.mjs [mappings|breakpoints|stops] [--rounds N] [--points N]
import { runBench } from '../bench/run.mjs';

await runBench('debugging', process.argv.slice(2));
