// Makes the pictures in docs/images from a real session in the web workbench, dark and light.
// usage: node scripts/screenshots.mjs [sample] [zoo] [linux] [dark] [light]     default: all
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { makePackage } from './package.mjs';
import { launchBrowser } from './workbench/browser.mjs';
import { linuxGuest } from './workbench/linux-guest.mjs';
import { folderUrl, startWorkbench } from './workbench.mjs';

const root = path.resolve(import.meta.dirname, '..');
const themes = { dark: 'Default Dark Modern', light: 'Default Light Modern' };

const outfile = path.join(root, 'dist/test-ui/screenshots.mjs');
await build({
  entryPoints: [path.join(root, 'test/ui/screenshots.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
});
const { shootLinux, shootSample, shootZoo } = await import(outfile);
const pictures = path.join(root, 'docs/images');
mkdirSync(pictures, { recursive: true });
const vsix = await makePackage();
const wanted = process.argv.slice(2);
const isWanted = (name, others) => wanted.includes(name) || !others.some((other) => wanted.includes(other));
const wants = (what) => isWanted(what, ['sample', 'zoo', 'linux']);
const linux = wants('linux') && (await linuxGuest());
if (wants('linux') && !linux) console.log('no pictures of Linux: they need linux-6.12-debian in PAGEWALK_GUESTS');
const browser = await launchBrowser();

/** A folder whose F5 boots Debian's kernel. */
function linuxFolder(parent) {
  const folder = path.join(parent, 'linux');
  mkdirSync(path.join(folder, '.vscode'), { recursive: true });
  const configuration = {
    type: 'pagewalk',
    request: 'launch',
    name: 'Linux',
    ...linux,
    mmu: 'sv39',
    stopOnEntry: false,
  };
  configuration.append = 'console=ttyS0 earlycon=sbi rdinit=/bin/busybox -- sh';
  writeFileSync(path.join(folder, '.vscode', 'launch.json'), JSON.stringify({ configurations: [configuration] }));
  writeFileSync(path.join(folder, 'notes.md'), '# Debian Linux, unmodified');
  return folder;
}

try {
  for (const [theme, name] of Object.entries(themes)) {
    if (!isWanted(theme, Object.keys(themes))) continue;
    const parent = mkdtempSync(path.join(os.tmpdir(), 'pagewalk-pictures-'));
    const folder = path.join(parent, 'first-light');
    cpSync(path.join(root, 'samples', 'first-light'), folder, { recursive: true });
    const zoo = path.join(parent, 'bug-zoo');
    cpSync(path.join(root, 'samples', 'bug-zoo'), zoo, { recursive: true });
    const bench = await startWorkbench({
      vsix,
      settings: {
        'workbench.colorTheme': name,
        'window.commandCenter': false,
        'editor.minimap.enabled': false,
        'terminal.integrated.gpuAcceleration': 'off',
      },
    });
    try {
      if (wants('sample')) await shootSample({ url: folderUrl(bench, folder), browser, folder: pictures, theme });
      if (wants('zoo')) await shootZoo({ url: folderUrl(bench, zoo), browser, folder: pictures, theme });
      if (linux) await shootLinux({ url: folderUrl(bench, linuxFolder(parent)), browser, folder: pictures, theme });
    } finally {
      await bench.stop();
      rmSync(parent, { recursive: true, force: true });
    }
  }
} finally {
  await browser.close();
}
