// Tells the client of new rows in the log of MMU events. A guest may switch address spaces a hundred thousand times a second:
// clients are told of the first rows one by one, then of the newest alone, and ask for the others.

import type { EventRow } from '../protocol/requests.ts';

/** Rows that are told one by one between two breaths. */
const AT_ONCE = 50;

export class RowNews {
  readonly #send: (row: EventRow) => void;
  #told = 0;
  #newest: EventRow | (() => EventRow) | undefined;

  constructor(send: (row: EventRow) => void) {
    this.#send = send;
  }

  /** A function makes the row if it is told. */
  add(row: EventRow | (() => EventRow)): void {
    this.#newest = row;
    if (this.#told >= AT_ONCE) return;
    this.#told += 1;
    this.#tell();
  }

  /** The adapter takes a breath, or the guest stops: nothing is left untold. */
  flush(): void {
    this.#told = 0;
    this.#tell();
  }

  #tell(): void {
    const newest = this.#newest;
    this.#newest = undefined;
    if (newest) this.#send(typeof newest === 'function' ? newest() : newest);
  }
}
