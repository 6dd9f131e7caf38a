// The pictures of the README and the documentation: the main states of a session, in one theme.

import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { Editor } from './editor.ts';

interface Setting {
  /** Opens the sample's folder. */
  readonly url: string;
  readonly browser: Browser;
  /** Where the pictures go. */
  readonly folder: string;
  /** Ends each file name: `dark` or `light`. */
  readonly theme: string;
}

const ours = ['Page Tables', 'Kernel Address Map', 'MMU Events', 'CSRs'];
const judging = ['Pre-flight', 'Map Lint', 'MMU Breakpoints'];
const theirs = ['Variables', 'Watch', 'Call Stack', 'Breakpoints'];

async function newPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1.5 });
  page.setDefaultTimeout(180_000);
  return page;
}

/** Lets animations and late answers come to rest. */
const rest = (editor: Editor) => editor.page.waitForTimeout(1200);

/** Opens these views and closes the others; leaves the mouse where it shows no tooltip. */
async function arrange(editor: Editor, open: readonly string[]): Promise<void> {
  for (const title of [...theirs, ...ours, ...judging]) await editor.expand(title, open.includes(title));
  await editor.page.mouse.move(900, 700);
}

/** The sample kernel, state by state. */
export async function shootSample({ url, browser, folder, theme }: Setting): Promise<void> {
  const page = await newPage(browser);
  const editor = new Editor(page);
  const shoot = async (name: string) => {
    await rest(editor);
    await page.screenshot({ path: path.join(folder, `${name}-${theme}.png`) });
  };
  await editor.open(url);
  await editor.openFile('start.S');
  await editor.showDebugSideBar();
  await editor.start();
  await editor.sideBarWidth(500);
  await arrange(editor, ['Variables', 'Call Stack', 'Breakpoints', 'CSRs']);
  await shoot('entry');

  await editor.continue();
  await arrange(editor, ['Call Stack', ...ours]);
  await shoot('satp-stop');

  await editor.continue();
  await editor.continue();
  await arrange(editor, ['Page Tables']);
  for (const entry of [/^\[510\]/, /^\[0\] 0xffffffff80000000/]) await editor.expandRow('Page Tables', entry);
  await shoot('page-tables');

  await arrange(editor, ['Kernel Address Map', 'MMU Events']);
  const text = await editor.row('Kernel Address Map', /^0xffffffff80000000/);
  await text.hover();
  await shoot('address-map');

  await arrange(editor, ['CSRs', 'MMU Events']);
  await editor.expandRow('CSRs', /^satp/);
  await shoot('csrs');

  await editor.openFile('memory-map.h');
  await editor.hover('define KERNEL_VA', '0xffffffff80000000');
  await shoot('hover');
  await page.close();
}

/** The bug zoo: a trap that is explained, a satp write that is judged. */
export async function shootZoo({ url, browser, folder, theme }: Setting): Promise<void> {
  const page = await newPage(browser);
  const editor = new Editor(page);
  const shoot = async (name: string) => {
    await rest(editor);
    await page.screenshot({ path: path.join(folder, `${name}-${theme}.png`) });
  };
  await editor.open(url);
  await editor.showDebugSideBar();
  await editor.startConfiguration('Z10 trap stack not mapped');
  await editor.sideBarWidth(480);
  await arrange(editor, ['Call Stack', 'MMU Breakpoints']);
  await page.locator('.exception-widget').waitFor();
  await shoot('explained-trap');
  await editor.stopDebugging();

  await editor.startConfiguration('Z6 pc not mapped');
  await arrange(editor, ['Call Stack', 'Pre-flight']);
  await editor.row('Pre-flight', 'next fetch');
  await page.locator('.exception-widget').waitFor();
  await shoot('pre-flight');
  await page.close();
}

/** Linux at its first satp write, and at its shell. `url` opens a folder whose launch.json boots it. */
export async function shootLinux({ url, browser, folder, theme }: Setting): Promise<void> {
  const page = await newPage(browser);
  const editor = new Editor(page);
  await editor.open(url);
  await editor.openFile('notes.md');
  await editor.showDebugSideBar();
  await page.locator('.start-debug-action-item', { hasText: 'Linux' }).waitFor();
  await editor.start();
  await editor.sideBarWidth(500);
  await arrange(editor, ['Call Stack', 'Kernel Address Map', 'MMU Events']);
  // On Sv39 hardware: trampoline, early map, final map.
  for (let stop = 0; stop < 2; stop++) await editor.continue();
  await rest(editor);
  await page.screenshot({ path: path.join(folder, `linux-map-${theme}.png`) });

  await editor.toolbar('continue');
  const screen = page.locator('.terminal-wrapper.active .xterm-rows');
  const prompt = screen.filter({ hasText: /[~/] # / });
  for (let tries = 0; tries < 100 && !(await prompt.isVisible()); tries++) {
    if (await page.locator('.debug-toolbar .codicon-debug-continue').isVisible()) await editor.toolbar('continue');
    await page.waitForTimeout(2000);
  }
  await page.locator('.terminal-wrapper.active .xterm').click();
  await page.keyboard.type('/bin/busybox uname -a\n');
  await screen.filter({ hasText: 'riscv64' }).waitFor();
  await rest(editor);
  await page.screenshot({ path: path.join(folder, `linux-shell-${theme}.png`) });
  await page.close();
}
