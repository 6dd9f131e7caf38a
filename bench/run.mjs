// Bundles a benchmark in TypeScript, with what it uses of all rooms, and runs it in a process of its own.
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';

export async function runBench(name, args) {
  const outfile = `.cache/bench/${name}.mjs`;
  const banner = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";
  const common = { bundle: true, platform: 'node', format: 'esm', target: 'node20', banner: { js: banner } };
  await build({ ...common, entryPoints: [`bench/${name}.ts`], outfile, logLevel: 'warning' });
  await build({
    ...common,
    format: 'cjs',
    banner: {},
    entryPoints: ['debug-adapter/compiler-thread/main.ts'],
    outfile: '.cache/bench/compiler-thread.cjs',
  });
  process.exitCode = spawnSync(process.execPath, [outfile, ...args], { stdio: 'inherit' }).status ?? 1;
}
