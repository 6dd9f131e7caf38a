// The part of the physical address space that is not RAM: which device answers at an address.

import { type PhysAddr, plus } from '../address.ts';
import type { AccessSize, Device } from '../devices/device.ts';
import type { PhysicalRegion } from '../inspection.ts';

/** A device's window, in numbers, which are quicker to compare than bigints. */
interface Window {
  readonly device: Device;
  readonly base: number;
  readonly end: number;
}

export class Bus {
  /** Ascending by base. */
  readonly devices: readonly Device[];
  private readonly windows: readonly Window[];

  /** The windows must not overlap. */
  constructor(devices: readonly Device[]) {
    this.devices = [...devices].sort((a, b) => (a.base < b.base ? -1 : 1));
    for (const [index, device] of this.devices.entries()) {
      const next = this.devices[index + 1];
      if (next && plus(device.base, device.size) > next.base) throw new Error(`${device.name} overlaps ${next.name}`);
    }
    this.windows = this.devices.map((device) => {
      const base = Number(device.base);
      return { device, base, end: base + device.size };
    });
  }

  deviceAt(address: PhysAddr): Device | undefined {
    const at = Number(address);
    for (const { device, base, end } of this.windows) if (at >= base && at < end) return device;
    return undefined;
  }

  /** A guest's load; undefined = access fault: nothing answers, the device refuses, or the access is misaligned. */
  read(address: PhysAddr, size: AccessSize): bigint | undefined {
    const device = this.target(address, size);
    return device?.read(Number(address - device.base), size);
  }

  /** A guest's store; false = access fault. */
  write(address: PhysAddr, size: AccessSize, value: bigint): boolean {
    const device = this.target(address, size);
    return device?.write(Number(address - device.base), size, BigInt.asUintN(8 * size, value)) ?? false;
  }

  /** What a read would give, without its side effects; undefined where nothing answers. */
  peek(address: PhysAddr, size: AccessSize): bigint | undefined {
    const device = this.target(address, size);
    return device?.peek(Number(address - device.base), size);
  }

  get regions(): readonly PhysicalRegion[] {
    return this.devices.map(({ name, base, size }) => ({ name, kind: 'device', base, size: BigInt(size) }));
  }

  reset(): void {
    for (const device of this.devices) device.reset();
  }

  /** The state of every device, in the order of their bases. */
  save(): readonly unknown[] {
    return this.devices.map((device) => device.save());
  }

  restore(states: readonly unknown[]): void {
    for (const [index, device] of this.devices.entries()) device.restore(states[index]);
  }

  /** Registers are aligned, so an aligned access never reaches beyond a window. */
  private target(address: PhysAddr, size: AccessSize): Device | undefined {
    return address % BigInt(size) === 0n ? this.deviceAt(address) : undefined;
  }
}
