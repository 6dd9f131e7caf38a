// What a thousand mapping breakpoints cost a boot; see bench/mapping-breakpoints.ts.
// usage: node scripts/bench-mappings.mjs [--rounds N] [--points N]
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';

const outfile = '.cache/bench/mapping-breakpoints.mjs';
await build({
  entryPoints: ['bench/mapping-breakpoints.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  logLevel: 'warning',
});
process.exitCode = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1;
