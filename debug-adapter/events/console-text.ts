// Looks for texts in what the guest prints, also where a text comes in pieces.

export class ConsoleText {
  readonly text: string;
  readonly #wanted: Uint8Array;
  /** How many bytes of the wanted text the output ends with. */
  #matched = 0;
  #found = false;

  constructor(wanted: string) {
    this.text = wanted;
    this.#wanted = new TextEncoder().encode(wanted);
  }

  get found(): boolean {
    return this.#found;
  }

  /** Looks for it once more, behind where it was found. */
  restart(): void {
    this.#matched = 0;
    this.#found = false;
  }

  /** Takes further output; returns whether the text has been seen by now. */
  take(bytes: Uint8Array): boolean {
    for (const byte of bytes) {
      if (this.#found) return true;
      while (this.#matched > 0 && this.#wanted[this.#matched] !== byte) this.#matched = this.#border(this.#matched);
      if (this.#wanted[this.#matched] === byte) this.#matched += 1;
      this.#found = this.#matched === this.#wanted.length;
    }
    return this.#found;
  }

  /** The longest proper prefix of the first `length` bytes that is their suffix too. */
  #border(length: number): number {
    for (let size = length - 1; size > 0; size -= 1) {
      const start = length - size;
      if (this.#wanted.subarray(0, size).every((byte, index) => byte === this.#wanted[start + index])) return size;
    }
    return 0;
  }
}
