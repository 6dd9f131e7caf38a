// What package.json declares is what the extension registers.

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Commands, Views } from '../../extension/manifest.ts';
import { extension } from './support.ts';

suite('The extension', () => {
  test('activates and registers every command it declares', async () => {
    await extension().activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    for (const command of Object.values(Commands)) assert.ok(registered.has(command), `${command} is not registered`);
  });

  test('declares the commands and views that the code names, and no others', () => {
    const { contributes } = extension().packageJSON;
    const declared = (list: { command?: string; id?: string }[]) => list.map(({ command, id }) => command ?? id).sort();
    assert.deepEqual(declared(contributes.commands), Object.values(Commands).sort());
    assert.deepEqual(declared(contributes.views.debug), Object.values(Views).sort());
  });
});
