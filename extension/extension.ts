// Registers what package.json declares; everything else is behind these names.

import type * as vscode from 'vscode';
import { registerCommands } from './commands/commands.ts';
import { registerDebugging } from './debug/register.ts';
import { SessionTracker } from './debug/session.ts';
import { registerDocuments } from './editor/documents.ts';
import { registerTrapExplanation } from './language/explain-trap.ts';
import { registerInlineValues } from './language/inline-values.ts';
import { registerHovers } from './language/register.ts';
import { registerStatusBar } from './status-bar.ts';
import { GuestConsoles } from './terminal/consoles.ts';
import { registerChecks } from './testing/register.ts';
import { MmuBreakpoints } from './views/mmu-breakpoints/store.ts';
import { registerViews } from './views/register.ts';

/** What the tests inside the editor look at: the trees as data, and the text of the guest's console. */
export interface PagewalkApi {
  readonly tracker: SessionTracker;
  readonly views: ReturnType<typeof registerViews>;
  readonly consoles: GuestConsoles;
  readonly breakpoints: MmuBreakpoints;
  readonly checks: vscode.TestController;
}

export function activate(context: vscode.ExtensionContext): PagewalkApi {
  const tracker = new SessionTracker();
  const consoles = new GuestConsoles(tracker);
  const breakpoints = new MmuBreakpoints(context.workspaceState, tracker);
  const views = registerViews(context, tracker, breakpoints);
  context.subscriptions.push(tracker, consoles);
  registerDebugging(context, breakpoints);
  registerDocuments(context, tracker);
  registerHovers(context, tracker);
  registerInlineValues(context);
  registerTrapExplanation(context, tracker);
  registerStatusBar(context, tracker);
  registerCommands(context, consoles);
  const checks = registerChecks(context);
  return { tracker, views, consoles, breakpoints, checks };
}
