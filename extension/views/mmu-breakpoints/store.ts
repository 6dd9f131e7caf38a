// What is set in MMU Breakpoints: kept with the workspace, told to each session.

import * as vscode from 'vscode';
import type { SessionTracker } from '../../debug/session.ts';
import { armed, type KeptBreakpoint, withChange } from './rows.ts';

const key = 'pagewalk.mmuBreakpoints';

export class MmuBreakpoints {
  private readonly memento: vscode.Memento;
  private readonly tracker: SessionTracker;
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(memento: vscode.Memento, tracker: SessionTracker) {
    this.memento = memento;
    this.tracker = tracker;
  }

  get all(): readonly KeptBreakpoint[] {
    return this.memento.get<KeptBreakpoint[]>(key, []);
  }

  async change(id: string, change: Partial<KeptBreakpoint>): Promise<void> {
    await this.replace(withChange(this.all, id, change));
  }

  async remove(id: string): Promise<void> {
    await this.replace(this.all.filter((one) => one.id !== id));
  }

  async clear(): Promise<void> {
    await this.replace([]);
  }

  private async replace(all: readonly KeptBreakpoint[]): Promise<void> {
    const before = this.all;
    await this.memento.update(key, all);
    try {
      if (this.tracker.session) await this.tracker.ask('pagewalk/setMmuBreakpoints', { breakpoints: armed(all) });
    } catch (error) {
      // A condition that cannot be read, say: what held before holds on.
      await this.memento.update(key, before);
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
    this.changed.fire();
  }
}
