// Bytes of a module as they are written, and the numbers in them (LEB128).

/** Bytes being written, in a buffer that grows. */
export class Bytes {
  length = 0;
  private buffer = new Uint8Array(1024);

  push(byte: number, ...more: number[]): void {
    if (this.length === this.buffer.length) this.grow(1);
    this.buffer[this.length++] = byte;
    for (const another of more) this.push(another);
  }

  append(bytes: Bytes): void {
    this.grow(bytes.length);
    this.buffer.set(bytes.buffer.subarray(0, bytes.length), this.length);
    this.length += bytes.length;
  }

  /** A copy of what was written. */
  take(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length);
  }

  private grow(room: number): void {
    if (this.length + room <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.length + room));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}

export function unsignedLeb(value: number, out: Bytes): void {
  let rest = value >>> 0;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    out.push(rest ? byte | 0x80 : byte);
  } while (rest);
}

/** The same encoding as `signedLeb`, of 32 bits. */
export function signedLeb32(value: number, out: Bytes): void {
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && !(byte & 0x40)) || (rest === -1 && (byte & 0x40) !== 0);
    out.push(done ? byte : byte | 0x80);
    if (done) return;
  }
}

export function signedLeb(value: bigint, out: Bytes): void {
  let rest = value;
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && !(byte & 0x40)) || (rest === -1n && (byte & 0x40) !== 0);
    out.push(done ? byte : byte | 0x80);
    if (done) return;
  }
}
