// The one place that knows which Pagewalk session is looked at, whether it is stopped, and the number of its state.

import * as vscode from 'vscode';
import type {
  ArgumentsOf,
  BodyOf,
  CustomEvents,
  CustomRequest,
  EventRow,
} from '../../debug-adapter/protocol/requests.ts';
import { debugType } from '../manifest.ts';

/** What is known of one session. */
interface SessionState {
  stopped: boolean;
  /** Number of the state that the adapter announced last; answers with a lower one are stale. */
  stop: number;
}

/** An answer that belongs to a state that is over; whoever asked asks again when the new state is announced. */
export class StaleAnswer extends Error {
  override readonly name = 'StaleAnswer';
}

export class SessionTracker implements vscode.DebugAdapterTrackerFactory {
  private readonly sessions = new Map<string, { session: vscode.DebugSession; state: SessionState }>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly began = new vscode.EventEmitter<void>();
  private readonly mmuEvent = new vscode.EventEmitter<EventRow>();
  private readonly console = new vscode.EventEmitter<{ session: vscode.DebugSession; data: Uint8Array }>();
  private readonly subscriptions: vscode.Disposable[];
  private announcement: NodeJS.Timeout | undefined;
  private lastHart = 0;

  /** The active session, its state or the frame looked at is another than before. */
  readonly onDidChange = this.changed.event;
  /** A kernel begins to run from reset: a session starts, or restarts. */
  readonly onDidBegin = this.began.event;
  /** An MMU event of the active session, while it runs. */
  readonly onDidMmuEvent = this.mmuEvent.event;
  /** Bytes that a guest printed. */
  readonly onDidPrint = this.console.event;

  constructor() {
    this.subscriptions = [
      this.changed,
      this.began,
      this.mmuEvent,
      this.console,
      vscode.debug.registerDebugAdapterTrackerFactory(debugType, this),
      vscode.debug.onDidChangeActiveDebugSession(() => this.announce()),
      vscode.debug.onDidChangeActiveStackItem(() => {
        const { hart } = this;
        if (hart !== this.lastHart) this.announce();
        this.lastHart = hart;
      }),
      vscode.debug.onDidReceiveDebugSessionCustomEvent((event) => this.receive(event)),
      vscode.debug.onDidTerminateDebugSession(({ id }) => this.forget(id)),
    ];
  }

  /** The Pagewalk session that the views show: the active one, else the one that started last. */
  get session(): vscode.DebugSession | undefined {
    const active = vscode.debug.activeDebugSession;
    if (active?.type === debugType) return active;
    return [...this.sessions.values()].at(-1)?.session;
  }

  /** Whether the active session can be asked about its state now. */
  get stopped(): boolean {
    return this.state?.stopped ?? false;
  }

  /** Number of the active session's state; 0 before the first stop and without a session. */
  get stop(): number {
    return this.state?.stop ?? 0;
  }

  /** DAP thread looked at, of the active session. */
  get threadId(): number | undefined {
    const item = vscode.debug.activeStackItem;
    return item && item.session.id === this.session?.id ? item.threadId : undefined;
  }

  /** Hart looked at; the adapter numbers its threads from 1, hart 0 first. */
  get hart(): number {
    return (this.threadId ?? 1) - 1;
  }

  /** DAP frame looked at, of the active session. */
  get frameId(): number | undefined {
    const item = vscode.debug.activeStackItem;
    return item && 'frameId' in item && item.session.id === this.session?.id ? item.frameId : undefined;
  }

  /** Sends one of Pagewalk's own requests to the active session. @throws StaleAnswer for an answer about a state, or from a
   * session, that is over. */
  async ask<R extends CustomRequest>(request: R, args: ArgumentsOf<R>): Promise<BodyOf<R>> {
    const session = this.session;
    if (!session) throw new Error('No kernel is being debugged. Start one first.');
    const body: BodyOf<R> = await this.answer(session, request, args);
    if ('stop' in body && body.stop < this.stop) throw new StaleAnswer(`answer of state ${body.stop}`);
    return body;
  }

  private async answer(session: vscode.DebugSession, request: string, args: object) {
    try {
      return await session.customRequest(request, args);
    } catch (error) {
      // The editor cancels what is still asked of a session that ends.
      throw this.sessions.has(session.id) ? error : new StaleAnswer('the session is over');
    }
  }

  createDebugAdapterTracker(session: vscode.DebugSession): vscode.DebugAdapterTracker {
    const state: SessionState = { stopped: false, stop: 0 };
    this.sessions.set(session.id, { session, state });
    const set = (stopped: boolean) => {
      state.stopped = stopped;
      this.announce();
    };
    return {
      // A session that fails to launch never starts, so its end is not announced either.
      onWillStopSession: () => this.forget(session.id),
      onExit: () => this.forget(session.id),
      onWillReceiveMessage: ({ command }: { command?: string }) => {
        if (command && resumes.has(command)) set(false);
        if (command === 'launch' || command === 'restart') this.began.fire();
      },
      onDidSendMessage: ({ event, command, success }: { event?: string; command?: string; success?: boolean }) => {
        if (event === 'stopped') set(true);
        else if (event === 'continued') set(false);
        else if (success === false && command && resumes.has(command)) set(true);
      },
    };
  }

  dispose(): void {
    clearTimeout(this.announcement);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private get state(): SessionState | undefined {
    return this.sessions.get(this.session?.id ?? '')?.state;
  }

  /** One stop comes as several messages: those who listen hear of them once. */
  private announce(): void {
    this.announcement ??= setTimeout(() => {
      this.announcement = undefined;
      this.changed.fire();
    }, 10);
  }

  private forget(id: string): void {
    if (this.sessions.delete(id)) this.announce();
  }

  private receive({ session, event, body }: vscode.DebugSessionCustomEvent): void {
    if (session.type !== debugType) return;
    const name = event as keyof CustomEvents;
    if (name === 'pagewalk/changed') {
      const entry = this.sessions.get(session.id);
      if (entry) entry.state.stop = (body as CustomEvents['pagewalk/changed']).stop;
      this.announce();
    } else if (name === 'pagewalk/event') {
      if (session.id === this.session?.id) this.mmuEvent.fire(body as EventRow);
    } else if (name === 'pagewalk/console') {
      const { data } = body as CustomEvents['pagewalk/console'];
      this.console.fire({ session, data: Buffer.from(data, 'base64') });
    }
  }
}

/** Requests after which the guest runs, with no event that says so, unless they are refused. */
const resumes = new Set(['continue', 'next', 'stepIn', 'stepOut', 'restart']);
