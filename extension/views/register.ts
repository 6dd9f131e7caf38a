// Makes the views and what they share.

import * as vscode from 'vscode';
import type { SessionTracker } from '../debug/session.ts';
import { Commands, Views } from '../manifest.ts';
import { addressMapView } from './address-map/view.ts';
import { csrsView } from './csrs/view.ts';
import { lintView } from './lint/view.ts';
import type { MmuBreakpoints } from './mmu-breakpoints/store.ts';
import { mmuBreakpointsView } from './mmu-breakpoints/view.ts';
import { mmuEventsView } from './mmu-events/view.ts';
import { pageTablesView } from './page-tables/view.ts';
import { preflightView } from './preflight/view.ts';
import { RowDecorations } from './tree.ts';

export function registerViews(context: vscode.ExtensionContext, tracker: SessionTracker, breakpoints: MmuBreakpoints) {
  const views = {
    pageTables: pageTablesView(tracker),
    addressMap: addressMapView(context, tracker),
    mmuEvents: mmuEventsView(context, tracker),
    csrs: csrsView(tracker),
    preflight: preflightView(context, tracker),
    lint: lintView(context, tracker),
    mmuBreakpoints: mmuBreakpointsView(context, tracker, breakpoints),
  };
  const all = Object.values(views);
  context.subscriptions.push(
    ...all,
    vscode.window.registerFileDecorationProvider(new RowDecorations()),
    vscode.commands.registerCommand(Commands.refresh, () => {
      for (const view of all) view.refresh();
    }),
    tracker.onDidChange(() => openOnce(context, tracker)),
  );
  return views;
}

/** VS Code starts views in the Run side bar closed. The first stop in a workspace opens ours; from then on they are
 * as the user leaves them. */
async function openOnce({ workspaceState }: vscode.ExtensionContext, tracker: SessionTracker): Promise<void> {
  if (!tracker.stopped || workspaceState.get(opened)) return;
  await workspaceState.update(opened, true);
  for (const id of opensByItself) await vscode.commands.executeCommand(`${id}.focus`, { preserveFocus: true });
  await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');
}

const opensByItself = [Views.pageTables, Views.addressMap, Views.mmuEvents, Views.csrs];
const opened = 'pagewalk.viewsOpened';
