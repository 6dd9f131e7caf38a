// SiFive's test finisher: a store ends the guest (compatible "sifive,test1", as on QEMU's virt).

import type { GuestEnd } from '../control.ts';
import type { AccessSize, Device } from './device.ts';
import * as map from './memory-map.ts';

/** What the low 16 bits of a store ask for; a failure's code is in the 16 bits above. */
const command = { fail: 0x3333, pass: 0x5555, reset: 0x7777 } as const;

/** Takes accesses of 2 and 4 bytes, others are access faults, as on QEMU. Reads give 0; other values do nothing. */
export class TestFinisher implements Device {
  readonly name = 'test finisher';
  readonly base = map.testFinisher.base;
  readonly size = map.testFinisher.size;
  private readonly end: (end: GuestEnd) => void;

  constructor(end: (end: GuestEnd) => void) {
    this.end = end;
  }

  read(_offset: number, size: AccessSize): bigint | undefined {
    return size === 2 || size === 4 ? 0n : undefined;
  }

  peek(): bigint {
    return 0n;
  }

  write(offset: number, size: AccessSize, value: bigint): boolean {
    if (size !== 2 && size !== 4) return false;
    if (offset !== 0) return true;
    const by = this.name;
    const wanted = Number(value & 0xffffn);
    if (wanted === command.pass) this.end({ kind: 'poweroff', code: 0, by });
    else if (wanted === command.fail) this.end({ kind: 'poweroff', code: Number(value >> 16n), by });
    else if (wanted === command.reset) this.end({ kind: 'reset', code: 0, by });
    return true;
  }

  reset(): void {}

  save(): unknown {
    return {};
  }

  restore(): void {}
}
