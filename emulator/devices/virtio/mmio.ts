// The transport of virtio devices: a slot of memory-mapped registers (virtio 1.2, "Virtio Over MMIO"), version 2 alone.

import { type PhysAddr, phys, plus } from '../../address.ts';
import { littleEndian } from '../../mmu/regime.ts';
import type { AccessSize, Device, Line } from '../device.ts';
import type { Dma } from '../dma.ts';
import * as map from '../memory-map.ts';
import { deviceType, type VirtioDevice } from './device.ts';
import { DriverError } from './driver-error.ts';
import { largestQueue, Virtqueue } from './queue.ts';

const feature = { indirect: 1n << 28n, eventIndex: 1n << 29n, version1: 1n << 32n } as const;
const status = { driverOk: 4, featuresOk: 8, needsReset: 0x40 } as const;
const interrupt = { usedBuffer: 1, configuration: 2 } as const;
/** Offsets of the registers; an address has its high half 4 bytes further (virtio 1.2, "MMIO Device Register Layout"). */
const register = {
  magicValue: 0x00,
  version: 0x04,
  deviceId: 0x08,
  vendorId: 0x0c,
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
  shmBaseHigh: 0xbc,
  config: 0x100,
} as const;
const magic = 0x7472_6976;
const version = 2;
/** `QEMU`: teaching kernels look for it. */
const vendor = 0x554d_4551;

/** The parts of a queue by the register of their low half. */
const areas: Readonly<Record<number, 'descriptors' | 'driver' | 'device'>> = {
  [register.queueDesc]: 'descriptors',
  [register.queueDriver]: 'driver',
  [register.queueDevice]: 'device',
};

/** What every slot can do; a device's own features come on top. */
export const transportFeatures = feature.indirect | feature.eventIndex | feature.version1;

export interface SlotParts {
  /** DMA of the device of that name. */
  readonly dmaOf: (name: string) => Dma;
  readonly line: Line;
  /** Told in a clause when a driver breaks the rules. */
  readonly warn: (line: string) => void;
}

/**
 * Registers take accesses of 4 bytes; others read 0 and write nothing, as on QEMU; the configuration takes any. Requests
 * are served within the store that notifies the device. A driver that breaks the rules finds DEVICE_NEEDS_RESET.
 */
export class VirtioMmio implements Device {
  readonly name: string;
  readonly base: PhysAddr;
  readonly size = map.virtioMmio.size;
  private readonly device: VirtioDevice | undefined;
  private readonly parts: SlotParts;
  private readonly queues: readonly Virtqueue[];
  private status = 0;
  private interrupts = 0;
  private driverFeatures = 0n;
  private deviceFeaturesSel = 0;
  private driverFeaturesSel = 0;
  private queueSel = 0;
  /** A device is at work, and has asked to be served once more. */
  private serving = false;
  private woken = false;

  /** A slot without a device has device id 0: drivers go on. */
  constructor(slot: number, parts: SlotParts, device?: VirtioDevice) {
    this.name = `virtio-mmio ${slot}${device ? ` (${device.name})` : ''}`;
    this.base = plus(map.virtioMmio.base, slot * map.virtioMmio.size);
    this.parts = parts;
    this.device = device;
    const dma = parts.dmaOf(this.name);
    this.queues = Array.from({ length: device?.queues ?? 0 }, () => new Virtqueue(dma));
    device?.connect?.(() => this.wake());
  }

  /** A driver uses the device. */
  get live(): boolean {
    return (this.status & (status.driverOk | status.needsReset)) === status.driverOk;
  }

  read(offset: number, size: AccessSize): bigint {
    return this.peek(offset, size);
  }

  peek(offset: number, size: AccessSize): bigint {
    if (offset >= register.config) return this.configuration(offset - register.config, size);
    return size === 4 ? BigInt(this.register(offset) >>> 0) : 0n;
  }

  write(offset: number, size: AccessSize, value: bigint): boolean {
    if (!this.device) return true;
    if (offset >= register.config) this.device.configure?.(offset - register.config, Number(value));
    else if (size === 4) this.guard(() => this.store(offset, Number(value)));
    return true;
  }

  reset(): void {
    this.device?.reset();
    this.resetDriver();
  }

  save(): unknown {
    const { status, interrupts, deviceFeaturesSel, driverFeaturesSel, queueSel } = this;
    return {
      ...{ status, interrupts, deviceFeaturesSel, driverFeaturesSel, queueSel },
      driverFeatures: String(this.driverFeatures),
      queues: this.queues.map((queue) => queue.save()),
      device: this.device?.save(),
    };
  }

  restore(state: unknown): void {
    const { queues, device, driverFeatures, ...rest } = state as {
      queues: unknown[];
      device: unknown;
      driverFeatures: string;
    };
    Object.assign(this, rest);
    this.driverFeatures = BigInt(driverFeatures);
    for (const [index, queue] of this.queues.entries()) queue.restore(queues[index]);
    this.device?.restore(device);
    this.drive();
  }

  private register(offset: number): number {
    const device = this.device;
    if (offset === register.magicValue) return magic;
    if (offset === register.version) return version;
    if (offset === register.deviceId) return device?.type ?? deviceType.none;
    if (offset === register.vendorId) return vendor;
    if (!device) return 0;
    // Shared memory: there is none, its length and base read as all ones.
    if (offset >= register.shmLenLow && offset <= register.shmBaseHigh) return -1;
    switch (offset) {
      case register.deviceFeatures:
        return half(this.offered, this.deviceFeaturesSel);
      case register.queueNumMax:
        return this.queue ? largestQueue : 0;
      case register.queueReady:
        return this.queue?.ready ? 1 : 0;
      case register.interruptStatus:
        return this.interrupts;
      case register.status:
        return this.status;
      default:
        return 0;
    }
  }

  private store(offset: number, value: number): void {
    const { queue } = this;
    switch (offset) {
      case register.deviceFeaturesSel:
        this.deviceFeaturesSel = value;
        return;
      case register.driverFeatures:
        if (!(this.status & status.featuresOk)) this.acceptFeatures(value);
        return;
      case register.driverFeaturesSel:
        this.driverFeaturesSel = value;
        return;
      case register.queueSel:
        this.queueSel = value;
        return;
      case register.queueReady:
        // One that is in use already goes on where it is.
        if (queue && value & 1 && !queue.ready) queue.enable();
        else if (queue && !(value & 1)) queue.ready = false;
        return;
      case register.queueNotify:
        this.notify(value);
        return;
      case register.interruptAck:
        this.interrupts &= ~value;
        this.drive();
        return;
      case register.status:
        this.setStatus(value & 0xff);
        return;
      default:
        if (queue) this.layOut(queue, offset, value);
    }
  }

  /** The registers that say where the selected queue is; they are fixed while it is in use. */
  private layOut(queue: Virtqueue, offset: number, value: number): void {
    if (queue.ready) return;
    if (offset === register.queueNum) {
      const possible = value > 0 && value <= largestQueue && (value & (value - 1)) === 0;
      if (!possible) throw new DriverError(`QueueNum ${value} is no power of two up to ${largestQueue}`);
      queue.size = value;
    }
    const area = areas[offset & ~4];
    if (area) queue[area] = offset & 4 ? withHigh(queue[area], value) : withLow(queue[area], value);
  }

  private setStatus(value: number): void {
    if (value === 0) {
      this.resetDriver();
      return;
    }
    const wasLive = this.live;
    let next = value | (this.status & status.needsReset);
    const unknown = this.driverFeatures & ~this.offered;
    if (next & status.featuresOk && unknown) {
      next &= ~status.featuresOk;
      this.warn(`accepts features that are not offered: ${bits(unknown)}; FEATURES_OK stays clear`);
    }
    this.status = next;
    for (const queue of this.queues) queue.eventIndex = (this.driverFeatures & feature.eventIndex) !== 0n;
    if (!wasLive) this.wake();
  }

  private notify(index: number): void {
    const queue = this.queues[index];
    if (!queue?.ready) throw new DriverError(`QueueNotify names queue ${index}, which is not ready`);
    // Before DRIVER_OK it must not come, and does with old Linux's entropy driver; it is heeded when that is set.
    if (!this.live) return;
    this.serve([index]);
  }

  /** Serves every queue: the driver is there now, or something came from outside. */
  private wake(): void {
    if (this.serving) this.woken = true;
    else this.guard(() => this.serve(this.queues.keys()));
  }

  /** Serves queues, and then all once more if what was served has an effect on others. */
  private serve(indexes: Iterable<number>): void {
    this.serving = true;
    this.woken = false;
    try {
      for (const index of indexes) this.serveOne(index);
      if (this.woken) for (const index of this.queues.keys()) this.serveOne(index);
    } finally {
      this.serving = false;
    }
  }

  private serveOne(index: number): void {
    const queue = this.queues[index];
    if (!this.live || !queue?.ready) return;
    queue.look();
    this.device?.serve(index, queue);
    this.raise(queue);
  }

  private raise(queue: Virtqueue): void {
    if (!queue.takeInterrupt()) return;
    this.interrupts |= interrupt.usedBuffer;
    this.drive();
  }

  /** A driver's error puts the device out of use until it is reset. */
  private guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      this.warn(`${error.message}; DEVICE_NEEDS_RESET is set`);
      this.status |= status.needsReset;
      if (this.status & status.driverOk) this.interrupts |= interrupt.configuration;
      this.drive();
    }
  }

  private warn(clause: string): void {
    this.parts.warn(`${this.name}: the guest's driver breaks the virtio specification: ${clause}.`);
  }

  private resetDriver(): void {
    this.status = 0;
    this.interrupts = 0;
    this.driverFeatures = 0n;
    this.deviceFeaturesSel = 0;
    this.driverFeaturesSel = 0;
    this.queueSel = 0;
    for (const queue of this.queues) queue.reset();
    this.drive();
  }

  private acceptFeatures(word: number): void {
    if (this.driverFeaturesSel > 1) return;
    const shift = BigInt(32 * this.driverFeaturesSel);
    this.driverFeatures = (this.driverFeatures & ~(0xffff_ffffn << shift)) | (BigInt(word) << shift);
  }

  private get offered(): bigint {
    return this.device ? this.device.features | transportFeatures : 0n;
  }

  private get queue(): Virtqueue | undefined {
    return this.queues[this.queueSel];
  }

  private configuration(offset: number, size: AccessSize): bigint {
    return littleEndian(this.device?.config.subarray(offset, offset + size) ?? new Uint8Array(0));
  }

  private drive(): void {
    this.parts.line(this.interrupts !== 0);
  }
}

function half(value: bigint, select: number): number {
  return select > 1 ? 0 : Number((value >> BigInt(32 * select)) & 0xffff_ffffn);
}

const withLow = (address: PhysAddr, low: number) => phys((address & ~0xffff_ffffn) | BigInt(low));
const withHigh = (address: PhysAddr, high: number) => phys((address & 0xffff_ffffn) | (BigInt(high) << 32n));

function bits(value: bigint): string {
  const set = [...value.toString(2)].reverse().flatMap((bit, index) => (bit === '1' ? [index] : []));
  return `bit${set.length > 1 ? 's' : ''} ${set.join(', ')}`;
}
