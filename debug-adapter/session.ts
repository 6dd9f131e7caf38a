// A debug session: requests in, answers and events out. What each request does stands in requests/, variables/,
// expressions/ and memory/; here is only who does what, and what all of them share.

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { HartView } from '../emulator/inspection.ts';
import { UserError } from '../emulator/user-error.ts';
import { Breakpoints } from './breakpoints/breakpoints.ts';
import { ExceptionFilters } from './breakpoints/exception-filters.ts';
import { Indexing } from './breakpoints/indexing.ts';
import type { Host } from './host.ts';
import { Launcher } from './launch/launcher.ts';
import { nearest } from './launch/nearest.ts';
import { requests } from './requests/index.ts';
import { frameOf } from './requests/stack-trace.ts';
import { RunControl } from './run-control/run-control.ts';
import { Watch } from './run-control/watch.ts';
import type { Call, Frame, SendEvent, SessionContext } from './session-context.ts';
import { Listings } from './sources/listings.ts';
import type { Symbols } from './symbols.ts';
import type { Target } from './targets/target.ts';

/** Sends a message; `seq` is already in it. */
export type Send = (message: DebugProtocol.ProtocolMessage) => void;

export class Session implements SessionContext {
  readonly host: Host;
  client: Partial<DebugProtocol.InitializeRequestArguments> = {};
  readonly launcher: Launcher;
  readonly breakpoints: Breakpoints;
  readonly filters: ExceptionFilters;
  readonly indexing: Indexing;
  readonly runControl: RunControl;
  readonly watch: Watch;
  readonly listings: Listings;
  stop = 0;
  readonly #write: Send;
  readonly #close: () => void;
  readonly #calls = new Map<number, AbortController>();
  #seq = 0;

  /** `close` is called when the client has taken its leave. */
  constructor(host: Host, write: Send, close: () => void) {
    this.host = host;
    this.#write = write;
    this.#close = close;
    let lastId = 0;
    const nextId = () => {
      lastId += 1;
      return lastId;
    };
    this.launcher = new Launcher(this);
    this.breakpoints = new Breakpoints(nextId);
    this.filters = new ExceptionFilters(nextId);
    this.indexing = new Indexing(this);
    this.watch = new Watch(this);
    this.listings = new Listings(this);
    this.runControl = new RunControl(this, () => this.#nextStop());
  }

  get target(): Target {
    return this.#loaded.target;
  }

  get machine() {
    return this.#loaded.target.machine;
  }

  get symbols(): Symbols {
    return this.#loaded.symbols;
  }

  get running(): boolean {
    return this.runControl.running;
  }

  readonly send: SendEvent = (event, body) => {
    this.#send({ type: 'event', event, ...(body !== undefined && { body }) });
  };

  output(
    text: string,
    category: 'console' | 'important' | 'stdout' | 'stderr' = 'console',
    place: { readonly source?: DebugProtocol.Source; readonly line?: number } = {},
  ): void {
    // In the order in which things happened.
    this.runControl.console.flush();
    this.send('output', { category, output: text.endsWith('\n') ? text : `${text}\n`, ...place });
  }

  frame(id?: number): Frame {
    return frameOf(this, id);
  }

  hart(frameId?: number): HartView {
    const { hart } = this.frame(frameId);
    return this.machine.harts.find(({ id }) => id === hart) as HartView;
  }

  edited(): void {
    this.watch.edited();
    this.#nextStop();
    if (this.client.supportsInvalidatedEvent) this.send('invalidated', { areas: ['all'] });
    this.send('pagewalk/changed', { stop: this.stop });
  }

  /** Aborts the request with this number, or the one that shows this progress. */
  cancel(requestId: number): void {
    this.#calls.get(requestId)?.abort();
  }

  /** The client is gone, or has taken its leave: nothing runs any more. */
  async end(): Promise<void> {
    this.indexing.end();
    await this.runControl.halt();
    this.#close();
  }

  /** Serves one packet. */
  async receive(message: Readonly<Record<string, unknown>>): Promise<void> {
    if (message.type !== 'request' || typeof message.command !== 'string' || typeof message.seq !== 'number') {
      if (message.type !== 'response') this.host.log(`not a DAP request: ${JSON.stringify(message).slice(0, 200)}`);
      return;
    }
    const { command, seq } = message;
    const abort = new AbortController();
    this.#calls.set(seq, abort);
    try {
      const body = await this.#serve(command, message.arguments, { seq, signal: abort.signal });
      this.#respond(seq, command, { success: true, ...(body !== undefined && { body }) });
    } catch (error) {
      this.#respond(seq, command, { success: false, ...this.#failure(command, error) });
      return;
    } finally {
      this.#calls.delete(seq);
    }
    afterwards[command]?.(this);
  }

  /** Tells of a packet that could not be read; the session goes on. */
  problem(text: string): void {
    this.host.log(`malformed packet: ${text}`);
  }

  async #serve(command: string, args: unknown, call: Call): Promise<unknown> {
    const row = Object.hasOwn(requests, command) ? requests[command] : undefined;
    if (!row) {
      const close = nearest(command, Object.keys(requests));
      throw new UserError(`The request "${command}" is not served${close ? `; did you mean "${close}"?` : '.'}`);
    }
    if (args !== undefined && (typeof args !== 'object' || args === null)) {
      throw new UserError(`The arguments of "${command}" are not an object.`);
    }
    return await row.serve(this, (args ?? {}) as never, call);
  }

  #failure(command: string, error: unknown): Pick<DebugProtocol.ErrorResponse, 'message' | 'body'> {
    const showUser = !showsItself(command);
    if (error instanceof UserError) {
      return { message: error.message, body: { error: { id: 1, format: escaped(error.message), showUser } } };
    }
    this.host.log(`${command}: ${(error as Error).stack ?? error}`);
    const text = `Pagewalk failed in "${command}": ${(error as Error).message}. The adapter's log says more.`;
    return { message: text, body: { error: { id: 2, format: escaped(text), showUser: true } } };
  }

  get #loaded() {
    const { loaded } = this.launcher;
    if (!loaded) throw new UserError('No kernel is loaded yet: launch one first.');
    return loaded;
  }

  #nextStop(): void {
    this.stop += 1;
  }

  #respond(
    seq: number,
    command: string,
    rest: Pick<DebugProtocol.Response, 'success'> & Partial<DebugProtocol.Response>,
  ) {
    this.#send({ type: 'response', request_seq: seq, command, ...rest });
  }

  #send(message: object): void {
    this.#seq += 1;
    this.#write({ seq: this.#seq, ...message } as DebugProtocol.ProtocolMessage);
  }
}

/** What follows an answer. */
const afterwards: Readonly<Record<string, (session: Session) => void>> = {
  initialize: (session) => session.send('initialized', undefined),
  launch: (session) => session.launcher.begin(),
  configurationDone: (session) => session.launcher.begin(),
  restart: (session) => session.launcher.begin(),
  disconnect: (session) => void session.end(),
};

/** Braces in a DAP format string stand for variables. */
function escaped(text: string): string {
  return text.replace(/[{}]/g, (brace) => (brace === '{' ? '(' : ')'));
}

/** Whether a client shows by itself that a request has failed: in the console, in the watch, or by no hover at all; and who
 * sends one of our own requests says himself what has become of it. */
function showsItself(command: string): boolean {
  return command.startsWith('pagewalk/') || ['evaluate', 'completions', 'exceptionInfo'].includes(command);
}
