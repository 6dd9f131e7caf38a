// What devices are wired to in these tests.

import assert from 'node:assert/strict';
import { type PhysAddr, phys } from '../../emulator/address.ts';
import type { AccessSize, Clock, Device, InterruptPins } from '../../emulator/devices/device.ts';
import type { Dma } from '../../emulator/devices/dma.ts';
import type { SlotParts } from '../../emulator/devices/virtio/mmio.ts';

/** mip of two harts, as the devices drive it. */
export class Pins implements InterruptPins {
  readonly harts = 2;
  readonly mip = [0, 0];
  set(hart: number, mipBit: number, level: boolean): void {
    const bit = 1 << mipBit;
    this.mip[hart] = level ? (this.mip[hart] ?? 0) | bit : (this.mip[hart] ?? 0) & ~bit;
  }
}

/** Time that stands still unless it is set. */
export class TestClock implements Clock {
  now = 0n;
  mtime = 0n;
  readonly frequency = 10_000_000;
  rescheduledTimes = 0;
  mtimeOf(): bigint {
    return this.mtime;
  }

  setMtime(value: bigint): void {
    this.mtime = value;
  }
  rescheduled(): void {
    this.rescheduledTimes += 1;
  }
}

/** 64 KiB of RAM at 0x80000000. */
export class TestDma implements Dma {
  static readonly base = phys(0x8000_0000);
  readonly bytes = new Uint8Array(0x1_0000);

  holds(address: PhysAddr, length: number): boolean {
    return address >= TestDma.base && address + BigInt(length) <= TestDma.base + BigInt(this.bytes.length);
  }

  read(address: PhysAddr, length: number): Uint8Array {
    const at = this.at(address, length);
    return this.bytes.slice(at, at + length);
  }

  write(address: PhysAddr, bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at(address, bytes.length));
  }

  get64(address: PhysAddr): bigint {
    return new DataView(this.bytes.buffer).getBigUint64(this.at(address, 8), true);
  }

  set64(address: PhysAddr, value: bigint): void {
    new DataView(this.bytes.buffer).setBigUint64(this.at(address, 8), value, true);
  }

  /** A device must ask `holds` before it touches memory. */
  private at(address: PhysAddr, length: number): number {
    if (!this.holds(address, length)) throw new RangeError(`${length} bytes at ${address} are not in RAM`);
    return Number(address - TestDma.base);
  }
}

/** What a virtio slot is wired to: the level of its interrupt and its complaints are kept. */
export function slotParts(): SlotParts & { readonly dma: TestDma; level: boolean; readonly warnings: string[] } {
  const warnings: string[] = [];
  const dma = new TestDma();
  const parts = {
    dma,
    dmaOf: () => dma,
    level: false,
    warnings,
    line: (level: boolean) => {
      parts.level = level;
    },
    warn: (line: string) => {
      warnings.push(line);
    },
  };
  return parts;
}

/** Peeks every register, and checks that nothing has changed by that and by a save and restore. */
export function assertUndisturbed(device: Device, sizes: readonly AccessSize[], end = device.size): void {
  const before = JSON.stringify(device.save());
  for (const size of sizes) for (let offset = 0; offset < end; offset += size) device.peek(offset, size);
  assert.equal(JSON.stringify(device.save()), before);
  device.restore(JSON.parse(before));
  assert.equal(JSON.stringify(device.save()), before);
}
