// Debian's Linux in the real editor: to its shell, and a word with it.

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { api, extension, folder, rows, StopLog, until } from './support.ts';

/** Paths of the kernel's files, from the runner; absent where there is no such guest. */
const guest: Partial<Record<'program' | 'initrd' | 'symbols', string>> = JSON.parse(
  process.env.PAGEWALK_TEST_LINUX ?? '{}',
);
const log = new StopLog();

suite('Debian Linux in the editor', () => {
  suiteSetup(async () => {
    await extension().activate();
    vscode.debug.registerDebugAdapterTrackerFactory('pagewalk', log);
  });

  teardown(async () => {
    await vscode.debug.stopDebugging();
    await until('the session to end', () => !api().tracker.session);
  });

  test('stops at its first satp write, and boots to a shell that answers in the terminal', async function () {
    if (!guest.program || !guest.initrd) this.skip();
    this.timeout(400_000);
    const configuration = {
      type: 'pagewalk',
      request: 'launch',
      name: 'Linux',
      ...guest,
      append: 'console=ttyS0 earlycon=sbi rdinit=/bin/busybox -- sh',
      mmu: 'sv39',
      stopOnEntry: false,
    };
    const stop = await log.after(() => vscode.debug.startDebugging(folder(), configuration), 120);
    // Sv39 hardware ignores the kernel's attempts at Sv57 and Sv48: the first write that changes satp is Sv39's.
    assert.match(stop.description ?? '', /^satp ← Sv39, root pa:0x[0-9a-f]+, ASID 0 \(was Bare\)/);
    const events = await rows(api().views.mmuEvents);
    assert.equal(events.length, 5);
    assert.match(events[0]?.description ?? '', /relocate_enable_mmu/);

    // From here on nothing but the shell is of interest.
    await vscode.commands.executeCommand('workbench.debug.viewlet.action.disableAllBreakpoints');
    const text = () => api().consoles.current?.text ?? '';
    const carryOn = () => vscode.commands.executeCommand('workbench.action.debug.continue');
    let stops = log.stops.length;
    await carryOn();
    await until(
      'the prompt of the shell',
      async () => {
        if (log.stops.length > stops && api().tracker.threadId !== undefined) {
          stops = log.stops.length;
          await carryOn();
        }
        return /[~/] # /.test(text());
      },
      300,
    );
    const terminal = api().consoles.current?.terminal;
    terminal?.sendText('/bin/busybox expr 6 \\* 7', true);
    await until('the answer', () => /expr 6[^\n]*\n42\r?\n/.test(text()), 60);
  });
});
