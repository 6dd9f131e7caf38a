// A driver as the virtio specification wants it, for tests: it lays queues out in the test's RAM and talks to a slot.

import { type PhysAddr, phys, plus } from '../../emulator/address.ts';
import type { VirtioDevice } from '../../emulator/devices/virtio/device.ts';
import { VirtioMmio } from '../../emulator/devices/virtio/mmio.ts';
import { slotParts, TestDma } from './support.ts';

export const register = {
  magic: 0x00,
  version: 0x04,
  deviceId: 0x08,
  vendor: 0x0c,
  deviceFeatures: 0x10,
  deviceFeaturesSel: 0x14,
  driverFeatures: 0x20,
  driverFeaturesSel: 0x24,
  queueSel: 0x30,
  queueNumMax: 0x34,
  queueNum: 0x38,
  queueReady: 0x44,
  queueNotify: 0x50,
  interruptStatus: 0x60,
  interruptAck: 0x64,
  status: 0x70,
  queueDesc: 0x80,
  queueDriver: 0x90,
  queueDevice: 0xa0,
  shmLenLow: 0xb0,
  config: 0x100,
} as const;

export const feature = { indirect: 1n << 28n, eventIndex: 1n << 29n, version1: 1n << 32n } as const;
export const flag = { next: 1, write: 2, indirect: 4 } as const;
export const status = { acknowledge: 1, driver: 2, driverOk: 4, featuresOk: 8, needsReset: 0x40 } as const;

/** A buffer of a request: bytes for the device to read, or a number of bytes for it to write. */
export type Buffer = string | Uint8Array | number;

const queueBytes = 0x1000;
/** Where buffers begin; queues are below. */
const heap = 0x4000;

export class Driver {
  readonly parts = slotParts();
  readonly dma = this.parts.dma;
  readonly slot: VirtioMmio;
  readonly queueSize = 8;
  private readonly added: number[] = [];
  private readonly freed: number[] = [];
  private next = heap;

  constructor(device: VirtioDevice) {
    this.slot = new VirtioMmio(0, this.parts, device);
  }

  get(offset: number): number {
    return Number(this.slot.read(offset, 4));
  }

  set(offset: number, value: number): void {
    this.slot.write(offset, 4, BigInt(value));
  }

  offered(): bigint {
    const half = (select: number) => {
      this.set(register.deviceFeaturesSel, select);
      return BigInt(this.get(register.deviceFeatures));
    };
    return half(0) | (half(1) << 32n);
  }

  accept(features: bigint): void {
    for (const select of [0, 1]) {
      this.set(register.driverFeaturesSel, select);
      this.set(register.driverFeatures, Number((features >> BigInt(32 * select)) & 0xffff_ffffn));
    }
  }

  /** "Device Initialization", with `queues` queues. */
  start(queues: number, features: bigint = feature.version1): this {
    this.set(register.status, 0);
    this.set(register.status, status.acknowledge);
    this.set(register.status, status.acknowledge | status.driver);
    this.accept(features);
    this.set(register.status, status.acknowledge | status.driver | status.featuresOk);
    for (let queue = 0; queue < queues; queue += 1) this.layOut(queue);
    this.set(register.status, status.acknowledge | status.driver | status.featuresOk | status.driverOk);
    return this;
  }

  layOut(queue: number): void {
    this.added[queue] = 0;
    this.freed[queue] = 0;
    this.dma.bytes.fill(0, queue * queueBytes, (queue + 1) * queueBytes);
    this.set(register.queueSel, queue);
    this.set(register.queueNum, this.queueSize);
    const areas = [
      [register.queueDesc, this.area(queue, 0)],
      [register.queueDriver, this.area(queue, 0x400)],
      [register.queueDevice, this.area(queue, 0x800)],
    ] as const;
    for (const [at, address] of areas) {
      this.set(at, Number(address & 0xffff_ffffn));
      this.set(at + 4, Number(address >> 32n));
    }
    this.set(register.queueReady, 1);
  }

  area(queue: number, offset: number): PhysAddr {
    return plus(TestDma.base, queue * queueBytes + offset);
  }

  /** Fresh memory for a buffer. */
  place(buffer: Buffer): { address: PhysAddr; length: number; flags: number } {
    const address = plus(TestDma.base, this.next);
    const bytes = typeof buffer === 'string' ? new TextEncoder().encode(buffer) : buffer;
    const length = typeof bytes === 'number' ? bytes : bytes.length;
    if (typeof bytes !== 'number') this.dma.write(address, bytes);
    this.next += Math.ceil(length / 16) * 16;
    return { address, length, flags: typeof bytes === 'number' ? flag.write : 0 };
  }

  descriptor(table: PhysAddr, index: number, address: bigint, length: number, flags: number, next = 0): void {
    const view = new DataView(this.dma.bytes.buffer, Number(table - TestDma.base) + 16 * index, 16);
    view.setBigUint64(0, address, true);
    view.setUint32(8, length, true);
    view.setUint16(12, flags, true);
    view.setUint16(14, next, true);
  }

  /** Makes a chain of buffers available from descriptor `head` on; the addresses of the buffers. */
  add(queue: number, buffers: readonly Buffer[], head = 0): PhysAddr[] {
    const places = buffers.map((buffer) => this.place(buffer));
    for (const [index, { address, length, flags }] of places.entries()) {
      const more = index + 1 < places.length ? flag.next : 0;
      this.descriptor(this.area(queue, 0), head + index, address, length, flags | more, head + index + 1);
    }
    this.publish(queue, head);
    return places.map(({ address }) => address);
  }

  /** The same through an indirect descriptor. */
  addIndirect(queue: number, buffers: readonly Buffer[]): PhysAddr[] {
    const places = buffers.map((buffer) => this.place(buffer));
    const table = this.place(new Uint8Array(16 * places.length));
    for (const [index, { address, length, flags }] of places.entries()) {
      const more = index + 1 < places.length ? flag.next : 0;
      this.descriptor(table.address, index, address, length, flags | more, index + 1);
    }
    this.descriptor(this.area(queue, 0), 0, table.address, table.length, flag.indirect);
    this.publish(queue, 0);
    return places.map(({ address }) => address);
  }

  /** Puts a head into the available ring. */
  publish(queue: number, head: number): void {
    const index = this.added[queue] ?? 0;
    const ring = this.area(queue, 0x400);
    this.half(plus(ring, 4 + 2 * (index % this.queueSize)), head);
    this.added[queue] = index + 1;
    this.half(plus(ring, 2), index + 1);
  }

  half(address: PhysAddr, value: number): void {
    this.dma.write(address, Uint8Array.of(value, value >> 8));
  }

  readHalf(address: PhysAddr): number {
    const [low = 0, high = 0] = this.dma.read(address, 2);
    return low | (high << 8);
  }

  notify(queue: number): void {
    this.set(register.queueNotify, queue);
  }

  /** The entries of the used ring that are new: head and length of each. */
  used(queue: number): [head: number, length: number][] {
    const ring = this.area(queue, 0x800);
    const found: [number, number][] = [];
    for (let index = this.freed[queue] ?? 0; index !== this.readHalf(plus(ring, 2)); index += 1) {
      const entry = this.dma.get64(plus(ring, 4 + 8 * (index % this.queueSize)));
      found.push([Number(entry & 0xffff_ffffn), Number(entry >> 32n)]);
      this.freed[queue] = index + 1;
    }
    return found;
  }

  text(address: PhysAddr, length: number): string {
    return new TextDecoder('latin1').decode(this.dma.read(phys(address), length));
  }
}
