// What the tests inside the editor share: the extension, and waiting for the debugger's states.

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { PagewalkApi } from '../../extension/extension.ts';
import type { Row } from '../../extension/views/row.ts';
import type { LazyTree } from '../../extension/views/tree.ts';

export function extension(): vscode.Extension<PagewalkApi> {
  const found = vscode.extensions.getExtension<PagewalkApi>('pagewalk.pagewalk');
  assert.ok(found, 'the extension is not installed');
  return found;
}

export function api(): PagewalkApi {
  return extension().exports;
}

export function folder(): vscode.WorkspaceFolder {
  const first = vscode.workspace.workspaceFolders?.[0];
  assert.ok(first, 'no folder is open');
  return first;
}

/** Polls until `probe` gives a value; says what it waited for when it does not come. */
export async function until<T>(what: string, probe: () => T | Promise<T>, seconds = 30): Promise<NonNullable<T>> {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const value = await probe();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${seconds} s for ${what}; last: ${last}`);
}

/** DAP messages of each session, as an editor extension can see them. */
export class StopLog implements vscode.DebugAdapterTrackerFactory {
  readonly stops: { reason: string; description?: string; text?: string; hitBreakpointIds?: number[] }[] = [];

  createDebugAdapterTracker(): vscode.DebugAdapterTracker {
    return {
      onDidSendMessage: (message) => {
        if (message.event === 'stopped') this.stops.push(message.body);
      },
    };
  }

  /** Does `action` and waits for the stop that follows it. */
  async after(action: () => unknown, seconds = 30) {
    const before = this.stops.length;
    await action();
    const stop = await until('a stop', () => this.stops[before], seconds);
    await until('the editor to show a frame', () => api().tracker.stopped && api().tracker.threadId !== undefined);
    return stop;
  }
}

/** The frame that the editor looks at. */
export async function topFrame(): Promise<{ name: string; line: number; source?: { path?: string; name?: string } }> {
  const { session, threadId } = api().tracker;
  assert.ok(session, 'no session');
  const { threads } = await session.customRequest('threads');
  const args = { threadId: threadId ?? threads[0].id, startFrame: 0, levels: 1 };
  const { stackFrames } = await session.customRequest('stackTrace', args);
  return stackFrames[0];
}

/** Top rows of a tree, as its view would show them. */
export function rows<More>(tree: LazyTree<More>): Promise<Row<More>[]> {
  return tree.getChildren();
}
