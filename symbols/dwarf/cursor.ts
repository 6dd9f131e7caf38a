// Reading the encodings of DWARF from bytes that may lie.

import { stringAt } from '../../emulator/loader/index.ts';

/** The debug information cannot be read; `message` says why. Never leaves the symbols room. */
export class DwarfError extends Error {
  /** Where the damage is; see `within`. */
  section: string | undefined;
}

/** Runs `work`; damage that it meets is in that section, where nothing more exact is known. */
export function within<T>(section: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof DwarfError) error.section ??= section;
    throw error;
  }
}

/** A position in some bytes; reads behind their end throw a DwarfError. Little-endian. */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Where the next read begins. */
  at: number;
  /** 4 or 8 bytes an offset: the 32-bit or 64-bit DWARF format. Set by `unitLength`. */
  offsetSize: 4 | 8 = 4;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = at;
  }

  get atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  u8(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw outOfBytes();
    return value;
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  /** An unsigned LEB128; exact up to 2^53, and never above 2^70. */
  uleb(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale = scale < maxScale ? scale * 128 : 0;
    }
  }

  /** A signed LEB128; exact up to 2^53. */
  sleb(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale = scale < maxScale ? scale * 128 : scale;
      if (byte < 0x80) return (byte & 0x40) !== 0 ? value - scale : value;
    }
  }

  skipLeb(): void {
    while (this.u8() >= 0x80);
  }

  /** An unsigned LEB128 of any length. */
  uleb64(): bigint {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = this.u8();
      if (shift < 128n) value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) return value;
    }
  }

  /** A signed LEB128 of any length. */
  sleb64(): bigint {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = this.u8();
      if (shift < 128n) value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) return (byte & 0x40) !== 0 ? value - (1n << (shift < 133n ? shift : 133n)) : value;
    }
  }

  /** The next bytes, which share memory with the cursor's. */
  take(count: number): Uint8Array {
    const start = this.at;
    this.skip(count);
    return this.bytes.subarray(start, this.at);
  }

  /** An offset into a section, in the unit's format. */
  offset(): number {
    return this.offsetSize === 4 ? this.u32() : Number(this.u64());
  }

  /** An address of `size` bytes. */
  address(size: number): bigint {
    if (size === 4) return BigInt(this.u32());
    if (size === 8) return this.u64();
    throw new DwarfError(`address size ${size} is not supported`);
  }

  /** A unit's initial length, which also tells the format. */
  unitLength(): number {
    const length = this.u32();
    this.offsetSize = length === 0xffffffff ? 8 : 4;
    return this.offsetSize === 8 ? Number(this.u64()) : length;
  }

  /** A NUL-terminated string. */
  string(): string {
    const start = this.at;
    this.skipString();
    return stringAt(this.bytes, start);
  }

  skipString(): void {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) throw outOfBytes();
    this.at = end + 1;
  }

  skip(count: number): void {
    this.at += count;
    if (!(this.at <= this.bytes.length)) throw outOfBytes();
  }

  #take(count: number): number {
    const start = this.at;
    if (start + count > this.bytes.length) throw outOfBytes();
    this.at = start + count;
    return start;
  }
}

/** Above it the bytes of a LEB128 count no more. */
const maxScale = 2 ** 63;

function outOfBytes(): DwarfError {
  return new DwarfError('it ends in the middle of something');
}
