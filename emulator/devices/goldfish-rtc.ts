// Goldfish RTC: wall-clock time in nanoseconds with an alarm, as on QEMU's virt (Android's goldfish platform,
// "goldfish-rtc"). Its time is guest time from a fixed beginning, so that a run repeats exactly.

import type { AccessSize, Clock, Device, Line } from './device.ts';
import * as map from './memory-map.ts';

const register = {
  timeLow: 0x00,
  timeHigh: 0x04,
  alarmLow: 0x08,
  alarmHigh: 0x0c,
  irqEnabled: 0x10,
  clearAlarm: 0x14,
  alarmStatus: 0x18,
  clearInterrupt: 0x1c,
} as const;
/** Behind the last register, as on QEMU. */
const end = 0x24;

const powerOn = () => ({
  /** Nanoseconds that the guest has set the clock ahead. */
  offset: 0n,
  /** What TIME_HIGH shows: latched by a read of TIME_LOW. */
  latched: 0n,
  /** What the halves of ALARM hold. */
  alarm: 0n,
  /** The time at which it rings if it is running: what `alarm` was when its low half was written. */
  ringAt: 0n,
  running: false,
  enabled: false,
  pending: false,
});

/** Takes accesses of 4 bytes, and of 8 as two of 4; others, and those behind the registers, are access faults, as on QEMU. */
export class GoldfishRtc implements Device {
  readonly name = 'Goldfish RTC';
  readonly base = map.rtc.base;
  readonly size = map.rtc.size;
  private readonly clock: Clock;
  private readonly line: Line;
  private readonly epoch: bigint;
  private state = powerOn();

  /** `epoch`: nanoseconds since 1970 at reset. */
  constructor(clock: Clock, line: Line, epoch: bigint) {
    this.clock = clock;
    this.line = line;
    this.epoch = epoch;
  }

  /** The guest time (ns) at which the alarm is due; undefined = none is set. */
  get due(): bigint | undefined {
    const { running, ringAt, offset } = this.state;
    return running ? ringAt - this.epoch - offset : undefined;
  }

  /** Time has passed: rings an alarm that is due. */
  tick(): void {
    const { due } = this;
    if (due === undefined || due > this.clock.now) return;
    this.state.running = false;
    this.state.pending = true;
    this.drive();
  }

  read(offset: number, size: AccessSize): bigint | undefined {
    if (size < 4 || offset + size > end) return undefined;
    const value = this.peek(offset, size);
    if (offset === register.timeLow) this.state.latched = this.time >> 32n;
    return value;
  }

  peek(offset: number, size: AccessSize): bigint {
    // The low half latches the high one.
    if (size === 8 && offset === register.timeLow) return this.time;
    if (size === 8) return this.peek(offset, 4) | (this.peek(offset + 4, 4) << 32n);
    const { latched, alarm, enabled, running } = this.state;
    switch (offset) {
      case register.timeLow:
        return low(this.time);
      case register.timeHigh:
        return latched;
      case register.alarmLow:
        return low(alarm);
      case register.alarmHigh:
        return alarm >> 32n;
      case register.irqEnabled:
        return enabled ? 1n : 0n;
      case register.alarmStatus:
        return running ? 1n : 0n;
      default:
        return 0n;
    }
  }

  write(offset: number, size: AccessSize, value: bigint): boolean {
    if (size === 8) return this.write(offset, 4, low(value)) && this.write(offset + 4, 4, value >> 32n);
    if (size !== 4 || offset >= end) return false;
    const { state, time } = this;
    switch (offset) {
      case register.timeLow:
        state.offset += withLow(time, value) - time;
        break;
      case register.timeHigh:
        state.offset += withHigh(time, value) - time;
        break;
      case register.alarmLow:
        state.alarm = withLow(state.alarm, value);
        state.ringAt = state.alarm;
        state.running = true;
        break;
      case register.alarmHigh:
        state.alarm = withHigh(state.alarm, value);
        break;
      case register.irqEnabled:
        state.enabled = (value & 1n) === 1n;
        break;
      case register.clearAlarm:
        state.running = false;
        break;
      case register.clearInterrupt:
        state.pending = false;
        break;
    }
    this.tick();
    this.drive();
    this.clock.rescheduled();
    return true;
  }

  reset(): void {
    this.state = powerOn();
    this.drive();
  }

  save(): unknown {
    const { offset, latched, alarm, ringAt, ...flags } = this.state;
    const numbers = { offset, latched, alarm, ringAt };
    return { ...flags, ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)])) };
  }

  restore(state: unknown): void {
    const { offset, latched, alarm, ringAt, ...flags } = state as Record<
      'offset' | 'latched' | 'alarm' | 'ringAt',
      string
    >;
    const numbers = { offset: BigInt(offset), latched: BigInt(latched), alarm: BigInt(alarm), ringAt: BigInt(ringAt) };
    this.state = { ...powerOn(), ...flags, ...numbers };
    this.drive();
    this.clock.rescheduled();
  }

  private get time(): bigint {
    return BigInt.asUintN(64, this.epoch + this.clock.now + this.state.offset);
  }

  private drive(): void {
    this.line(this.state.pending && this.state.enabled);
  }
}

const low = (value: bigint) => value & 0xffff_ffffn;
const withLow = (value: bigint, word: bigint) => (value & ~0xffff_ffffn) | word;
const withHigh = (value: bigint, word: bigint) => low(value) | (word << 32n);
