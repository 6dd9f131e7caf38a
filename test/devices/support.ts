// What devices are wired to in these tests.

import type { Clock, InterruptPins } from '../../emulator/devices/device.ts';

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
  mtime = 0n;
  readonly frequency = 10_000_000;
  rescheduledTimes = 0;
  setMtime(value: bigint): void {
    this.mtime = value;
  }
  rescheduled(): void {
    this.rescheduledTimes += 1;
  }
}
