// Standard input as the guest's keyboard. On a terminal every key goes to the guest at once, and Ctrl-A X leaves; from a
// pipe the bytes wait until the guest can take them, so that none is lost while it boots.

import type { MachineControl } from '../emulator/control.ts';
import { retired } from './point.ts';

const CTRL_A = 1;
const DBCN = 0x4442434en;
const LEGACY_GETCHAR = 2n;
/** A bare-metal program that polls its console asks for nothing: it gets its input after so many instructions. */
const PATIENCE = 200_000;

export class Keyboard {
  /** Standard input is a terminal. */
  readonly interactive = process.stdin.isTTY === true;
  /** The user asked to leave. */
  left = false;
  readonly #machine: MachineControl;
  /** Read, and not yet given to the guest. */
  #waiting: Uint8Array[] = [];
  #escaped = false;
  #ended = false;
  #asked = false;
  /** Called when something comes in. */
  #wake: (() => void) | undefined;
  readonly #stopListening: () => void;

  constructor(machine: MachineControl) {
    this.#machine = machine;
    if (this.interactive) process.stdin.setRawMode(true);
    process.stdin.on('data', this.#take);
    process.stdin.on('end', this.#end);
    process.stdin.on('error', this.#end);
    this.#stopListening = machine.listen(
      (event) => {
        if (event.kind !== 'sbi-call') return false;
        this.#asked ||= event.extension === LEGACY_GETCHAR || (event.extension === DBCN && event.function === 1n);
        return false;
      },
      { kinds: ['sbi-call'] },
    );
  }

  /** Whether anything may still come. */
  get open(): boolean {
    return !this.#ended || this.#waiting.length > 0;
  }

  /** Gives the guest what it can take now; `idle` = every hart waits. */
  deliver(idle: boolean): void {
    if (this.#waiting.length === 0 || !(this.interactive || idle || this.#isReady())) return;
    for (const bytes of this.#waiting) this.#machine.type(bytes);
    this.#waiting = [];
  }

  /** Waits for input, at most so many milliseconds. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#wake = done;
    });
  }

  close(): void {
    this.#stopListening();
    if (this.interactive) process.stdin.setRawMode(false);
    process.stdin.off('data', this.#take).off('end', this.#end).off('error', this.#end);
    process.stdin.destroy();
  }

  #isReady(): boolean {
    const { machine, asked } = { machine: this.#machine, asked: this.#asked };
    return machine.consoleWanted || asked || (machine.harts[0]?.privilege === 3 && retired(machine) > PATIENCE);
  }

  readonly #take = (bytes: Uint8Array): void => {
    this.#waiting.push(this.interactive ? this.#withoutEscapes(bytes) : bytes);
    this.#wake?.();
  };

  readonly #end = (): void => {
    this.#ended = true;
    this.#wake?.();
  };

  /** Ctrl-A X leaves; Ctrl-A Ctrl-A is one Ctrl-A; behind Ctrl-A any other key is lost. */
  #withoutEscapes(bytes: Uint8Array): Uint8Array {
    const kept: number[] = [];
    for (const byte of bytes) {
      if (!this.#escaped && byte === CTRL_A) {
        this.#escaped = true;
        continue;
      }
      if (!this.#escaped || byte === CTRL_A) kept.push(byte);
      else if (byte === 0x78 || byte === 0x58) this.left = true;
      this.#escaped = false;
    }
    return Uint8Array.from(kept);
  }
}
