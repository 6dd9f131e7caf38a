// Drives the machine in slices short enough for the event loop to hear `pause` in between. Steps and runs are written
// over it as plain sequences; whatever stops earlier (a breakpoint, an event, pause, the guest's end) is thrown.

import type { PhysAddr } from '../../emulator/address.ts';
import type { GuestEnd, MachineControl, Outcome } from '../../emulator/control.ts';
import type { MachineEvent, TrapEvent } from '../../emulator/events.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { arrives } from '../breakpoints/arrival.ts';
import { hitFact, watchFact } from '../breakpoints/hit-fact.ts';
import { accessVariables } from '../events/variables.ts';
import { fetched, physicalOf } from '../memory/space.ts';
import { sightOf } from '../modules/sight.ts';
import { scopeOf } from '../program/scope.ts';
import type { SessionContext } from '../session-context.ts';
import type { Places, Symbols } from '../symbols.ts';
import type { GuestConsole } from './guest-console.ts';
import { isPaced, Pacing } from './pacing.ts';
import { panicFact } from './panic.ts';
import { mergeFacts, type StopFact } from './stop-fact.ts';

/** Thrown when the machine stops before the sequence is through. */
export class Interruption extends Error {
  readonly cut: StopFact | GuestEnd;

  constructor(cut: StopFact | GuestEnd) {
    super('description' in cut ? cut.description : cut.by);
    this.cut = cut;
  }
}

/** How long a slice should take, in milliseconds. */
const SLICE = 15;
const SATP = 0x180;

export class Driver {
  readonly machine: MachineControl;
  /** How many of the functions inlined where a step has ended are not entered yet. */
  hidden = 0;
  readonly #session: SessionContext;
  readonly #console: GuestConsole;
  readonly #pacing: Pacing;
  readonly #pausing: () => number | undefined;
  #limit = 200_000;
  #breathed = performance.now();
  /** The next instruction's breakpoint has been reported already. */
  #resume = true;

  constructor(session: SessionContext, console: GuestConsole, pausing: () => number | undefined) {
    this.#session = session;
    this.machine = session.machine;
    this.#console = console;
    this.#pacing = new Pacing(session.host);
    this.#pausing = pausing;
  }

  hart(id: number): HartView {
    return this.machine.harts.find((hart) => hart.id === id) as HartView;
  }

  /** The symbols as the hart sees them now. */
  symbolsOf(hart: HartView): Symbols {
    return this.#session.symbols.seenBy(sightOf(this.machine, () => hart));
  }

  /** Lets `hart` retire one instruction or take one trap, which is returned. */
  async step(hart: number): Promise<TrapEvent | undefined> {
    let trap: TrapEvent | undefined;
    const observe = (event: MachineEvent) => {
      if (event.kind === 'trap' && event.hart === hart) trap = event;
      return false;
    };
    await this.#observing(observe, false, async () => {
      while ((await this.#advance(() => this.machine.step(hart, this.#limit))).reason !== 'step') if (trap) return;
    });
    return trap;
  }

  /** Runs until `hart` arrives at one of the places and `enough` holds. */
  async runTo(places: Places, hart: number, enough: () => boolean): Promise<void> {
    const { breakpoints } = this.#session;
    breakpoints.alsoWaitAt(places, this.machine);
    try {
      for (;;) {
        const outcome = await this.#advance(() => this.#run());
        if (outcome.reason !== 'breakpoint' || outcome.hart !== hart || !enough()) continue;
        if (this.symbolsOf(this.hart(hart)).isAt(places, outcome.pc, outcome.pa)) return;
      }
    } finally {
      breakpoints.alsoWaitAt(undefined, this.machine);
    }
  }

  /** Runs until an event is the one. */
  async runUntil(isIt: (event: MachineEvent) => boolean): Promise<void> {
    let met = false;
    const observe = (event: MachineEvent) => {
      met ||= isIt(event);
      return met;
    };
    await this.#observing(observe, true, async () => {
      while (!met) await this.#advance(() => this.#run());
    });
  }

  /** Runs until something stops it. */
  async runOn(): Promise<never> {
    for (;;) await this.#advance(() => this.#run());
  }

  async #observing(
    observer: (event: MachineEvent) => boolean,
    mayStop: boolean,
    body: () => Promise<void>,
  ): Promise<void> {
    const { watch } = this.#session;
    watch.observe(observer, mayStop);
    try {
      await body();
    } finally {
      watch.observe(undefined, false);
    }
  }

  #run(): Outcome {
    const start = performance.now();
    const skipIdle = !isPaced(this.#session.launcher.pace, this.machine);
    const outcome = this.machine.run(this.#limit, { skipIdle, resume: this.#resume });
    const took = performance.now() - start;
    if (outcome.reason === 'limit') {
      this.#limit = Math.round(Math.min(20_000_000, Math.max(10_000, (this.#limit * SLICE) / Math.max(took, 1))));
    }
    return outcome;
  }

  /** One go at the machine, with all that may cut it short. */
  async #advance(go: () => Outcome): Promise<Outcome> {
    if (performance.now() - this.#breathed >= SLICE) {
      this.#console.flush();
      this.#session.watch.news.flush();
      await this.#session.host.breathe();
      this.#breathed = performance.now();
    }
    const { breakpoints, indexing } = this.#session;
    if (breakpoints.seeking) await indexing.complete(() => this.#pausing() === undefined);
    const hart = this.#pausing();
    if (hart !== undefined) {
      throw new Interruption({ reason: 'pause', description: 'Paused', hart, breakpointIds: [] });
    }
    const outcome = go();
    this.#resume = outcome.reason !== 'limit' && outcome.reason !== 'idle';
    const fact = mergeFacts([...this.#session.watch.take(), ...this.#facts(outcome)]);
    if (fact || outcome.reason === 'ended') this.#session.watch.news.flush();
    if (fact) throw new Interruption(fact);
    if (outcome.reason === 'ended') throw new Interruption(outcome.end);
    if (outcome.reason === 'idle') await this.#nap(outcome.until);
    return outcome;
  }

  /** What the outcome means to the user's breakpoints. */
  #facts(outcome: Outcome): StopFact[] {
    const { breakpoints, launcher } = this.#session;
    if (launcher.noDebug) return [];
    if (outcome.reason === 'limit' || outcome.reason === 'idle' || outcome.reason === 'ended') return [];
    const hart = this.hart(outcome.hart);
    const symbols = this.symbolsOf(hart);
    const scope = scopeOf(this.#session, hart);
    const watched = 'hits' in outcome ? (outcome.hits ?? []) : [];
    const accessed = watched.flatMap((hit) => {
      const point = breakpoints.withId(hit.watchpoint.id);
      const stops = point && arrives(point, { ...scope, events: accessVariables(hit) }, this.#session);
      return stops ? [watchFact(hit, point, symbols)] : [];
    });
    const pc = hart.pc;
    const pa = outcome.reason === 'breakpoint' ? outcome.pa : physicalOf(this.machine, hart, fetched, pc);
    if (pa !== undefined) launcher.loads.arrive(this.#session, hart, symbols, pa);
    const reached = pa === undefined ? [] : breakpoints.at(pc, pa, rootInForce(this.machine, hart), symbols);
    const panics = pa === undefined ? [] : panicFact(this.#session, hart, symbols, pa);
    const stopping = reached.filter((point) => arrives(point, scope, this.#session));
    return [...panics, ...accessed, ...stopping.map((point) => hitFact(point, hart.id, pc, symbols))];
  }

  /** Every hart waits: for the next timer event, or for a key. */
  async #nap(until: bigint | undefined): Promise<void> {
    this.#console.flush();
    await this.#pacing.nap(this.machine, until);
    this.#breathed = performance.now();
  }
}

function rootInForce(machine: MachineControl, hart: HartView): PhysAddr | undefined {
  const { mode, root } = decodeSatp(hart.csr(SATP) ?? 0n, machine.xlen);
  return mode && hart.privilege !== 3 ? root : undefined;
}
