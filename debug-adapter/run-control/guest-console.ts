// What the guest prints: to our own client's terminal as bytes, to any other as DAP output.

import type { MachineControl } from '../../emulator/control.ts';
import type { SessionContext } from '../session-context.ts';

export class GuestConsole {
  readonly #session: SessionContext;
  #decoder = new TextDecoder();
  #pending: Uint8Array[] = [];
  #detach: (() => void) | undefined;

  constructor(session: SessionContext) {
    this.#session = session;
  }

  attach(machine: MachineControl): void {
    this.#detach?.();
    this.#detach = machine.onConsole((bytes) => {
      this.#pending.push(bytes.slice());
    });
    this.#decoder = new TextDecoder();
    this.#pending = [];
  }

  /** Sends what has been printed since the last call. */
  flush(): void {
    if (this.#pending.length === 0) return;
    const printed = this.#pending;
    this.#pending = [];
    const binary = printed.map((bytes) => String.fromCharCode(...bytes)).join('');
    this.#session.send('pagewalk/console', { data: btoa(binary) });
    if (this.#session.launcher.terminal) return;
    const text = printed.map((bytes) => this.#decoder.decode(bytes, { stream: true })).join('');
    if (text) this.#session.send('output', { category: 'stdout', output: text });
  }
}
