// Bundles the tests under the given folders (default: all of test/ that runs in plain Node) and runs them by node:test. The last
// line counts: `N passed, N failed, N skipped`.
// usage: node scripts/unit.mjs [test/symbols …] [-- node options]
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { tellUsage } from './usage.mjs';

export function testFiles(folders) {
  const found = [];
  const visit = (file) => {
    if (statSync(file).isDirectory()) for (const name of readdirSync(file).sort()) visit(path.join(file, name));
    else if (file.endsWith('.test.ts')) found.push(file);
  };
  for (const folder of folders) visit(folder);
  return found;
}

export async function bundleTests(files, outdir) {
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints: files,
    outbase: 'test',
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
  return files.map((file) => path.join(outdir, `${path.relative('test', file).slice(0, -3)}.mjs`));
}

if (import.meta.url === `file://${process.argv[1]}`) {
  tellUsage(import.meta.url);
  const split = process.argv.indexOf('--');
  const folders = process.argv.slice(2, split < 0 ? undefined : split);
  const options = split < 0 ? [] : process.argv.slice(split + 1);
  const missing = folders.find((folder) => !existsSync(folder));
  if (missing !== undefined) {
    console.error(`${missing}: there is no such file or folder`);
    process.exit(2);
  }
  const out = path.join('dist', 'unit', String(process.pid));
  const bundled = await bundleTests(testFiles(folders.length ? folders : ['test']), out);
  const reporter = path.join(import.meta.dirname, 'reporter.mjs');
  const flags = ['--enable-source-maps', '--test', `--test-reporter=file://${reporter}`, ...options];
  const run = spawnSync(process.execPath, [...flags, ...bundled], { stdio: 'inherit' });
  rmSync(out, { recursive: true, force: true });
  process.exit(run.status ?? 1);
}
