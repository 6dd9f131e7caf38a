// Our variables against those of gdb attached to QEMU, at random stops of the guests' boots.
// usage: node scripts/locals.mjs [--stops 100] [--seed N] [--guest FOLDER]
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { bundleTests } from './unit.mjs';

if (process.argv.includes('--help')) {
  console.log('usage: node scripts/locals.mjs [--stops 100] [--seed N] [--guest FOLDER]');
  process.exit(0);
}
process.chdir(path.dirname(import.meta.dirname));
const out = path.join('dist', 'oracle', String(process.pid));
const [file] = await bundleTests([path.join('test', 'oracle', 'locals-long.ts')], out);
const run = spawnSync(process.execPath, ['--enable-source-maps', file, ...process.argv.slice(2)], { stdio: 'inherit' });
rmSync(out, { recursive: true, force: true });
process.exit(run.status ?? 1);
