// PLIC: brings the interrupts of devices to the harts (RISC-V Platform-Level Interrupt Controller specification).
// Context 2h is hart h in M-mode, context 2h + 1 the same hart in S-mode, as on QEMU's virt.

import type { AccessSize, Device, InterruptPins, Line } from './device.ts';
import * as map from './memory-map.ts';

const mipBit = { meip: 11, seip: 9 } as const;
/** Priorities are 0 to 7, as on QEMU. */
const priorityMask = 7;
const pendingAt = 0x1000;
const enableAt = 0x2000;
const enableStride = 0x80;
const contextAt = 0x20_0000;
const contextStride = 0x1000;

interface Source {
  priority: number;
  /** The wire as the device drives it. */
  level: boolean;
  /** The gateway has passed a request on that nobody has claimed. */
  pending: boolean;
  /** Claimed and not completed: the gateway passes nothing on. */
  claimed: boolean;
}

interface Context {
  threshold: number;
  enabled: boolean[];
}

interface State {
  readonly sources: Source[];
  readonly contexts: Context[];
}

const copy = ({ sources, contexts }: State): State => ({
  sources: sources.map((source) => ({ ...source })),
  contexts: contexts.map(({ threshold, enabled }) => ({ threshold, enabled: [...enabled] })),
});

/**
 * Sources are level-triggered: a request stays pending when its wire falls, and comes back after completion while the
 * wire is high. Accesses of other sizes than 4 bytes are access faults; what lies between the registers reads 0.
 */
export class Plic implements Device {
  readonly name = 'PLIC';
  readonly base = map.plic.base;
  readonly size = map.plic.size;
  private readonly pins: InterruptPins;
  private sources: Source[] = [];
  private contexts: Context[] = [];

  constructor(pins: InterruptPins) {
    this.pins = pins;
    this.clear();
  }

  /** The wire of an interrupt source. */
  line(source: number): Line {
    return (level) => {
      const wired = this.sources[source];
      if (!wired || wired.level === level) return;
      wired.level = level;
      this.update();
    };
  }

  read(offset: number, size: AccessSize): bigint | undefined {
    if (size !== 4) return undefined;
    const value = this.peek(offset, size);
    const claimed = this.claimOffset(offset) === undefined ? undefined : this.sources[Number(value)];
    if (claimed && value !== 0n) {
      claimed.pending = false;
      claimed.claimed = true;
      this.update();
    }
    return value;
  }

  peek(offset: number, _size: AccessSize): bigint {
    const index = offset >> 2;
    if (offset < pendingAt) return BigInt(this.sources[index]?.priority ?? 0);
    if (offset < enableAt) return this.bits(offset - pendingAt, (source) => this.sources[source]?.pending);
    if (offset < contextAt) {
      const context = this.contexts[Math.floor((offset - enableAt) / enableStride)];
      return this.bits((offset - enableAt) % enableStride, (source) => context?.enabled[source]);
    }
    const context = this.contexts[Math.floor((offset - contextAt) / contextStride)];
    if (!context) return 0n;
    if (offset % contextStride === 0) return BigInt(context.threshold);
    return offset % contextStride === 4 ? BigInt(this.best(context, 0)) : 0n;
  }

  write(offset: number, size: AccessSize, value: bigint): boolean {
    if (size !== 4) return false;
    const word = Number(value);
    if (offset < pendingAt) {
      const source = this.sources[offset >> 2];
      if (source && offset > 0) source.priority = word & priorityMask;
    } else if (offset >= enableAt && offset < contextAt) {
      const context = this.contexts[Math.floor((offset - enableAt) / enableStride)];
      const first = 8 * ((offset - enableAt) % enableStride);
      for (let bit = 0; context && bit < 32; bit += 1) {
        const source = first + bit;
        if (source > 0 && source < this.sources.length) context.enabled[source] = ((word >>> bit) & 1) === 1;
      }
    } else if (offset >= contextAt) {
      const context = this.contexts[Math.floor((offset - contextAt) / contextStride)];
      if (context && offset % contextStride === 0) context.threshold = word & priorityMask;
      const completed = this.claimOffset(offset)?.enabled[word] ? this.sources[word] : undefined;
      if (completed) completed.claimed = false;
    }
    this.update();
    return true;
  }

  reset(): void {
    const levels = this.sources.map((source) => source.level);
    this.clear();
    for (const [index, source] of this.sources.entries()) source.level = levels[index] ?? false;
    this.update();
  }

  save(): unknown {
    return copy({ sources: this.sources, contexts: this.contexts });
  }

  restore(state: unknown): void {
    const saved = copy(state as State);
    this.sources = saved.sources;
    this.contexts = saved.contexts;
    this.update();
  }

  private clear(): void {
    const count = map.plic.sources + 1;
    this.sources = Array.from({ length: count }, () => ({ priority: 0, level: false, pending: false, claimed: false }));
    this.contexts = Array.from({ length: 2 * this.pins.harts }, () => ({
      threshold: 0,
      enabled: new Array(count).fill(false),
    }));
  }

  /** Lets the gateways pass requests on, and drives the external interrupt of each context. */
  private update(): void {
    for (const source of this.sources) if (source.level && !source.claimed) source.pending = true;
    this.contexts.forEach((context, index) => {
      this.pins.set(index >> 1, index & 1 ? mipBit.seip : mipBit.meip, this.best(context, context.threshold) > 0);
    });
  }

  /** The pending source of highest priority above `threshold`, the lowest number among equals; 0 = none. Claims ignore the threshold. */
  private best(context: Context, threshold: number): number {
    let found = 0;
    let priority = threshold;
    this.sources.forEach((source, index) => {
      if (!source.pending || !context.enabled[index] || source.priority <= priority) return;
      found = index;
      priority = source.priority;
    });
    return found;
  }

  /** The context whose claim/complete register is at `offset`. */
  private claimOffset(offset: number): Context | undefined {
    if (offset < contextAt || offset % contextStride !== 4) return undefined;
    return this.contexts[Math.floor((offset - contextAt) / contextStride)];
  }

  private bits(offset: number, isSet: (source: number) => boolean | undefined): bigint {
    let word = 0n;
    for (let bit = 0; bit < 32; bit += 1) if (isSet(8 * offset + bit)) word |= 1n << BigInt(bit);
    return word;
  }
}
