// A split virtqueue, seen from the device (virtio 1.2, "Split Virtqueues"), with indirect descriptors and event indexes.

import { hex, type PhysAddr, phys, plus } from '../../address.ts';
import type { Dma } from '../dma.ts';
import { Chain, type Span } from './chain.ts';
import { DriverError } from './driver-error.ts';

export const largestQueue = 256;

const descriptorFlag = { next: 1, write: 2, indirect: 4 } as const;
const descriptorBytes = 16;
/** Descriptors of a chain in an indirect table, as on QEMU. */
const mostIndirect = 1024;
/** Bytes that a chain may name ("Descriptor Table"). */
const mostBytes = 2 ** 32;
/** avail.flags: the driver polls. */
const noInterrupt = 1;

interface Descriptor extends Span {
  readonly flags: number;
  readonly next: number;
}

export class Virtqueue {
  /** Entries, a power of two. */
  size: number = largestQueue;
  ready = false;
  /** Physical addresses of the descriptor table, the available ring (driver area) and the used ring (device area). */
  descriptors: PhysAddr = phys(0);
  driver: PhysAddr = phys(0);
  device: PhysAddr = phys(0);
  /** VIRTIO_F_EVENT_IDX was negotiated. */
  eventIndex = false;
  /** Entries of the available ring that were taken, and of the used ring that were filled (modulo 2^16). */
  private taken = 0;
  private given = 0;
  /** avail.idx as `look` found it. */
  private offered = 0;
  /** `given` when the driver was last asked whether it wants an interrupt. */
  private asked = 0;
  private readonly dma: Dma;

  constructor(dma: Dma) {
    this.dma = dma;
  }

  /** Goes into use as the driver laid it out. */
  enable(): void {
    const parts = [
      ['descriptor table', this.descriptors, descriptorBytes * this.size, 16],
      ['available ring', this.driver, 6 + 2 * this.size, 2],
      ['used ring', this.device, 6 + 8 * this.size, 4],
    ] as const;
    for (const [what, address, length, alignment] of parts) {
      if (address % BigInt(alignment)) throw new DriverError(`the ${what} at ${hex(address)} is not aligned`);
      if (!this.dma.holds(address, length)) throw new DriverError(`the ${what} at ${hex(address)} is not in RAM`);
    }
    this.taken = 0;
    this.given = 0;
    this.offered = 0;
    this.asked = 0;
    this.ready = true;
  }

  reset(): void {
    this.size = largestQueue;
    this.ready = false;
    this.descriptors = phys(0);
    this.driver = phys(0);
    this.device = phys(0);
    this.eventIndex = false;
  }

  /** Looks what the driver has made available. What the device writes while it serves that makes no more of it. */
  look(): void {
    const index = this.half(this.driver, 2);
    if (((index - this.taken) & 0xffff) > this.size) {
      throw new DriverError(`avail.idx is ${index}, more than the queue's ${this.size} entries ahead of ${this.taken}`);
    }
    this.offered = index;
  }

  /** The next chain that was there at the last look, if any. */
  take(): Chain | undefined {
    if (!this.ready || this.offered === this.taken) return undefined;
    const head = this.half(this.driver, 4 + 2 * (this.taken % this.size));
    this.taken = (this.taken + 1) & 0xffff;
    // avail_event: the driver is to notify when it adds the entry after those seen here.
    if (this.eventIndex) this.write(4 + 8 * this.size, this.taken, 2);
    return this.chainAt(head);
  }

  /** Puts the chain that was taken last back: it is the next once more. */
  putBack(): void {
    this.taken = (this.taken - 1) & 0xffff;
  }

  /** Hands a chain back through the used ring. */
  give(chain: Chain): void {
    const entry = 4 + 8 * (this.given % this.size);
    this.write(entry, chain.head, 4);
    this.write(entry + 4, chain.written, 4);
    this.given = (this.given + 1) & 0xffff;
    this.write(2, this.given, 2);
  }

  /** Whether chains were given back since the last call that the driver wants to be interrupted for. */
  takeInterrupt(): boolean {
    const added = (this.given - this.asked) & 0xffff;
    this.asked = this.given;
    if (added === 0) return false;
    if (!this.eventIndex) return (this.half(this.driver, 0) & noInterrupt) === 0;
    const usedEvent = this.half(this.driver, 4 + 2 * this.size);
    return ((this.given - usedEvent - 1) & 0xffff) < added;
  }

  save(): unknown {
    const { size, ready, descriptors, driver, device, eventIndex, taken, given, asked } = this;
    const addresses = [descriptors, driver, device].map(String);
    return { size, ready, addresses, eventIndex, taken, given, asked };
  }

  restore(state: unknown): void {
    const { addresses, ...rest } = state as { addresses: [string, string, string] };
    const [descriptors, driver, device] = addresses.map((address) => phys(BigInt(address)));
    Object.assign(this, rest, { descriptors, driver, device });
    this.offered = this.taken;
  }

  private chainAt(head: number): Chain {
    const sources: Span[] = [];
    const targets: Span[] = [];
    let [table, count, left, index, indirect] = [this.descriptors, this.size, this.size, head, false];
    let bytes = 0;
    for (;;) {
      if (index >= count) throw new DriverError(`descriptor ${index} is beyond the end of its table of ${count}`);
      if (left === 0) throw new DriverError(`the descriptor chain at ${head} is too long or goes round in a circle`);
      left -= 1;
      const { address, length, flags, next } = this.descriptor(table, index);
      if (!this.dma.holds(address, length)) {
        throw new DriverError(`descriptor ${index} names ${length} bytes at ${hex(address)}, which are not in RAM`);
      }
      if (flags & descriptorFlag.indirect) {
        if (indirect) throw new DriverError(`descriptor ${index} of an indirect table is itself indirect`);
        if (length === 0 || length % descriptorBytes || flags & descriptorFlag.next) {
          throw new DriverError(`descriptor ${index} is no valid indirect one (length ${length}, flags ${flags})`);
        }
        [table, count, left, index, indirect] = [address, length / descriptorBytes, mostIndirect, 0, true];
        continue;
      }
      bytes += length;
      if (bytes > mostBytes) throw new DriverError(`the descriptor chain at ${head} names more than 4 GiB`);
      if (flags & descriptorFlag.write) targets.push({ address, length });
      else if (targets.length === 0) sources.push({ address, length });
      else throw new DriverError(`descriptor ${index} is device-readable behind device-writable ones`);
      if (!(flags & descriptorFlag.next)) return new Chain(head, this.dma, sources, targets);
      index = next;
    }
  }

  private descriptor(table: PhysAddr, index: number): Descriptor {
    const bytes = this.dma.read(plus(table, index * descriptorBytes), descriptorBytes);
    const view = new DataView(bytes.buffer);
    return {
      address: phys(view.getBigUint64(0, true)),
      length: view.getUint32(8, true),
      flags: view.getUint16(12, true),
      next: view.getUint16(14, true),
    };
  }

  private half(area: PhysAddr, offset: number): number {
    const [low = 0, high = 0] = this.dma.read(plus(area, offset), 2);
    return low | (high << 8);
  }

  /** Writes to the used ring. */
  private write(offset: number, value: number, size: 2 | 4): void {
    const bytes = Uint8Array.from({ length: size }, (_, index) => value >>> (8 * index));
    this.dma.write(plus(this.device, offset), bytes);
  }
}
