// The Kernel Address Map view: of hart 0's satp, or of the root that was chosen in Page Tables; filtered by a text.

import * as vscode from 'vscode';
import type { SessionTracker } from '../../debug/session.ts';
import { Commands, ContextKeys, Views } from '../../manifest.ts';
import type { Row } from '../row.ts';
import { LazyTree } from '../tree.ts';
import { mapRows, mapTitle } from './rows.ts';

/** Runs asked for at a time. */
const pageLength = 250;

export function addressMapView(context: vscode.ExtensionContext, tracker: SessionTracker): LazyTree<never> {
  let filter = '';
  let count = pageLength;
  let space: Row['root'];
  let session: string | undefined;

  const tree = new LazyTree<never>(Views.addressMap, tracker, async () => {
    if (session !== tracker.session?.id) {
      session = tracker.session?.id;
      space = undefined;
      count = pageLength;
    }
    const body = await tracker.ask('pagewalk/map', { ...space, count, ...(filter && { filter }) });
    tree.view.description = mapTitle(body, filter);
    return mapRows(body);
  });

  const setFilter = async (text: string) => {
    filter = text.trim();
    count = pageLength;
    await vscode.commands.executeCommand('setContext', ContextKeys.mapFiltered, filter !== '');
    tree.refresh();
  };
  const askFilter = async (text?: unknown) => {
    const given =
      typeof text === 'string'
        ? text
        : await vscode.window.showInputBox({
            title: 'Filter the Kernel Address Map',
            prompt: 'Region, permissions or address',
            placeHolder: '.text, direct map, rwx, 0xffffffff80000000',
            value: filter,
          });
    if (given !== undefined) await setFilter(given);
  };

  context.subscriptions.push(
    vscode.commands.registerCommand(Commands.filterMap, askFilter),
    vscode.commands.registerCommand(Commands.clearMapFilter, () => setFilter('')),
    vscode.commands.registerCommand(Commands.showMoreOfMap, () => {
      count += 4 * pageLength;
      tree.refresh();
    }),
    vscode.commands.registerCommand(Commands.showInMap, async (row: Row) => {
      space = row.root;
      count = pageLength;
      tree.refresh();
      await vscode.commands.executeCommand(`${Views.addressMap}.focus`);
    }),
  );
  return tree;
}
