// How far a long run is, on a terminal: one line on standard error that goes away again.

export class Progress {
  readonly #shown = process.stderr.isTTY === true;
  readonly #start = performance.now();
  #last = performance.now();
  #written = false;

  /** `instructions`: retired so far. */
  show(instructions: number): void {
    const now = performance.now();
    if (!this.#shown || now - this.#last < 250) return;
    this.#last = now;
    this.#written = true;
    const speed = instructions / 1000 / (now - this.#start);
    process.stderr.write(`\r${(instructions / 1e6).toFixed(0)} M instructions, ${speed.toFixed(0)} M/s\x1b[K`);
  }

  /** Takes the line away, for other output or for good. */
  clear(): void {
    if (this.#written) process.stderr.write('\r\x1b[K');
    this.#written = false;
  }
}
