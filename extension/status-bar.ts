// The status bar: privilege and satp of the hart that is looked at, as the debug adapter names it.

import type { DebugProtocol } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import type { SessionTracker } from './debug/session.ts';
import { Views } from './manifest.ts';

export function registerStatusBar(context: vscode.ExtensionContext, tracker: SessionTracker): void {
  const item = vscode.window.createStatusBarItem('pagewalk.mode', vscode.StatusBarAlignment.Left, 50);
  item.name = 'Pagewalk: translation';
  item.command = `${Views.csrs}.focus`;
  context.subscriptions.push(
    item,
    tracker.onDidChange(() => void show(item, tracker)),
    tracker.onDidMmuEvent((event) => {
      if (!tracker.stopped && event.kind === 'satp')
        item.text = `$(sync~spin) hart ${event.hart} · ${event.mode} root pa:0x${BigInt(event.root).toString(16)}`;
    }),
  );
}

async function show(item: vscode.StatusBarItem, tracker: SessionTracker): Promise<void> {
  const { session, stop } = tracker;
  if (!session) return item.hide();
  item.show();
  if (!tracker.stopped) {
    item.text = '$(sync~spin) running';
    item.tooltip = 'The kernel is running.';
    return;
  }
  const body: DebugProtocol.ThreadsResponse['body'] = await session.customRequest('threads');
  if (stop !== tracker.stop) return;
  const thread = body.threads.find(({ id }) => id === tracker.threadId) ?? body.threads[0];
  item.text = `$(circuit-board) ${thread?.name ?? 'no hart'}`;
  const lines = body.threads.map(({ name }) => `- ${name}`).join('\n');
  item.tooltip = new vscode.MarkdownString(`Privilege and satp of each hart:\n\n${lines}`);
}
