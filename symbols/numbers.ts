// A growing list of unsigned numbers of up to 32 bits, of which a program may hold millions.

export class Numbers {
  #values = new Uint32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Uint32Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  /** 0 behind the end. */
  at(index: number): number {
    return this.#values[index] ?? 0;
  }

  /** The values so far; pushing may leave it behind. */
  get values(): Uint32Array {
    return this.#values.subarray(0, this.#length);
  }
}
