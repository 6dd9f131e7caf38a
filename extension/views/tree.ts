// One lazy tree for all views: rows in, tree items out. It computes nothing and keeps nothing but the last answer.

import * as vscode from 'vscode';
import { type SessionTracker, StaleAnswer } from '../debug/session.ts';
import { Commands, Schemes } from '../manifest.ts';
import { facts, type Row } from './row.ts';

/** Gives the rows below what `more` names; without it the top rows. */
export type Source<More> = (more: More | undefined) => Promise<readonly Row<More>[]>;

export class LazyTree<More> implements vscode.TreeDataProvider<Row<More>>, vscode.Disposable {
  readonly view: vscode.TreeView<Row<More>>;
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly source: Source<More>;
  private readonly live: boolean;
  private readonly tracker: SessionTracker;
  private readonly subscription: vscode.Disposable;
  readonly onDidChangeTreeData = this.changed.event;
  /** Last answers by the parent's id: shown while the guest runs, and instead of answers that are stale. */
  private readonly answers = new Map<string, readonly Row<More>[]>();

  /** `live` trees are asked while the guest runs, too. */
  constructor(id: string, tracker: SessionTracker, source: Source<More>, live = false) {
    this.live = live;
    this.source = source;
    this.tracker = tracker;
    this.view = vscode.window.createTreeView(id, {
      treeDataProvider: this,
      showCollapseAll: true,
      manageCheckboxStateManually: true,
    });
    this.subscription = tracker.onDidChange(() => this.refresh());
  }

  refresh(): void {
    if (!this.tracker.session) {
      this.answers.clear();
      this.view.message = '';
    }
    this.changed.fire(undefined);
  }

  async getChildren(parent?: Row<More>): Promise<Row<More>[]> {
    if (!this.tracker.session) return [];
    if (parent?.children) return [...parent.children];
    const key = parent?.id ?? '';
    if (this.tracker.stopped || this.live) {
      try {
        this.answers.set(key, await this.source(parent?.more));
        this.view.message = '';
      } catch (error) {
        if (!(error instanceof StaleAnswer)) this.view.message = error instanceof Error ? error.message : String(error);
      }
    }
    return [...(this.answers.get(key) ?? [])];
  }

  getTreeItem(row: Row<More>): vscode.TreeItem {
    const item = new vscode.TreeItem(row.label, collapsibleState(row));
    item.id = row.id;
    item.contextValue = facts(row);
    if (row.description !== undefined) item.description = row.description;
    if (row.icon) item.iconPath = new vscode.ThemeIcon(row.icon, iconColor(row));
    if (row.mark) item.resourceUri = vscode.Uri.from({ scheme: Schemes.row, path: `/${row.id}`, query: row.mark });
    if (row.checked !== undefined) item.checkboxState = row.checked ? Checked : Unchecked;
    if (row.click) item.command = { command: clicks[row.click] ?? row.click, title: 'Show', arguments: [row] };
    return item;
  }

  resolveTreeItem(item: vscode.TreeItem, row: Row<More>): vscode.TreeItem {
    item.tooltip = new vscode.MarkdownString(row.tooltip, true);
    return item;
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
    this.view.dispose();
  }
}

const { Checked, Unchecked } = vscode.TreeItemCheckboxState;

const clicks: Readonly<Record<string, string>> = {
  code: Commands.openDisassembly,
  memory: Commands.openMemory,
  source: Commands.openSource,
};

function collapsibleState(row: Row): vscode.TreeItemCollapsibleState {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  if (row.more === undefined && !row.children?.length) return None;
  return row.expanded ? Expanded : Collapsed;
}

const tints = {
  green: 'testing.iconPassed',
  amber: 'problemsWarningIcon.foreground',
  red: 'problemsErrorIcon.foreground',
  blue: 'problemsInfoIcon.foreground',
} as const;

function iconColor(row: Row): vscode.ThemeColor | undefined {
  if (row.tint) return new vscode.ThemeColor(tints[row.tint]);
  return row.mark === 'danger' ? new vscode.ThemeColor('errorForeground') : undefined;
}

/** Colours the labels of marked rows, as the explorer does with files. */
export class RowDecorations implements vscode.FileDecorationProvider {
  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (uri.scheme !== Schemes.row) return undefined;
    const danger = uri.query === 'danger';
    return {
      badge: danger ? '!' : '●',
      tooltip: danger ? 'Needs attention' : 'Changed since the last stop',
      color: new vscode.ThemeColor(danger ? 'errorForeground' : 'gitDecoration.modifiedResourceForeground'),
    };
  }
}
