// A virtio-mmio slot with nothing in it (virtio specification, "Virtio Over MMIO"): drivers read device id 0 and go on.

import { type PhysAddr, plus } from '../address.ts';
import type { AccessSize, Device } from './device.ts';
import * as map from './memory-map.ts';

/** `virt` in little-endian ASCII, and the edition of the register layout that is not the legacy one. */
const registers: Readonly<Record<number, bigint>> = { 0: 0x7472_6976n, 4: 2n };

/** Registers take accesses of 4 bytes; others read 0 and write nothing, as on QEMU. */
export class EmptyVirtioSlot implements Device {
  readonly name: string;
  readonly base: PhysAddr;
  readonly size = map.virtioMmio.size;

  constructor(slot: number) {
    this.name = `virtio-mmio ${slot}`;
    this.base = plus(map.virtioMmio.base, slot * map.virtioMmio.size);
  }

  read(offset: number, size: AccessSize): bigint {
    return this.peek(offset, size);
  }

  peek(offset: number, size: AccessSize): bigint {
    return size === 4 ? (registers[offset] ?? 0n) : 0n;
  }

  write(): boolean {
    return true;
  }

  reset(): void {}

  save(): unknown {
    return {};
  }

  restore(): void {}
}
