// The long comparison of debug information with binutils and gdb, and of damaged files: docs/symbols.md records it.
// usage: node scripts/symbols.mjs [--only rows,frames,lines,scopes,types,fuzz] [--fuzz 100000] [--seed N] [--guest FOLDER]
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { bundleTests } from './unit.mjs';

if (process.argv.includes('--help')) {
  console.log(
    'usage: node scripts/symbols.mjs [--only rows,frames,lines,scopes,types,fuzz] [--fuzz 100000] [--seed N] [--guest FOLDER]',
  );
  process.exit(0);
}
process.chdir(path.dirname(import.meta.dirname));
const out = path.join('dist', 'symbols-long', String(process.pid));
const [file] = await bundleTests([path.join('test', 'symbols', 'long.ts')], out);
const run = spawnSync(process.execPath, ['--enable-source-maps', file, ...process.argv.slice(2)], { stdio: 'inherit' });
rmSync(out, { recursive: true, force: true });
process.exit(run.status ?? 1);
