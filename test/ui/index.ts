// The packaged extension as users have it: installed from the vsix, worked by mouse and keyboard alone.

import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { Editor } from './editor.ts';

interface Setting {
  /** Opens the sample's folder. */
  readonly url: string;
  readonly browser: Browser;
  /** Part of the names of the tests to run. */
  readonly grep: string | undefined;
}

type Test = (editor: Editor) => Promise<void>;

const tests: Record<string, Test> = {
  'F5 stops in the source, the views open by themselves, continue stops at the satp write': async (editor) => {
    await editor.openFile('start.S');
    await editor.start();
    await editor.page.locator('.debug-top-stack-frame-line').first().waitFor();
    assert.match((await editor.rows('Call Stack').first().textContent()) ?? '', /_start/);
    await editor.row('CSRs', /^Supervisor/);

    assert.match(await editor.continue(), /satp ← Sv39, root pa:0x[0-9a-f]+, ASID 0/);
    await editor.row('Page Tables', 'identity_root');
    const mapping = await editor.row('Page Tables', '[2] 0x80000000');
    assert.match((await mapping.textContent()) ?? '', /XWRV/);
    await editor.row('Kernel Address Map', /^0x80000000–/);
    await editor.row('MMU Events', /^satp ← Sv39/);
  },

  'a click on a mapping opens its disassembly': async (editor) => {
    await (await editor.row('Page Tables', '[2] 0x80000000')).click();
    await editor.page.locator('.tab.active', { hasText: 'disassembly' }).waitFor();
    await editor.page.locator('.view-line', { hasText: 'bnez' }).first().waitFor();
  },

  'the hover on a register in the source shows its value': async (editor) => {
    await editor.openFile('start.S');
    await editor.press('Control+G');
    await editor.page.keyboard.type('60');
    await editor.press('Enter');
    const hover = await editor.hover('csrw satp, a0', 'a0');
    assert.match((await hover.textContent()) ?? '', /8000000000080/);
  },

  'the status bar says privilege and satp': async (editor) => {
    const item = editor.page.locator('.statusbar-item', { hasText: /hart 0 · S · Sv39/ });
    await item.waitFor();
  },

  'the console shows what the guest prints': async (editor) => {
    await editor.page.locator('.xterm-rows', { hasText: 'S-mode, paging is off' }).waitFor();
  },

  'stop ends the session and the views say what to do': async (editor) => {
    await editor.toolbar('stop');
    await editor.pane('Page Tables').getByRole('button', { name: 'Debug a RISC-V Kernel' }).waitFor();
  },
};

/** Runs the tests in order, each on the state that the one before left. */
export async function run({ url, browser, grep = '' }: Setting) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const editor = new Editor(await browser.newPage({ viewport: { width: 1400, height: 1300 } }));
  await editor.open(url);
  for (const [name, test] of Object.entries(tests)) {
    if (!name.includes(grep)) continue;
    try {
      await test(editor);
      counts.passed++;
      console.log(`ok   ${name}`);
    } catch (error) {
      counts.failed++;
      console.log(`FAIL ${name}\n${error instanceof Error ? error.stack : error}`);
      await editor.page.screenshot({ path: `dist/test-ui/failed-${counts.failed}.png` });
    }
  }
  return counts;
}
