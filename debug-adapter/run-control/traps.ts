// The traps that a hart is in, and the loops that it is caught in.

import type { EarlierHart, OpenTrap, RetriedTrap, TrapEvent, TrapReturnEvent } from '../../emulator/events.ts';
import type { HartView } from '../../emulator/inspection.ts';

const SP = 2;

const DEEPEST = 64;
const SATP = 0x180;

/** Whether a hart may leave that trap: same stack, same privilege. */
function isLeft(trap: OpenTrap, { to }: TrapReturnEvent, hart: HartView): boolean {
  return trap.event.from === to && trap.registers[SP] === hart.x(SP);
}

const satpOf = (hart: HartView): bigint => hart.csr(SATP) ?? 0n;

function now(hart: HartView): EarlierHart {
  const registers = new BigUint64Array(32);
  for (let index = 1; index < 32; index += 1) registers[index] = hart.x(index);
  return { registers, satp: satpOf(hart) };
}

/** At the trapped instruction, or the next one. */
function isNear({ event: { pc } }: OpenTrap, { target }: TrapReturnEvent): boolean {
  return target >= pc && target - pc <= 4n;
}

/** One hart's traps. */
export class Traps {
  /** Outermost first. */
  #open: OpenTrap[] = [];
  /** How often each trap was taken since the hart last made progress. */
  readonly #repeats = new Map<string, number>();

  get open(): readonly OpenTrap[] {
    return this.#open;
  }

  /** The hart has left it by going on elsewhere. */
  leftLate(trap: OpenTrap): void {
    this.#open = this.#open.filter((one) => one !== trap);
  }

  /** The most that one trap was taken without progress. */
  #most = 0;

  get most(): number {
    return this.#most;
  }

  /** The hart went on elsewhere than at a trapped instruction. */
  progressed(): void {
    this.#repeats.clear();
    this.#most = 0;
  }

  /** Returns how often this very trap has been taken without progress. */
  taken(event: TrapEvent, hart: HartView): number {
    this.#open.push({ event, ...(event.was ?? now(hart)) });
    if (this.#open.length > DEEPEST) this.#open.shift();
    if (event.interrupt) return 1;
    return this.retried(event);
  }

  /** The trap was taken, and perhaps left at the trapped instruction. As `taken`. */
  retried({ cause, pc, tval }: RetriedTrap): number {
    const key = `${cause} ${pc} ${tval}`;
    const count = (this.#repeats.get(key) ?? 0) + 1;
    if (this.#repeats.size > DEEPEST) this.progressed();
    this.#repeats.set(key, count);
    this.#most = Math.max(this.#most, count);
    return count;
  }

  /**
   * The hart goes back to `event.target`. Of the open traps it leaves the one that was taken there: same stack, same
   * address space; a kernel that switches tasks comes back to others than the latest. Going back to anywhere but the
   * trapped instruction is progress. Whether there was such a trap.
   */
  left(event: TrapReturnEvent, hart: HartView): boolean {
    const likely = this.#open.filter((trap) => isLeft(trap, event, hart));
    const satp = satpOf(hart);
    const found = likely.filter((trap) => trap.satp === satp).at(-1) ?? likely.at(-1);
    // A task that begins to run has taken no trap; one that has replaced its program has another stack.
    if (found) this.#open = this.#open.filter((trap) => trap !== found);
    const trap = (found ?? this.#open.at(-1))?.event;
    if (trap && !trap.interrupt && trap.pc !== event.target) this.progressed();
    return found !== undefined;
  }

  /** Another hart has gone on with a task that had trapped here, and leaves that trap. */
  leftElsewhere(event: TrapReturnEvent, hart: HartView): void {
    const satp = satpOf(hart);
    const isIt = (trap: OpenTrap) => isLeft(trap, event, hart) && trap.satp === satp && isNear(trap, event);
    const found = this.#open.filter(isIt).at(-1);
    this.#open = this.#open.filter((trap) => trap !== found);
  }

  clear(): void {
    this.#open = [];
    this.progressed();
  }
}
