// Progress of a long request, for clients that show it; cancellable between its parts.

import { UserError } from '../../emulator/user-error.ts';
import type { Call, SessionContext } from '../session-context.ts';

/** Milliseconds after which a request counts as long. */
const PATIENCE = 300;

export class Progress {
  readonly #session: SessionContext;
  readonly #call: Call;
  readonly #title: string;
  readonly #id: string;
  readonly #since = performance.now();
  #shown = false;

  constructor(session: SessionContext, call: Call, title: string) {
    this.#session = session;
    this.#call = call;
    this.#title = title;
    this.#id = `request-${call.seq}`;
  }

  /** Says what comes next. Requests that have arrived meanwhile are heard: a cancelled call ends here. */
  async report(message: string): Promise<void> {
    await this.#session.host.breathe();
    if (this.#call.signal.aborted) throw new UserError(`${this.#title} was cancelled.`);
    if (!this.#session.client.supportsProgressReporting) return;
    const progressId = this.#id;
    if (this.#shown) {
      this.#session.send('progressUpdate', { progressId, message });
    } else if (performance.now() - this.#since > PATIENCE) {
      this.#shown = true;
      const requestId = this.#call.seq;
      this.#session.send('progressStart', { progressId, requestId, title: this.#title, cancellable: true, message });
    }
  }

  end(): void {
    if (this.#shown) this.#session.send('progressEnd', { progressId: this.#id });
  }
}
