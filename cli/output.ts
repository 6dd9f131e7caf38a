// What the guest prints, on standard output: gathered while a slice runs, written behind it.

import type { MachineControl } from '../emulator/control.ts';

/** So much is not gathered: a guest may print without end in one slice. */
const MOST = 1 << 20;

export class Output {
  #bytes: number[] = [];

  constructor(machine: MachineControl) {
    machine.onConsole((bytes) => {
      for (const byte of bytes) this.#bytes.push(byte);
      if (this.#bytes.length >= MOST) this.flush();
      return undefined;
    });
  }

  flush(): void {
    if (this.#bytes.length === 0) return;
    process.stdout.write(Uint8Array.from(this.#bytes));
    this.#bytes = [];
  }
}
