// The block device (virtio 1.2, "Block Device"): a disk, one queue, requests done at once and in order.

import { type Disk, sectorBytes } from '../disk.ts';
import type { Chain } from './chain.ts';
import { deviceType, type VirtioDevice } from './device.ts';
import { DriverError } from './driver-error.ts';
import type { Virtqueue } from './queue.ts';

const feature = {
  segMax: 1n << 2n,
  readOnly: 1n << 5n,
  flush: 1n << 9n,
  discard: 1n << 13n,
  zeroes: 1n << 14n,
} as const;
const request = { in: 0, out: 1, flush: 4, getId: 8, discard: 11, writeZeroes: 13 } as const;
/** Flag of a range that asks for nothing that zeros do not give; to discard it means nothing. */
const unmap = 1;
const status = { ok: 0, ioError: 1, unsupported: 2 } as const;
const headerBytes = 16;
const rangeBytes = 16;
/** Data buffers of one request: a queue's entries without header and status. */
const mostSegments = 254;
const mostRanges = 16;
const mostSectors = 0x3f_ffff;

export class VirtioBlock implements VirtioDevice {
  readonly name: string;
  readonly type = deviceType.block;
  readonly queues = 1;
  readonly features: bigint;
  readonly config: Uint8Array;
  private readonly index: number;
  private readonly disk: Disk;
  private readonly warn: (line: string) => void;

  constructor(index: number, disk: Disk, warn: (line: string) => void) {
    this.name = `disk ${index}`;
    this.index = index;
    this.disk = disk;
    this.warn = warn;
    this.features =
      feature.segMax | feature.flush | (disk.readOnly ? feature.readOnly : feature.discard | feature.zeroes);
    this.config = configuration(disk.size / sectorBytes);
  }

  serve(_index: number, queue: Virtqueue): void {
    for (let chain = queue.take(); chain; chain = queue.take()) {
      if (chain.readable < headerBytes || chain.writable < 1) {
        throw new DriverError('a block request lacks its 16-byte header or its status byte');
      }
      const answer = this.answer(chain);
      // The status is the last byte; what a failed request leaves unwritten before it reads as zeros.
      chain.fill(chain.writable - 1, (_, count) => new Uint8Array(count));
      chain.write(Uint8Array.of(answer));
      queue.give(chain);
    }
  }

  private answer(chain: Chain): number {
    const header = new DataView(chain.read(headerBytes).buffer);
    const offset = Number(header.getBigUint64(8, true)) * sectorBytes;
    switch (header.getUint32(0, true)) {
      case request.in: {
        const length = chain.writable - 1;
        if (!this.holds(offset, length)) return status.ioError;
        chain.fill(length, (at, count) => this.disk.read(offset + at, count));
        return status.ok;
      }
      case request.out: {
        const { readable } = chain;
        if (!this.holds(offset, readable)) return status.ioError;
        return this.change(() => {
          let at = offset;
          for (const piece of chain.pieces()) {
            this.disk.write(at, piece);
            at += piece.length;
          }
        });
      }
      case request.flush:
        return this.change(() => this.disk.flush());
      case request.getId:
        chain.write(asciiBytes(`disk${this.index}`).subarray(0, chain.writable - 1));
        return status.ok;
      case request.discard:
        return this.clear(chain, 0);
      case request.writeZeroes:
        return this.clear(chain, unmap);
      default:
        return status.unsupported;
    }
  }

  /** Discarded sectors read as zeros, so a guest that uses them sees it. `flags`: those that a range may have. */
  private clear(chain: Chain, flags: number): number {
    if (chain.readable % rangeBytes || chain.readable > mostRanges * rangeBytes) return status.unsupported;
    while (chain.readable > 0) {
      const range = new DataView(chain.read(rangeBytes).buffer);
      const offset = Number(range.getBigUint64(0, true)) * sectorBytes;
      const length = range.getUint32(8, true) * sectorBytes;
      if (range.getUint32(12, true) & ~flags) return status.unsupported;
      if (range.getUint32(8, true) > mostSectors) return status.ioError;
      if (!this.holds(offset, length)) return status.ioError;
      const answer = this.change(() => this.disk.clear(offset, length));
      if (answer !== status.ok) return answer;
    }
    return status.ok;
  }

  /** Whole sectors within the disk. */
  private holds(offset: number, length: number): boolean {
    return length % sectorBytes === 0 && offset + length <= this.disk.size;
  }

  private change(act: () => void): number {
    if (this.disk.readOnly) return status.ioError;
    try {
      act();
      return status.ok;
    } catch (error) {
      this.warn(`${this.name}: the file cannot be written: ${(error as Error).message}; the guest gets an I/O error.`);
      return status.ioError;
    }
  }

  reset(): void {
    this.disk.reset();
  }

  save(): unknown {
    return this.disk.save();
  }

  restore(state: unknown): void {
    this.disk.restore(state);
  }
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** struct virtio_blk_config. */
function configuration(sectors: number): Uint8Array {
  const config = new DataView(new ArrayBuffer(60));
  config.setBigUint64(0, BigInt(sectors), true);
  config.setUint32(12, mostSegments, true);
  for (const discardOrZeroes of [36, 48]) {
    config.setUint32(discardOrZeroes, mostSectors, true);
    config.setUint32(discardOrZeroes + 4, mostRanges, true);
  }
  config.setUint32(44, 1, true);
  config.setUint8(56, 1);
  return new Uint8Array(config.buffer);
}
