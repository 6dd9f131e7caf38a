// The Pre-flight view: it has rows while pc is at an instruction that writes satp.

import * as vscode from 'vscode';
import type { SessionTracker } from '../../debug/session.ts';
import { Views } from '../../manifest.ts';
import { LazyTree } from '../tree.ts';
import { preflightRows } from './rows.ts';

export function preflightView(context: vscode.ExtensionContext, tracker: SessionTracker): LazyTree<never> {
  const ask = () => tracker.ask('pagewalk/preflight', { hart: tracker.hart });
  const tree = new LazyTree<never>(Views.preflight, tracker, async () => {
    tree.view.description = '';
    const body = await ask();
    tree.view.description = `${body.before} → ${body.after}`;
    return preflightRows(body);
  });
  // A red verdict should be seen, wherever the user has left the view.
  context.subscriptions.push(
    tracker.onDidChange(async () => {
      if (!tracker.stopped || tree.view.visible) return;
      const body = await ask().catch(() => undefined);
      if (body?.verdict === 'red')
        await vscode.commands.executeCommand(`${Views.preflight}.focus`, { preserveFocus: true });
    }),
  );
  return tree;
}
