// ACLINT: software interrupts (MSWI) and the machine timer (MTIMER) of each hart, laid out as SiFive's CLINT
// (RISC-V ACLINT specification, "Backward Compatibility With SiFive CLINT").

import type { AccessSize, Clock, Device, InterruptPins } from './device.ts';
import * as map from './memory-map.ts';

const mipBit = { msip: 3, mtip: 7 } as const;
const mtimecmpAt = 0x4000;
const mtimeAt = 0xbff8;
/** A comparator that no time reaches. */
export const never = 0xffff_ffff_ffff_ffffn;

/**
 * msip takes accesses of 4 bytes, mtimecmp and mtime of 4 and 8; others are access faults, as on QEMU. Registers of
 * harts that do not exist read 0.
 */
export class Aclint implements Device {
  readonly name = 'ACLINT';
  readonly base = map.aclint.base;
  readonly size = map.aclint.size;
  private readonly pins: InterruptPins;
  private readonly clock: Clock;
  private msip: boolean[] = [];
  private mtimecmp: bigint[] = [];

  constructor(pins: InterruptPins, clock: Clock) {
    this.pins = pins;
    this.clock = clock;
    this.clear();
  }

  /** The mtime at which the timer interrupt of the hart becomes pending; all ones = never. */
  deadline(hart: number): bigint {
    return this.mtimecmp[hart] ?? never;
  }

  /** Time has passed for every hart: drives the timer interrupts anew. */
  tick(): void {
    for (const hart of this.mtimecmp.keys()) this.tickFor(hart);
  }

  /** Time has passed for this hart. To be called when its deadline is reached. */
  tickFor(hart: number): void {
    const deadline = this.deadline(hart);
    this.pins.set(hart, mipBit.mtip, deadline !== never && this.clock.mtimeOf(hart) >= deadline);
  }

  read(offset: number, size: AccessSize): bigint | undefined {
    return this.accepts(offset, size) ? this.peek(offset, size) : undefined;
  }

  peek(offset: number, size: AccessSize): bigint {
    if (offset < mtimecmpAt) return this.msip[offset >> 2] ? 1n : 0n;
    const shift = BigInt(8 * (offset & 7));
    return BigInt.asUintN(8 * size, this.register64(offset & ~7) >> shift);
  }

  write(offset: number, size: AccessSize, value: bigint): boolean {
    if (!this.accepts(offset, size)) return false;
    if (offset < mtimecmpAt) {
      this.setMsip(offset >> 2, (value & 1n) === 1n);
      return true;
    }
    const register = offset & ~7;
    const shift = BigInt(8 * (offset & 7));
    const mask = BigInt.asUintN(8 * size, -1n) << shift;
    const merged = (this.register64(register) & ~mask) | (value << shift);
    const hart = (register - mtimecmpAt) / 8;
    if (register === mtimeAt) {
      this.clock.setMtime(merged);
      this.tick();
    } else if (hart < this.mtimecmp.length) {
      this.mtimecmp[hart] = merged;
      this.tickFor(hart);
    } else return true;
    this.clock.rescheduled();
    return true;
  }

  reset(): void {
    this.clear();
    this.drive();
  }

  save(): unknown {
    return { msip: this.msip, mtimecmp: this.mtimecmp.map(String) };
  }

  restore(state: unknown): void {
    const saved = state as { msip: boolean[]; mtimecmp: string[] };
    this.msip = [...saved.msip];
    this.mtimecmp = saved.mtimecmp.map(BigInt);
    this.drive();
  }

  private clear(): void {
    this.msip = new Array(this.pins.harts).fill(false);
    this.mtimecmp = new Array(this.pins.harts).fill(never);
  }

  private drive(): void {
    for (const [hart, level] of this.msip.entries()) this.pins.set(hart, mipBit.msip, level);
    this.tick();
    this.clock.rescheduled();
  }

  private setMsip(hart: number, level: boolean): void {
    if (hart >= this.msip.length) return;
    this.msip[hart] = level;
    this.pins.set(hart, mipBit.msip, level);
  }

  private accepts(offset: number, size: AccessSize): boolean {
    if (offset < mtimecmpAt) return size === 4;
    return size >= 4 && offset < mtimeAt + 8;
  }

  private register64(offset: number): bigint {
    if (offset === mtimeAt) return this.clock.mtime;
    return this.mtimecmp[(offset - mtimecmpAt) / 8] ?? 0n;
  }
}
