// The guest's console as a terminal tab: bytes out, raw keys in. A session that starts under the same name, or
// restarts, goes on in the same tab.

import * as vscode from 'vscode';
import type { SessionTracker } from '../debug/session.ts';
import { debugType } from '../manifest.ts';
import { forTerminal } from './text.ts';

/** Characters kept for tests and for a terminal that is not open yet. */
const kept = 64 * 1024;

class GuestConsole implements vscode.Pseudoterminal {
  private readonly write = new vscode.EventEmitter<string>();
  private readonly ended = new vscode.EventEmitter<void>();
  private readonly decoder = new TextDecoder();
  private waiting = '';
  private isOpen = false;
  readonly onDidWrite = this.write.event;
  readonly onDidClose = this.ended.event;
  readonly terminal: vscode.Terminal;
  session: vscode.DebugSession | undefined;
  /** The end of what was printed. */
  text = '';

  constructor(name: string) {
    this.terminal = vscode.window.createTerminal({ name, pty: this, iconPath: new vscode.ThemeIcon('vm-running') });
  }

  open(): void {
    this.isOpen = true;
    this.write.fire(this.waiting);
    this.waiting = '';
  }

  close(): void {
    this.isOpen = false;
  }

  handleInput(keys: string): void {
    const data = Buffer.from(keys, 'utf8').toString('base64');
    void this.session?.customRequest('pagewalk/console/write', { data }).then(undefined, () => undefined);
  }

  print(data: Uint8Array): void {
    const text = this.decoder.decode(data, { stream: true });
    this.text = (this.text + text).slice(-kept);
    this.send(forTerminal(text));
  }

  /** A line of ours, dim, between what the guest prints. */
  note(text: string): void {
    this.send(`\r\n\x1b[2m${text}\x1b[0m\r\n`);
  }

  private send(text: string): void {
    if (this.isOpen) this.write.fire(text);
    else this.waiting = (this.waiting + text).slice(-kept);
  }
}

export class GuestConsoles implements vscode.Disposable {
  private readonly consoles = new Map<string, GuestConsole>();
  private readonly subscriptions: vscode.Disposable[];
  private last: GuestConsole | undefined;

  constructor(tracker: SessionTracker) {
    this.subscriptions = [
      vscode.debug.onDidStartDebugSession((session) => {
        if (session.type === debugType) this.attach(session);
      }),
      vscode.debug.onDidTerminateDebugSession((session) => this.detach(session)),
      tracker.onDidPrint(({ session, data }) => this.attach(session).print(data)),
      vscode.window.onDidCloseTerminal((terminal) => {
        for (const [name, console] of this.consoles) if (console.terminal === terminal) this.consoles.delete(name);
      }),
    ];
  }

  /** The console of the session that started last. */
  get current(): GuestConsole | undefined {
    return this.last;
  }

  show(): void {
    this.last?.terminal.show();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    for (const { terminal } of this.consoles.values()) terminal.dispose();
  }

  private attach(session: vscode.DebugSession): GuestConsole {
    const name = session.configuration.name;
    let console = this.consoles.get(name);
    if (console?.session === session) return console;
    if (console) {
      console.note('— started again —');
    } else {
      console = new GuestConsole(name);
      this.consoles.set(name, console);
      console.terminal.show(true);
    }
    console.session = session;
    this.last = console;
    return console;
  }

  private detach(session: vscode.DebugSession): void {
    const console = this.consoles.get(session.configuration.name);
    if (console?.session !== session) return;
    console.session = undefined;
    console.note('— the guest has ended —');
  }
}
