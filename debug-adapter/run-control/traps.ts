// The traps that a hart is in, and the loops that it is caught in.

import type { TrapEvent, TrapReturnEvent } from '../../emulator/events.ts';
import type { HartView } from '../../emulator/inspection.ts';

/** A trap that has been taken and not been left, with the registers that an unwinder needs of the interrupted code. */
export interface OpenTrap {
  readonly event: TrapEvent;
  readonly ra: bigint;
  readonly sp: bigint;
  readonly fp: bigint;
  readonly satp: bigint;
}

const DEEPEST = 64;
const SATP = 0x180;

/** One hart's traps. */
export class Traps {
  /** Outermost first. */
  #open: OpenTrap[] = [];
  /** How often each trap was taken since the hart last made progress. */
  readonly #repeats = new Map<string, number>();

  get open(): readonly OpenTrap[] {
    return this.#open;
  }

  /** Returns how often this very trap has been taken without progress. */
  taken(event: TrapEvent, hart: HartView): number {
    const registers = { ra: hart.x(1), sp: hart.x(2), fp: hart.x(8), satp: hart.csr(SATP) ?? 0n };
    this.#open.push({ event, ...registers });
    if (this.#open.length > DEEPEST) this.#open.shift();
    if (event.interrupt) return 1;
    const key = `${event.cause} ${event.pc} ${event.tval}`;
    const count = (this.#repeats.get(key) ?? 0) + 1;
    if (this.#repeats.size > DEEPEST) this.#repeats.clear();
    this.#repeats.set(key, count);
    return count;
  }

  /** Going back to anywhere but the trapped instruction is progress. */
  left(event: TrapReturnEvent): void {
    const trap = this.#open.pop()?.event;
    if (!trap || trap.interrupt) return;
    if (trap.pc !== event.target) this.#repeats.clear();
  }

  clear(): void {
    this.#open = [];
    this.#repeats.clear();
  }
}
