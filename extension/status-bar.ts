// The status bar: the lamp of the hart that is looked at.

import type { DebugProtocol } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import type { SessionTracker } from './debug/session.ts';
import { lampOf } from './lamp.ts';
import { Views } from './manifest.ts';

export function registerStatusBar(context: vscode.ExtensionContext, tracker: SessionTracker): void {
  const item = vscode.window.createStatusBarItem('pagewalk.mode', vscode.StatusBarAlignment.Left, 50);
  item.name = 'Pagewalk: translation in force';
  item.command = `${Views.csrs}.focus`;
  context.subscriptions.push(
    item,
    tracker.onDidChange(() => void show(item, tracker).catch(() => undefined)),
    tracker.onDidMmuEvent((event) => {
      if (!tracker.stopped && event.kind === 'satp')
        item.text = `$(sync~spin) hart ${event.hart} · ${event.mode} root pa:0x${BigInt(event.root).toString(16)}`;
    }),
  );
}

async function show(item: vscode.StatusBarItem, tracker: SessionTracker): Promise<void> {
  const { session, hart, stop } = tracker;
  if (!session) return item.hide();
  item.show();
  if (!tracker.stopped) {
    item.text = '$(sync~spin) running';
    item.tooltip = 'The kernel is running.';
    item.backgroundColor = undefined;
    return;
  }
  const { threads }: DebugProtocol.ThreadsResponse['body'] = await session.customRequest('threads');
  const inForce = await tracker.ask('pagewalk/inForce', { hart });
  if (stop !== tracker.stop || !tracker.stopped) return;
  const names = threads.map(({ name }) => name);
  const lamp = lampOf(inForce, names[hart] ?? 'no hart', names);
  item.text = lamp.text;
  item.tooltip = new vscode.MarkdownString(lamp.tooltip, true);
  item.backgroundColor = lamp.warns ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
}
