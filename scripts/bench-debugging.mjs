// What debugging costs a boot; see bench/debugging.ts.
// usage: node scripts/bench-debugging.mjs [mappings|breakpoints|stops] [--rounds N] [--points N]
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';

const outfile = '.cache/bench/debugging.mjs';
await build({
  entryPoints: ['bench/debugging.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  logLevel: 'warning',
});
process.exitCode = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1;
