// Runs test/host inside a real VS Code (the web workbench in a headless browser), then test/ui against the vsix that
// users install. The last line counts: `N passed, N failed, N skipped`.
// usage: node scripts/test-host.mjs [host] [ui] [--grep TEXT]
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { buildAll } from './build.mjs';
import { makePackage } from './package.mjs';
import { browserPath, launchBrowser } from './workbench/browser.mjs';
import { linuxGuest } from './workbench/linux-guest.mjs';
import { folderUrl, startWorkbench } from './workbench.mjs';

const root = path.resolve(import.meta.dirname, '..');
const counts = { passed: 0, failed: 0, skipped: 0 };

/** A sample in a folder of its own, so that a test may write to it. */
function copySample(name = 'first-light') {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pagewalk-host-'));
  cpSync(path.join(root, 'samples', name), folder, { recursive: true });
  return folder;
}

/** Takes the suite's own lines, marked by ▸, out of what the whole editor logs. True for the last one, which counts. */
function hear(line) {
  if (!line.startsWith('▸')) return false;
  const [, passed, failed, skipped] = /^▸ RESULT (\d+) (\d+) (\d+)$/.exec(line) ?? [];
  if (passed === undefined) {
    console.log(line.slice(2));
    return false;
  }
  counts.passed += Number(passed);
  counts.failed += Number(failed);
  counts.skipped += Number(skipped);
  return true;
}

/** test/host: mocha in the extension host. */
async function runHostSuite(grep) {
  await buildAll();
  await build({
    entryPoints: [path.join(root, 'test/host/index.ts')],
    outfile: path.join(root, 'dist/test-host/index.cjs'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['vscode', 'mocha'],
    define: { GREP: JSON.stringify(grep ?? '') },
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const linux = await linuxGuest();
  if (!linux) console.log('skipped: needs linux-6.12-debian in PAGEWALK_GUESTS');
  const folder = copySample();
  const bench = await startWorkbench({
    driver: true,
    environment: linux ? { PAGEWALK_TEST_LINUX: JSON.stringify(linux) } : {},
  });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    let counted = false;
    const heard = [];
    const ended = new Promise((resolve) => page.exposeFunction('codeAutomationExit', resolve));
    await page.exposeFunction('codeAutomationLog', (_type, args) => {
      for (const line of args.map(String).join(' ').split('\n')) {
        if (hear(line)) counted = true;
        heard.push(line);
      }
    });
    const remote = (file) => `vscode-remote://127.0.0.1:${bench.port}${file}`;
    const payload = [
      ['extensionDevelopmentPath', remote(root)],
      ['extensionTestsPath', remote(path.join(root, 'dist/test-host/index.cjs'))],
    ];
    const url = `${folderUrl(bench, folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
    await page.goto(url, { timeout: 3 * 60_000 });
    const limit = new Promise((resolve) => setTimeout(resolve, 10 * 60_000, 'time').unref());
    const code = await Promise.race([ended, limit]);
    if (!counted) {
      counts.failed++;
      console.log(code === 'time' ? 'The suite did not end within 10 minutes.' : `The suite ended with ${code}.`);
      console.log(heard.slice(-30).join('\n'));
    }
  } finally {
    await browser.close();
    await bench.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** test/ui: clicks and keys in the packaged extension. */
async function runUiSuite(grep) {
  const outfile = path.join(root, 'dist/test-ui/index.mjs');
  await build({
    entryPoints: [path.join(root, 'test/ui/index.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const { run } = await import(outfile);
  const folder = copySample();
  const zoo = copySample('bug-zoo');
  writeFileSync(path.join(zoo, 'no-pmp.pagewalk-map'), 'mode Bare\nmode Sv39\n');
  const bench = await startWorkbench({
    vsix: await makePackage(),
    settings: { 'terminal.integrated.gpuAcceleration': 'off' },
  });
  const browser = await launchBrowser();
  try {
    const result = await run({ url: folderUrl(bench, folder), zooUrl: folderUrl(bench, zoo), browser, grep });
    for (const key of Object.keys(counts)) counts[key] += result[key];
  } finally {
    await browser.close();
    await bench.stop();
    for (const place of [folder, zoo]) rmSync(place, { recursive: true, force: true });
  }
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { grep: { type: 'string' } } });
const wanted = positionals.length ? positionals : ['host', 'ui'];
if (!browserPath) {
  console.log('skipped: needs Chromium (or PAGEWALK_BROWSER=…) for the editor');
  counts.skipped += wanted.length;
} else {
  if (wanted.includes('host')) await runHostSuite(values.grep);
  if (wanted.includes('ui')) await runUiSuite(values.grep);
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed ? 1 : 0);
