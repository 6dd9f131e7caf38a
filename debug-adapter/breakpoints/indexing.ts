// The index of names is made while nobody asks for anything, a little at a time, and function breakpoints get the places
// that were not found before it (ADR 15).

import type { SessionContext } from '../session-context.ts';

/** Bytes of debug information that take some milliseconds. */
const SLICE = 1 << 20;

/** The answers to what a client asks at a stop go first: milliseconds. */
const QUIET = 100;

export class Indexing {
  readonly #session: SessionContext;
  #going = false;
  #ended = false;

  constructor(session: SessionContext) {
    this.#session = session;
  }

  /** Goes on with it while the machine stands. */
  async whileIdle(): Promise<void> {
    const { host, launcher } = this.#session;
    if (this.#going || launcher.noDebug) return;
    this.#going = true;
    if (!this.#isOver) await host.sleep(QUIET);
    while (!this.#isOver) {
      this.#session.symbols.index(SLICE);
      await host.breathe();
    }
    this.#going = false;
    if (!this.#ended && !this.#session.running) this.#settle();
  }

  /** Completes it, if a breakpoint needs it: nothing may run past a place that is not found yet. */
  async complete(isWanted: () => boolean): Promise<void> {
    const { breakpoints, host, launcher, symbols } = this.#session;
    while (!launcher.noDebug && breakpoints.seeking && isWanted()) {
      if (symbols.index(SLICE)) this.#settle();
      else await host.breathe();
    }
  }

  end(): void {
    this.#ended = true;
  }

  get #isOver(): boolean {
    const { launcher, running } = this.#session;
    return this.#ended || running || !launcher.loaded || launcher.loaded.symbols.indexed;
  }

  #settle(): void {
    const { breakpoints, launcher, machine, send, symbols } = this.#session;
    const seeking = breakpoints.all.filter((point) => point.seeking);
    if (seeking.length === 0 || !symbols.indexed) return;
    const changed = breakpoints.rebind(symbols, seeking);
    if (!launcher.noDebug) breakpoints.install(machine);
    for (const point of changed) send('breakpoint', { reason: 'changed', breakpoint: point.toDap() });
  }
}
