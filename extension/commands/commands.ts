// Commands on rows that need no view: copying, going to a source line, and the guest's console.

import * as vscode from 'vscode';
import { Commands } from '../manifest.ts';
import type { GuestConsoles } from '../terminal/consoles.ts';
import type { Row } from '../views/row.ts';

export function registerCommands(context: vscode.ExtensionContext, consoles: GuestConsoles): void {
  const copy = (command: string, pick: (row: Row) => string | undefined) =>
    vscode.commands.registerCommand(command, async (row?: Row) => {
      const text = row && pick(row);
      if (text) await vscode.env.clipboard.writeText(text);
    });
  context.subscriptions.push(
    copy(Commands.copyValue, (row) => row.value),
    copy(Commands.copyAddress, (row) => row.virtual),
    copy(Commands.copyPhysicalAddress, (row) => row.physical),
    vscode.commands.registerCommand(Commands.openSource, async ({ source }: Row) => {
      if (!source) return;
      const at = new vscode.Position(source.line - 1, 0);
      await vscode.window.showTextDocument(vscode.Uri.file(source.path), { selection: new vscode.Range(at, at) });
    }),
    vscode.commands.registerCommand(Commands.showConsole, () => consoles.show()),
  );
}
