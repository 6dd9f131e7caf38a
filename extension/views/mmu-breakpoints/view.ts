// The MMU Breakpoints view: check an event to stop at it, write a condition, add an event of your own.

import * as vscode from 'vscode';
import type { SessionTracker } from '../../debug/session.ts';
import { Commands, Views } from '../../manifest.ts';
import type { Row } from '../row.ts';
import { LazyTree } from '../tree.ts';
import { breakpointRows, type KeptBreakpoint, mappingEvent } from './rows.ts';
import type { MmuBreakpoints } from './store.ts';

export function mmuBreakpointsView(
  context: vscode.ExtensionContext,
  tracker: SessionTracker,
  store: MmuBreakpoints,
): LazyTree<never> {
  const tree = new LazyTree<never>(
    Views.mmuBreakpoints,
    tracker,
    async () => breakpointRows((await tracker.ask('pagewalk/mmuBreakpoints', {})).breakpoints, store.all),
    true,
  );
  const kept = (row: Row): KeptBreakpoint | undefined => store.all.find(({ id }) => id === row.event);

  /** Lets the user write one text of an event; an empty one takes it away. Writing one also turns the event on. */
  const edit =
    (name: 'condition' | 'hitCondition' | 'logMessage', title: string, placeHolder: string) => async (row: Row) => {
      if (!row.event) return;
      const prompt = row.label;
      const text = await vscode.window.showInputBox({ title, prompt, placeHolder, value: kept(row)?.[name] ?? '' });
      if (text !== undefined)
        await store.change(row.event, { [name]: text.trim(), ...(text.trim() && { enabled: true }) });
    };
  const add = async (id: string) => {
    await store.change(id, { enabled: true, added: true });
    await vscode.commands.executeCommand(`${Views.mmuBreakpoints}.focus`, { preserveFocus: true });
  };
  /** From a row of a view, a variable of the Variables view, or the word at the cursor. */
  const breakOnMapping = async (from?: Row & { variable?: { memoryReference?: string; evaluateName?: string } }) => {
    const place = from?.mapping ?? from?.variable?.memoryReference ?? from?.variable?.evaluateName ?? wordAtCursor();
    const chosen = await vscode.window.showInputBox({
      title: 'Break When the Mapping Changes',
      prompt: 'An address or a symbol, with +SIZE for a range',
      placeHolder: '0xffffffff80000000+2M',
      value: place ?? '0x',
    });
    if (chosen?.trim()) await add(mappingEvent(chosen));
  };

  const { registerCommand } = vscode.commands;
  context.subscriptions.push(
    store.onDidChange(() => tree.refresh()),
    tree.view.onDidChangeCheckboxState(async ({ items }) => {
      for (const [row, state] of items) {
        const enabled = state === vscode.TreeItemCheckboxState.Checked;
        if (row.event) await store.change(row.event, { enabled });
      }
    }),
    registerCommand(Commands.editMmuCondition, edit('condition', 'Condition', '$hart == 0')),
    registerCommand(Commands.editMmuHitCondition, edit('hitCondition', 'Hit Count', '> 10')),
    registerCommand(Commands.editMmuLogMessage, edit('logMessage', 'Print Instead of Stopping', 'sfence.vma of {$va}')),
    registerCommand(Commands.logMmuEvent, async (row: Row) => {
      if (row.event) await store.change(row.event, { enabled: true, log: !kept(row)?.log });
    }),
    registerCommand(Commands.addMmuBreakpoint, async () => {
      const title = 'Add an MMU Breakpoint';
      const prompt = 'An event: csr:stvec, trap:13, map:0xffffffff80000000+2M, console:panic';
      const id = await vscode.window.showInputBox({ title, prompt, placeHolder: 'csr:stvec' });
      if (id?.trim()) await add(id.trim());
    }),
    registerCommand(Commands.removeMmuBreakpoint, async (row: Row) => row.added && store.remove(row.added)),
    registerCommand(Commands.clearMmuBreakpoints, () => store.clear()),
    registerCommand(Commands.breakOnMapping, breakOnMapping),
  );
  return tree;
}

function wordAtCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  if (!editor.selection.isEmpty) return editor.document.getText(editor.selection);
  const range = editor.document.getWordRangeAtPosition(editor.selection.active, /0x[0-9a-fA-F]+|[A-Za-z_$.][\w$.]*/);
  return range && editor.document.getText(range);
}
