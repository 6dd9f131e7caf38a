// Runs a program of test/ that goes on for as long as it is asked, with the script's options.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { bundleTests } from './unit.mjs';
import { tellUsage } from './usage.mjs';

/** Ends with the program's exit code; `script` is the file URL of who calls. */
export async function runLong(script, program) {
  tellUsage(script);
  process.chdir(path.dirname(import.meta.dirname));
  const out = path.join('dist', 'long', String(process.pid));
  const [file] = await bundleTests([program], out);
  const run = spawnSync(process.execPath, ['--enable-source-maps', file, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  rmSync(out, { recursive: true, force: true });
  process.exit(run.status ?? 1);
}
