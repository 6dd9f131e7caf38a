// Random faults, their reasons and their repairs, as many as asked: test/oracle/repairs.ts.
// usage: node scripts/repairs.mjs [--faults 100000] [--seed N]
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { bundleTests } from './unit.mjs';

if (process.argv.includes('--help')) {
  console.log('usage: node scripts/repairs.mjs [--faults 100000] [--seed N]');
  process.exit(0);
}
process.chdir(path.dirname(import.meta.dirname));
const out = path.join('dist', 'repairs', String(process.pid));
const [file] = await bundleTests([path.join('test', 'oracle', 'repairs-long.ts')], out);
const run = spawnSync(process.execPath, ['--enable-source-maps', file, ...process.argv.slice(2)], { stdio: 'inherit' });
rmSync(out, { recursive: true, force: true });
process.exit(run.status ?? 1);
