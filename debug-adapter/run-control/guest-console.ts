// What the guest prints: to our own client's terminal as bytes, to any other as DAP output.

import type { MachineControl } from '../../emulator/control.ts';
import { toBase64 } from '../memory/base64.ts';
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
    const printed = joined(this.#pending);
    this.#pending = [];
    this.#session.send('pagewalk/console', { data: toBase64(printed) });
    if (this.#session.launcher.terminal) return;
    const text = this.#decoder.decode(printed, { stream: true });
    if (text) this.#session.send('output', { category: 'stdout', output: text });
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
