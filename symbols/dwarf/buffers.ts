// Memory that is used again: new memory costs far more than the bytes that are read into it.

/** Sizes are powers of two from the first to the second; what is larger is seldom met. */
const least = 1 << 12;
const most = 1 << 24;

export class Buffers {
  /** Free ones, by size. */
  readonly #free = new Map<number, Uint8Array[]>();

  /** So many bytes, of any value. */
  take(size: number): Uint8Array {
    const whole = this.#free.get(sizeFor(size))?.pop() ?? new Uint8Array(sizeFor(size));
    return whole.subarray(0, size);
  }

  /** Gives back what `take` gave: whoever still holds it will see other bytes in it. */
  give(bytes: Uint8Array): void {
    const whole = new Uint8Array(bytes.buffer);
    if (whole.length > most) return;
    const free = this.#free.get(whole.length);
    if (free) free.push(whole);
    else this.#free.set(whole.length, [whole]);
  }
}

function sizeFor(size: number): number {
  if (size <= least) return least;
  return size > most ? size : 2 ** Math.ceil(Math.log2(size));
}
