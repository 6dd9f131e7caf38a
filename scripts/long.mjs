// Runs a program of test/ that goes on for as long as it is asked, with the script's options.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleTests } from './unit.mjs';
import { tellUsage, usageOf } from './usage.mjs';

/** Ends with the program's exit code; `script` is the file URL of who calls. */
export async function runLong(script, program) {
  tellUsage(script);
  // [--name VALUE]: a number where the value is one, or N.
  const told = [...usageOf(script).matchAll(/--([a-z]+) ([^\]\s]+)/g)];
  const isNumber = Object.fromEntries(told.map(([, name, value]) => [name, /^(\d+|N)$/.test(value)]));
  try {
    const options = Object.fromEntries(Object.keys(isNumber).map((name) => [name, { type: 'string' }]));
    for (const [name, value] of Object.entries(parseArgs({ options }).values)) {
      if (isNumber[name] && !(Number(value) >= 0)) throw new Error(`--${name} ${value}: it must be a number`);
    }
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
  process.chdir(path.dirname(import.meta.dirname));
  const out = path.join('dist', 'long', String(process.pid));
  const [file] = await bundleTests([program], out);
  const run = spawnSync(process.execPath, ['--enable-source-maps', file, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  rmSync(out, { recursive: true, force: true });
  process.exit(run.status ?? 1);
}
