// The packaged extension as users have it: installed from the vsix, worked by mouse and keyboard alone.

import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { Editor } from './editor.ts';

interface Setting {
  /** Opens the sample's folder. */
  readonly url: string;
  /** Opens the bug zoo, with a check file in it. */
  readonly zooUrl: string;
  readonly browser: Browser;
  /** Part of the names of the tests to run. */
  readonly grep: string | undefined;
}

const checkbox = '.custom-view-tree-node-item-checkbox';

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
    await editor.hover('csrw satp, a0', 'a0', /8000000000080/);
  },

  'the status bar says privilege and satp': async (editor) => {
    const item = editor.page.locator('.statusbar-item', { hasText: /hart 0 · S · Sv39/ });
    await item.waitFor();
  },

  'the console shows what the guest prints': async (editor) => {
    await editor.page.locator('.xterm-rows', { hasText: 'S-mode, paging is off' }).waitFor();
  },

  'Pre-flight judges the write that was made': async (editor) => {
    await editor.showAlone('Pre-flight');
    const fetch = await editor.row('Pre-flight', 'next fetch');
    assert.match((await fetch.textContent()) ?? '', /is mapped to/);
    await editor.row('Pre-flight', 'console');
  },

  'Map Lint finds the writable and executable gigapage, with a badge and among the Problems': async (editor) => {
    await editor.run('Lint the Map');
    await editor.row('Map Lint', /writable and executable/i);
    await editor.expand('Map Lint', false);
  },

  'a checked event of MMU Breakpoints stops where the condition that was written holds, and nowhere else': async (
    editor,
  ) => {
    await editor.showAlone('MMU Breakpoints');
    const row = await editor.row('MMU Breakpoints', 'sfence.vma');
    await row.hover();
    await row.getByRole('button', { name: 'Edit Condition' }).click();
    await editor.answer('$pc >= 0xffffffff80000000');
    await editor.row('MMU Breakpoints', /sfence\.vma\s*when \$pc >= 0xffffffff80000000/);
    await row.locator(`${checkbox}[aria-checked="true"]`).waitFor();

    // Two fences run at their load addresses before the kernel has jumped up; the third one runs there.
    await editor.expand('Call Stack');
    for (let write = 0; write < 2; write++) assert.match(await editor.continue(), /^satp ←/);
    assert.match(await editor.continue(), /^sfence\.vma/);
    await editor.showAlone('MMU Breakpoints');
    await (await editor.row('MMU Breakpoints', /sfence\.vma.* · 1×/)).locator(checkbox).click();
    await row.locator(`${checkbox}[aria-checked="false"]`).waitFor();
    await editor.showAlone('Page Tables');
  },

  'stop ends the session and the views say what to do': async (editor) => {
    await editor.toolbar('stop');
    await editor.pane('Page Tables').getByRole('button', { name: 'Debug a RISC-V Kernel' }).waitFor();
  },
};

/** Work on the bug zoo: its folder is open, nothing runs. */
const zooTests: Record<string, Test> = {
  'a trap is explained inline, under the line that took it, where there is no handler at all': async (editor) => {
    await editor.startConfiguration('Z18 null pointer');
    const widget = editor.page.locator('.exception-widget');
    await widget.filter({ hasText: 'a5 is 0: a null pointer' }).waitFor();
    await widget.filter({ hasText: 'would pass if' }).waitFor();
    await editor.page.locator('.tab.active', { hasText: 'kernel.c' }).waitFor();
    await editor.page.locator('.view-line', { hasText: 'return task' }).first().waitFor();
  },

  'the hover on that line explains it, with a link to the whole': async (editor) => {
    const hover = await editor.hover('return task', 'return', 'null pointer');
    await hover.getByRole('link', { name: 'Explain this trap' }).click();
    await editor.page.locator('.tab.active', { hasText: 'Trap' }).waitFor();
    await editor.page.locator('.view-line', { hasText: 'a null pointer' }).first().waitFor();
    await editor.press('Control+F4');
  },

  'Explain This Trap, from the command palette, does the same': async (editor) => {
    await editor.run('Explain This Trap');
    await editor.page.locator('.tab', { hasText: 'Trap' }).waitFor();
    await editor.page.locator('.view-line', { hasText: 'a null pointer' }).first().waitFor();
    await editor.stopDebugging();
  },

  'a trap in a handler is explained inline at the line of the handler': async (editor) => {
    await editor.startConfiguration('Z10 trap stack not mapped');
    const widget = editor.page.locator('.exception-widget');
    await widget.filter({ hasText: 'the same trap repeats for ever' }).waitFor();
    await editor.page.locator('.view-line', { hasText: 'sd ra, -8(sp)' }).first().waitFor();
    await editor.stopDebugging();
  },

  'a fatal satp write is explained under its line, before it is made': async (editor) => {
    await editor.startConfiguration('Z6 pc not mapped');
    await editor.page.locator('.exception-widget').filter({ hasText: 'next fetch    see above' }).waitFor();
    await editor.stopDebugging();
  },

  'the lamp says that paging is set and not in force': async (editor) => {
    await editor.startConfiguration('Z8 paging in machine mode');
    const lamp = editor.page.locator('.statusbar-item', { hasText: 'satp set, not in force: M-mode, MPRV=0' });
    await lamp.waitFor();
    await editor.stopDebugging();
  },

  'a check file is a test for each of its expectations': async (editor) => {
    await editor.run('Testing: Focus on Test Explorer View');
    const tree = editor.page.locator('.test-explorer');
    await tree.locator('.monaco-list-row', { hasText: 'no-pmp.pagewalk-map' }).locator('.monaco-tl-twistie').click();
    await editor.run('Test: Run All Tests');
    await editor.chooseFromList('Z1 no pmp entry, repaired');
    const row = (text: string) => tree.locator('.monaco-list-row', { hasText: text });
    await row('mode Bare').locator('.codicon-testing-passed-icon').waitFor();
    await row('mode Sv39').locator('.codicon-testing-failed-icon').waitFor();
  },
};

/** Runs the tests in order, each on the state that the one before left. */
async function runAll(editor: Editor, all: Record<string, Test>, grep: string, counts: Counts): Promise<void> {
  for (const [name, test] of Object.entries(all)) {
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
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The tests on the sample, then those on the bug zoo. */
export async function run({ url, zooUrl, browser, grep = '' }: Setting): Promise<Counts> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [place, all] of [
    [url, tests],
    [zooUrl, zooTests],
  ] as const) {
    if (!Object.keys(all).some((name) => name.includes(grep))) continue;
    const page = await browser.newPage({ viewport: { width: 1400, height: 1300 } });
    page.setDefaultTimeout(120_000);
    const editor = new Editor(page);
    await editor.open(place);
    await runAll(editor, all, grep, counts);
    await page.close();
  }
  return counts;
}
