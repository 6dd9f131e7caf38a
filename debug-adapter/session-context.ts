// What a request handler sees of its session.

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { VirtAddr } from '../emulator/address.ts';
import type { MachineControl } from '../emulator/control.ts';
import type { HartView } from '../emulator/inspection.ts';
import type { Breakpoints } from './breakpoints/breakpoints.ts';
import type { ExceptionFilters } from './breakpoints/exception-filters.ts';
import type { Indexing } from './breakpoints/indexing.ts';
import type { Host } from './host.ts';
import type { Launcher } from './launch/launcher.ts';
import type { CustomEvents } from './protocol/requests.ts';
import type { RunControl } from './run-control/run-control.ts';
import type { Watch } from './run-control/watch.ts';
import type { Listings } from './sources/listings.ts';
import type { FunctionRow } from './stack/rows.ts';
import type { Symbols } from './symbols.ts';
import type { Target } from './targets/target.ts';

/** One frame of a hart's stack. */
export interface Frame {
  readonly hart: number;
  /** 0 = where the hart stands. */
  readonly level: number;
  readonly pc: VirtAddr;
  /** Stack pointer in this frame; undefined where the unwinder does not know it. */
  readonly sp: bigint | undefined;
  /** The function of the row: its machine frame (`row.frame`), and which of the functions inlined there it is (`row.scope`).
   * `debugFrame(row.frame, row.caller)` is what debug information locates variables by. */
  readonly row: FunctionRow;
}

/** Bodies of the events that the adapter sends: DAP's own and ours. */
export interface AdapterEvents extends CustomEvents {
  initialized: undefined;
  stopped: DebugProtocol.StoppedEvent['body'];
  continued: DebugProtocol.ContinuedEvent['body'];
  exited: DebugProtocol.ExitedEvent['body'];
  terminated: DebugProtocol.TerminatedEvent['body'];
  output: DebugProtocol.OutputEvent['body'];
  breakpoint: DebugProtocol.BreakpointEvent['body'];
  module: DebugProtocol.ModuleEvent['body'];
  loadedSource: DebugProtocol.LoadedSourceEvent['body'];
  process: DebugProtocol.ProcessEvent['body'];
  thread: DebugProtocol.ThreadEvent['body'];
  invalidated: DebugProtocol.InvalidatedEvent['body'];
  memory: DebugProtocol.MemoryEvent['body'];
  progressStart: DebugProtocol.ProgressStartEvent['body'];
  progressUpdate: DebugProtocol.ProgressUpdateEvent['body'];
  progressEnd: DebugProtocol.ProgressEndEvent['body'];
}

/** Sends an event to the client. */
export type SendEvent = <E extends keyof AdapterEvents>(event: E, body: AdapterEvents[E]) => void;

export interface SessionContext {
  readonly host: Host;
  /** What the client said of itself in `initialize`. */
  client: Partial<DebugProtocol.InitializeRequestArguments>;
  readonly launcher: Launcher;
  /** What is debugged; a UserError until a launch has loaded it. */
  readonly target: Target;
  /** The target's machine. */
  readonly machine: MachineControl;
  readonly symbols: Symbols;
  readonly breakpoints: Breakpoints;
  readonly filters: ExceptionFilters;
  readonly indexing: Indexing;
  readonly runControl: RunControl;
  readonly watch: Watch;
  /** What is shown in place of sources that are not here. */
  readonly listings: Listings;
  /** Numbers the states that views show: grows with each stop and each edit. */
  readonly stop: number;
  /** Whether the machine runs now. */
  readonly running: boolean;
  readonly send: SendEvent;
  /** A line for the Debug Console; `console` unless said otherwise. `place`: what it is about, for clients to lead there. */
  output(
    text: string,
    category?: 'console' | 'important' | 'stdout' | 'stderr',
    place?: { readonly source?: DebugProtocol.Source; readonly line?: number },
  ): void;
  /** Aborts the request with this number. */
  cancel(requestId: number): void;
  /** The frame with this id; without one, the top frame of the hart that stopped last. A UserError when there is none. */
  frame(id?: number): Frame;
  /** The hart of a frame id, as `frame`. */
  hart(frameId?: number): HartView;
  /** After an edit of the machine's state: a new stop number, and everyone who shows state is told. */
  edited(): void;
}

/** Serves one request. A thrown UserError becomes the error that the user sees. */
export type Handler = (session: SessionContext, args: never, call: Call) => unknown;

/** The request being served. */
export interface Call {
  readonly seq: number;
  /** Aborted by `cancel`. */
  readonly signal: AbortSignal;
}
