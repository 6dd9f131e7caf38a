// What a block device is made of: a file, with the guest's writes beside it, in it, or refused.

import type { ByteSource } from '../loader/byte-source.ts';
import { UserError } from '../user-error.ts';

export const sectorBytes = 512;
const blockBytes = 4096;

/** A file that can be written. */
export interface WritableSource extends ByteSource {
  /** Throws where the file cannot be written. */
  write(offset: number, bytes: Uint8Array): void;
  /** What was written is safe when this returns. */
  flush(): void;
}

/** A disk's file and what happens to writes: `cow` keeps them in memory, `ro` refuses them, `rw` changes the file. */
export type DiskImage =
  | { readonly mode: 'cow' | 'ro'; readonly source: ByteSource }
  | { readonly mode: 'rw'; readonly source: WritableSource };

const zeros: Uint8Array = new Uint8Array(blockBytes);
/** Zeros that are written to a file at once. */
const manyZeros: Uint8Array = new Uint8Array(1 << 20);

/** Offsets and lengths are in bytes; what is asked for must lie within `size`. */
export class Disk {
  /** A multiple of the sector: a file's broken last sector is filled up with zeros. */
  readonly size: number;
  readonly readOnly: boolean;
  private readonly image: DiskImage;
  private readonly note: (bytes: Uint8Array) => void;
  /** Blocks that differ from the file; replaced as a whole, never changed, so that snapshots share them. */
  private blocks = new Map<number, Uint8Array>();

  /** `note` is told what reads give where others may change the file. */
  constructor(image: DiskImage, note: (bytes: Uint8Array) => void) {
    const { name, size } = image.source;
    if (size === 0) throw new UserError(`${name} is empty: a disk needs at least one sector of ${sectorBytes} bytes`);
    this.size = Math.ceil(size / sectorBytes) * sectorBytes;
    this.readOnly = image.mode === 'ro';
    this.image = image;
    this.note = note;
  }

  read(offset: number, length: number): Uint8Array {
    const out = new Uint8Array(length);
    if (this.image.mode === 'rw') {
      out.set(this.image.source.read(offset, length));
      this.note(out);
      return out;
    }
    out.set(this.image.source.read(offset, length));
    if (this.blocks.size === 0) return out;
    for (const { block, from, at, count } of pieces(offset, length)) {
      const changed = this.blocks.get(block);
      if (changed) out.set(changed.subarray(from, from + count), at);
    }
    return out;
  }

  /** Throws where the file cannot be written. */
  write(offset: number, bytes: Uint8Array): void {
    if (this.image.mode === 'rw') {
      this.image.source.write(offset, bytes);
      return;
    }
    for (const { block, from, at, count } of pieces(offset, bytes.length)) {
      const fresh = this.block(block).slice();
      fresh.set(bytes.subarray(at, at + count), from);
      this.blocks.set(block, fresh);
    }
  }

  /** Writes zeros. Throws where the file cannot be written. */
  clear(offset: number, length: number): void {
    if (this.image.mode === 'rw') {
      for (let at = 0; at < length; at += manyZeros.length)
        this.image.source.write(offset + at, manyZeros.subarray(0, Math.min(length - at, manyZeros.length)));
      return;
    }
    for (const { block, from, count } of pieces(offset, length)) {
      if (count === blockBytes) this.blocks.set(block, zeros);
      else this.write(block * blockBytes + from, zeros.subarray(0, count));
    }
  }

  flush(): void {
    if (this.image.mode === 'rw') this.image.source.flush();
  }

  /** Forgets what was written beside the file; what was written to it stays. */
  reset(): void {
    this.blocks.clear();
  }

  save(): unknown {
    return new Map(this.blocks);
  }

  restore(state: unknown): void {
    this.blocks = new Map(state as Map<number, Uint8Array>);
  }

  private block(block: number): Uint8Array {
    const known = this.blocks.get(block);
    if (known) return known;
    const read = this.image.source.read(block * blockBytes, blockBytes);
    if (read.length === blockBytes) return read;
    const whole = new Uint8Array(blockBytes);
    whole.set(read);
    return whole;
  }
}

/** The blocks that a range touches: where in each it begins, where in the range that is, and for how many bytes. */
function* pieces(offset: number, length: number) {
  for (let at = 0; at < length; ) {
    const block = Math.floor((offset + at) / blockBytes);
    const from = (offset + at) % blockBytes;
    const count = Math.min(blockBytes - from, length - at);
    yield { block, from, at, count };
    at += count;
  }
}
