// The traps that a hart is in, and the loops that it is caught in.

import type { TrapEvent, TrapReturnEvent } from '../../emulator/events.ts';
import type { HartView } from '../../emulator/inspection.ts';

/** A trap that has been taken and not been left, with the state of the interrupted code. */
export interface OpenTrap {
  readonly event: TrapEvent;
  /** x0 to x31. */
  readonly registers: BigUint64Array;
  readonly satp: bigint;
}

const SP = 2;

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
    const registers = new BigUint64Array(32);
    for (let index = 1; index < 32; index += 1) registers[index] = hart.x(index);
    this.#open.push({ event, registers, satp: hart.csr(SATP) ?? 0n });
    if (this.#open.length > DEEPEST) this.#open.shift();
    if (event.interrupt) return 1;
    const key = `${event.cause} ${event.pc} ${event.tval}`;
    const count = (this.#repeats.get(key) ?? 0) + 1;
    if (this.#repeats.size > DEEPEST) this.#repeats.clear();
    this.#repeats.set(key, count);
    return count;
  }

  /**
   * The hart goes back to `event.target`. Of the open traps it leaves the one that was taken there: same stack, same
   * address space; a kernel that switches tasks comes back to others than the latest. Going back to anywhere but the
   * trapped instruction is progress.
   */
  left(event: TrapReturnEvent, hart: HartView): void {
    const [sp, satp] = [hart.x(SP), hart.csr(SATP) ?? 0n];
    const isIt = (trap: OpenTrap) => trap.event.from === event.to && trap.registers[SP] === sp;
    const likely = this.#open.filter(isIt);
    const found = likely.filter((trap) => trap.satp === satp).at(-1) ?? likely.at(-1);
    // A task that begins to run has taken no trap; one that has replaced its program has another stack.
    if (found) this.#open = this.#open.filter((trap) => trap !== found);
    const trap = (found ?? this.#open.at(-1))?.event;
    if (!trap || trap.interrupt) return;
    if (trap.pc !== event.target) this.#repeats.clear();
  }

  clear(): void {
    this.#open = [];
    this.#repeats.clear();
  }
}
