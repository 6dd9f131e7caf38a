// Random faults, their reasons and their repairs, as many as asked: test/oracle/repairs.ts.
// usage: node scripts/repairs.mjs [--faults 100000] [--seed N]
import { runLong } from './long.mjs';

await runLong(import.meta.url, 'test/oracle/repairs-long.ts');
