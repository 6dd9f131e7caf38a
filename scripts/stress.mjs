// Translated against interpreted code on guests that make it hard, for as long as asked (test/emulator/stress.ts).
// usage: node scripts/stress.mjs [--minutes 5] [--seed N]
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { bundleTests } from './unit.mjs';

if (process.argv.includes('--help')) {
  console.log('usage: node scripts/stress.mjs [--minutes 5] [--seed N]');
  process.exit(0);
}
process.chdir(path.dirname(import.meta.dirname));
const out = path.join('dist', 'stress', String(process.pid));
const [file] = await bundleTests([path.join('test', 'emulator', 'long.ts')], out);
const run = spawnSync(process.execPath, ['--enable-source-maps', file, ...process.argv.slice(2)], { stdio: 'inherit' });
rmSync(out, { recursive: true, force: true });
process.exit(run.status ?? 1);
