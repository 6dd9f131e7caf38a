// ACLINT SSWI: raises the supervisor software interrupt of a hart (RISC-V ACLINT specification, "Supervisor-level Software
// Interrupt Device"), where QEMU's virt has it with aclint=on.

import type { AccessSize, Device, InterruptPins } from './device.ts';
import * as map from './memory-map.ts';

const ssip = 1;

/** SETSSIP of each hart: a store of 1 sets SSIP, which the hart clears itself; reads give 0. Takes accesses of 4 bytes. */
export class AclintSswi implements Device {
  readonly name = 'ACLINT SSWI';
  readonly base = map.sswi.base;
  readonly size = map.sswi.size;
  private readonly pins: InterruptPins;

  constructor(pins: InterruptPins) {
    this.pins = pins;
  }

  read(_offset: number, size: AccessSize): bigint | undefined {
    return size === 4 ? 0n : undefined;
  }

  peek(): bigint {
    return 0n;
  }

  write(offset: number, size: AccessSize, value: bigint): boolean {
    if (size !== 4) return false;
    if (value & 1n) this.pins.set(offset >> 2, ssip, true);
    return true;
  }

  reset(): void {}

  save(): unknown {
    return {};
  }

  restore(): void {}
}
