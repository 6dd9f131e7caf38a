// Makes the four views and what they share.

import * as vscode from 'vscode';
import type { SessionTracker } from '../debug/session.ts';
import { Commands } from '../manifest.ts';
import { addressMapView } from './address-map/view.ts';
import { csrsView } from './csrs/view.ts';
import { mmuEventsView } from './mmu-events/view.ts';
import { pageTablesView } from './page-tables/view.ts';
import { RowDecorations } from './tree.ts';

export function registerViews(context: vscode.ExtensionContext, tracker: SessionTracker) {
  const views = {
    pageTables: pageTablesView(tracker),
    addressMap: addressMapView(context, tracker),
    mmuEvents: mmuEventsView(tracker),
    csrs: csrsView(tracker),
  };
  const all = Object.values(views);
  context.subscriptions.push(
    ...all,
    vscode.window.registerFileDecorationProvider(new RowDecorations()),
    vscode.commands.registerCommand(Commands.refresh, () => {
      for (const view of all) view.refresh();
    }),
    tracker.onDidMmuEvent(() => views.mmuEvents.refresh()),
  );
  return views;
}
