// Where a file's bytes come from. The rooms that are pure read files only through this; the host opens them.

/** Bytes of a file by random access, so that a kernel of hundreds of megabytes is never held whole. */
export interface ByteSource {
  /** The file's name as the user knows it; errors name it. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** The bytes from `offset` on, at most `length`: fewer where the file ends. They must not be written to. */
  read(offset: number, length: number): Uint8Array;
  /** Fills `target` with the bytes from `offset` on, without a copy in between; how many there were. */
  readInto(offset: number, target: Uint8Array): number;
}

/** Bytes that are in memory already. What is read shares their memory. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read(offset, length) {
      const start = clamp(offset, 0, bytes.length);
      return bytes.subarray(start, clamp(start + length, start, bytes.length));
    },
    readInto(offset, target) {
      const found = this.read(offset, target.length);
      target.set(found);
      return found.length;
    },
  };
}

/** A part of another source, such as one section of an ELF; cut where that source ends. */
export function partOf(source: ByteSource, offset: number, size: number): ByteSource {
  const start = clamp(offset, 0, source.size);
  const length = clamp(size, 0, source.size - start);
  return {
    name: source.name,
    size: length,
    read(at, wanted) {
      const from = clamp(at, 0, length);
      return source.read(start + from, clamp(wanted, 0, length - from));
    },
    readInto(at, target) {
      const from = clamp(at, 0, length);
      return source.readInto(start + from, target.subarray(0, length - from));
    },
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
