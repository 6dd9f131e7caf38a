// What the guest prints, on standard output: gathered while a slice runs, written behind it.

import type { MachineControl } from '../emulator/control.ts';

export class Output {
  #bytes: number[] = [];

  constructor(machine: MachineControl) {
    machine.onConsole((bytes) => {
      this.#bytes.push(...bytes);
      return undefined;
    });
  }

  flush(): void {
    if (this.#bytes.length === 0) return;
    process.stdout.write(Uint8Array.from(this.#bytes));
    this.#bytes = [];
  }
}
