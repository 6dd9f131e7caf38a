// The MMU Events view. It follows the guest while it runs, at a pace that eyes can follow.

import * as vscode from 'vscode';
import type { SessionTracker } from '../../debug/session.ts';
import { Views } from '../../manifest.ts';
import { LazyTree } from '../tree.ts';
import { eventRow } from './rows.ts';

/** The latest events are shown; a running system writes satp at each change of process. */
const shown = 500;
const pace = 300;

export function mmuEventsView(context: vscode.ExtensionContext, tracker: SessionTracker): LazyTree<never> {
  let timer: NodeJS.Timeout | undefined;
  const tree = new LazyTree<never>(
    Views.mmuEvents,
    tracker,
    async () => {
      const { events } = await tracker.ask('pagewalk/events', { latest: shown });
      return events.map(eventRow).reverse();
    },
    true,
  );
  context.subscriptions.push(
    tracker.onDidMmuEvent(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        tree.refresh();
      }, pace);
    }),
    new vscode.Disposable(() => clearTimeout(timer)),
  );
  return tree;
}
