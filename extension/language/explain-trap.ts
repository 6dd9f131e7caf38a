// Explains the trap that the kernel stopped at: a hover on the line that trapped, and a document by command.

import * as vscode from 'vscode';
import type { ExplainBody } from '../../debug-adapter/protocol/requests.ts';
import type { SessionTracker } from '../debug/session.ts';
import { Commands, ContextKeys, hoverLanguages, Schemes } from '../manifest.ts';
import { trapMarkdown, trapText } from './trap.ts';

export function registerTrapExplanation(context: vscode.ExtensionContext, tracker: SessionTracker): void {
  let last: Promise<ExplainBody | undefined> | undefined;
  let state = '';
  /** Asked for once of each hart at each stop. */
  const trapped = () => {
    if (!tracker.stopped) return undefined;
    const { stop, hart } = tracker;
    if (state !== `${stop} ${hart}`) last = tracker.ask('pagewalk/explain', { hart }).catch(() => undefined);
    state = `${stop} ${hart}`;
    return last;
  };

  const changed = new vscode.EventEmitter<vscode.Uri>();
  const uri = vscode.Uri.from({ scheme: Schemes.trap, path: '/Trap' });
  context.subscriptions.push(
    changed,
    tracker.onDidChange(async () => {
      if (!tracker.stopped) return;
      changed.fire(uri);
      await vscode.commands.executeCommand('setContext', ContextKeys.inTrap, (await trapped()) !== undefined);
    }),
    vscode.workspace.registerTextDocumentContentProvider(Schemes.trap, {
      onDidChange: changed.event,
      provideTextDocumentContent: async () => {
        const trap = await trapped();
        return trap ? trapText(trap) : 'The hart is in no trap.\n';
      },
    }),
    vscode.commands.registerCommand(Commands.explainTrap, async () => {
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true });
    }),
    vscode.languages.registerHoverProvider([...hoverLanguages], {
      provideHover: async (document, position) => {
        const trap = await trapped();
        const { path, line } = trap?.source ?? {};
        if (!trap || path !== document.uri.fsPath || line !== position.line + 1) return undefined;
        const link = `[Explain this trap](command:${Commands.explainTrap})`;
        const text = new vscode.MarkdownString(trapMarkdown(trap, link), true);
        text.isTrusted = { enabledCommands: [Commands.explainTrap] };
        return new vscode.Hover(text);
      },
    }),
  );
}
