// How idle time passes: jumped over, or held to the host's clock. Pacing only delays the machine; what the guest sees of
// time comes from its instructions and from jumps to its own timers, so that a run is the same at either pace.

import type { MachineControl } from '../../emulator/control.ts';

/** `fast`: idle time is jumped over until the guest waits for console input; `real-time`: it lasts as long as on hardware. */
export const paces = ['fast', 'real-time'] as const;
export type Pace = (typeof paces)[number];

/** The host's clock, in milliseconds from any beginning. */
export interface HostClock {
  now(): number;
  /** Resolves after that time, or earlier. */
  sleep(milliseconds: number): Promise<void>;
}

/** Milliseconds to sleep at most while every hart waits: typed keys and `pause` are heard this often. */
const NAP = 20;
/** The clocks are kept together while they are no further apart, in milliseconds: a debugger's stop is not made up for. */
const SLACK = 100;

type Paced = Pick<MachineControl, 'time' | 'skipTo'>;

export class Pacing {
  readonly #clock: HostClock;
  /** Host time (ms) minus guest time (ms). */
  #ahead = 0;

  constructor(clock: HostClock) {
    this.#clock = clock;
  }

  /** Every hart waits until the guest time `until` (ns), or for input: a nap, and guest time follows the host's clock. */
  async nap(machine: Paced, until: bigint | undefined): Promise<void> {
    const from = Number(machine.time) / 1e6;
    const ahead = this.#clock.now() - from;
    if (Math.abs(ahead - this.#ahead) > SLACK) this.#ahead = ahead;
    const due = until === undefined ? NAP : Number(until) / 1e6 + this.#ahead - this.#clock.now();
    if (due > 0) await this.#clock.sleep(Math.min(NAP, due));
    if (until === undefined) return;
    const passed = BigInt(Math.round(Math.max(from, this.#clock.now() - this.#ahead) * 1e6));
    machine.skipTo(passed < until ? passed : until);
  }
}

/** Whether idle time is held to the host's clock now; at a prompt it always passes as fast as the user's. */
export function isPaced(pace: Pace, machine: Pick<MachineControl, 'consoleWanted'>): boolean {
  return pace === 'real-time' || machine.consoleWanted;
}
