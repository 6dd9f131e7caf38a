// A chain of buffers that the driver made available: first those that the device reads, then those that it writes.

import { type PhysAddr, plus } from '../../address.ts';
import type { Dma } from '../dma.ts';

export interface Span {
  readonly address: PhysAddr;
  readonly length: number;
}

/** Bytes that are moved at once. */
const mostOfPiece = 1 << 20;

/** Reads and writes go on where the last one ended, across buffers: drivers may cut a request as they like. */
export class Chain {
  /** Index of the first descriptor; what the used ring names. */
  readonly head: number;
  /** Bytes written so far. */
  written = 0;
  private readonly dma: Dma;
  private readonly sources: Span[];
  private readonly targets: Span[];

  constructor(head: number, dma: Dma, sources: readonly Span[], targets: readonly Span[]) {
    this.head = head;
    this.dma = dma;
    this.sources = [...sources];
    this.targets = [...targets];
  }

  /** Bytes left to read. */
  get readable(): number {
    return total(this.sources);
  }

  /** Bytes left to write. */
  get writable(): number {
    return total(this.targets);
  }

  /** The next bytes, at most `length`. */
  read(length: number): Uint8Array {
    const out = new Uint8Array(Math.min(length, this.readable));
    for (let at = 0; at < out.length; ) {
      const { address, length: wanted } = next(this.sources, out.length - at);
      out.set(this.dma.read(address, wanted), at);
      at += wanted;
    }
    return out;
  }

  /** The next bytes, at most `length`, in pieces: a driver may name one page often. */
  *pieces(length = this.readable): Generator<Uint8Array> {
    for (let left = length; left > 0; ) {
      const piece = this.read(Math.min(left, mostOfPiece));
      if (piece.length === 0) return;
      left -= piece.length;
      yield piece;
    }
  }

  /** Writes `length` bytes, which `bytesAt` gives by how far they are from the first and how many they are. */
  fill(length: number, bytesAt: (offset: number, count: number) => Uint8Array): void {
    for (let at = 0; at < length; at += mostOfPiece) this.write(bytesAt(at, Math.min(length - at, mostOfPiece)));
  }

  /** Writes the bytes, as far as there is room. */
  write(bytes: Uint8Array): void {
    const end = Math.min(bytes.length, this.writable);
    for (let at = 0; at < end; ) {
      const { address, length } = next(this.targets, end - at);
      this.dma.write(address, bytes.subarray(at, at + length));
      at += length;
    }
    this.written += end;
  }
}

function total(spans: readonly Span[]): number {
  return spans.reduce((sum, { length }) => sum + length, 0);
}

/** Takes at most `length` bytes off the front. */
function next(spans: Span[], length: number): Span {
  const first = spans[0] as Span;
  if (first.length <= length) {
    spans.shift();
    return first;
  }
  spans[0] = { address: plus(first.address, length), length: first.length - length };
  return { address: first.address, length };
}
