// Runs a guest in slices until something is reached. Their length is fixed, so that a run repeats exactly also with input
// from a pipe; on a terminal it follows the clock.

import { ConsoleText } from '../debug-adapter/events/console-text.ts';
import { nodeHost } from '../debug-adapter/node-host.ts';
import { type HostClock, type Pace, Pacing } from '../debug-adapter/run-control/pacing.ts';
import { Traps } from '../debug-adapter/run-control/traps.ts';
import { hex } from '../emulator/address.ts';
import type { GuestEnd, Outcome } from '../emulator/control.ts';
import { exceptionNames } from '../emulator/csr/causes.ts';
import type { LateTraps, MachineListener, RetriedTrap } from '../emulator/events.ts';
import type { Guest } from './guest.ts';
import type { Keyboard } from './keyboard.ts';
import type { Output } from './output.ts';
import { type Awaited, retired } from './point.ts';
import type { Progress } from './progress.ts';

/** Why a run came to its end. */
export type RunEnd =
  | { readonly kind: 'ended'; readonly end: GuestEnd }
  /** What was awaited. */
  | { readonly kind: 'reached' }
  | { readonly kind: 'limit' }
  /** Linux gave up. */
  | { readonly kind: 'panic' }
  /** The guest will never do anything again; a clause that says why. */
  | { readonly kind: 'stuck'; readonly why: string }
  /** The user left. */
  | { readonly kind: 'left' };

export interface DriveOptions {
  /** Instructions of all harts together; Infinity = none. */
  readonly limit: number;
  readonly awaited?: Awaited | undefined;
  readonly keyboard?: Keyboard;
  readonly output?: Output;
  /** How idle time passes; absent: jumped over. */
  readonly pace?: Pace;
  readonly progress?: Progress;
}

const SLICE = 2_000_000;
/** On a terminal slices are as long as people do not notice, in milliseconds. */
const UNNOTICED = 15;
const PANIC = 'Kernel panic - not syncing';
const PANIC_END = '---[ end Kernel panic';
/** Instructions that a kernel has for the rest of its last words, and for the rest of their last line. */
const LAST_WORDS = 20_000_000;
const LAST_LINE = 1_000_000;
/** So many exceptions without progress: nothing else will come. */
const LOOP = 1000;
/** What M-mode and S-mode raise themselves is told of at once, which is slow, so only in one of so many slices, and after one with a
 * trap in so many ns. */
const LISTENING = 32;
const MANY_TRAPS = 4;

export async function drive(guest: Guest, options: DriveOptions): Promise<RunEnd> {
  const { machine } = guest;
  const { awaited, keyboard, output, progress } = options;
  const loop = watchLoops(guest);
  const pacing = new Pacing(clockOf(keyboard));
  const panic = new ConsoleText(PANIC);
  const panicEnd = new ConsoleText(PANIC_END);
  const stopReading = machine.onConsole((bytes) => {
    if (panic.take(bytes)) panicEnd.take(bytes);
    return undefined;
  });
  let left = options.limit;
  let slice = keyboard?.interactive ? SLICE / 100 : SLICE;
  let leftOfSlice = 0;
  let slices = 0;
  let trapping = false;
  try {
    for (;;) {
      if (awaited?.reached()) return { kind: 'reached' };
      if (left <= 0) return panic.found ? { kind: 'panic' } : { kind: 'limit' };
      const before = retired(machine);
      const paced = options.pace === 'real-time' || (keyboard?.interactive === true && machine.consoleWanted);
      const start = performance.now();
      if (leftOfSlice <= 0) {
        leftOfSlice = Math.min(slice, left, awaited?.slice() ?? slice);
        loop.listen(slices % LISTENING === 0 || trapping);
        slices += 1;
      }
      const time = machine.time;
      const outcome = machine.run(leftOfSlice, { skipIdle: !paced });
      if (keyboard?.interactive) slice = fitted(slice, performance.now() - start);
      const used = retired(machine) - before;
      left -= used;
      trapping = outcome.reason === 'limit' && Number(machine.time - time) > (1 + 1 / MANY_TRAPS) * used;
      // A nap does not end a slice, so that input from a pipe comes at the same instruction at either pace.
      const naps = outcome.reason === 'idle' && outcome.until !== undefined && !keyboard?.interactive;
      leftOfSlice = naps ? leftOfSlice - used : 0;
      output?.flush();
      if (awaited?.reached()) return { kind: 'reached' };
      const end = endOf(outcome, loop.caught(), keyboard);
      if (end) return panic.found ? { kind: 'panic' } : end;
      if (panic.found) left = Math.min(left, panicEnd.found ? LAST_LINE : LAST_WORDS);
      progress?.show(retired(machine));
      if (leftOfSlice <= 0) keyboard?.deliver(outcome.reason === 'idle' && !naps);
      if (outcome.reason === 'idle') await pacing.nap(machine, outcome.until);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    loop.dispose();
    stopReading();
    awaited?.dispose();
    progress?.clear();
  }
}

/** The length of the next slice, after one of `slice` instructions took so many milliseconds. */
function fitted(slice: number, took: number): number {
  const factor = Math.min(2, Math.max(0.1, UNNOTICED / Math.max(took, 1)));
  return Math.round(Math.min(SLICE * 5, Math.max(1000, slice * factor)));
}

function endOf(outcome: Outcome, trapLoop: string | undefined, keyboard: Keyboard | undefined): RunEnd | undefined {
  if (keyboard?.left) return { kind: 'left' };
  if (outcome.reason === 'ended') return { kind: 'ended', end: outcome.end };
  if (trapLoop) return { kind: 'stuck', why: trapLoop };
  const asleep = outcome.reason === 'idle' && outcome.until === undefined && !keyboard?.open;
  return asleep ? { kind: 'stuck', why: 'every hart waits for an interrupt, and none can come' } : undefined;
}

/** The host's clock; a key ends a sleep. */
function clockOf(keyboard: Keyboard | undefined): HostClock {
  return {
    now: nodeHost.now,
    sleep: (milliseconds) => keyboard?.wait(milliseconds) ?? nodeHost.sleep(milliseconds),
  };
}

/** Notices a hart that takes the same exception again and again, or one inside the other without ever returning. */
function watchLoops({ machine, symbols }: Guest) {
  const watched = new Map(machine.harts.map((hart) => [hart.id, { hart, traps: new Traps(), nested: 0 }]));
  let caught: (RetriedTrap & { readonly hart: number }) | undefined;
  let unlisten: (() => void) | undefined;
  const listener: MachineListener = (event) => {
    const known = watched.get(event.hart);
    if (!known || (event.kind !== 'trap' && event.kind !== 'trap-return')) return false;
    if (event.kind === 'trap-return') {
      known.nested = 0;
      known.traps.left(event, known.hart);
      return false;
    }
    if (!event.interrupt) known.nested += 1;
    if (Math.max(known.traps.taken(event, known.hart), known.nested) < LOOP) return false;
    caught ??= event;
    return true;
  };
  // A loop goes on for ever: it is early enough to hear of it later.
  const late: LateTraps = {
    patience: Number.POSITIVE_INFINITY,
    patienceOf: () => Number.POSITIVE_INFINITY,
    openTraps: (hart) => watched.get(hart)?.traps.open ?? [],
    left: (hart, trap) => watched.get(hart)?.traps.leftLate(trap),
    reckonsWith: () => true,
    passed(hart) {
      const known = watched.get(hart);
      if (!known) return;
      known.nested = 0;
      known.traps.progressed();
    },
    retried(hart, trap) {
      const known = watched.get(hart);
      if (!known) return;
      known.nested = 0;
      if (known.traps.retried(trap) >= LOOP) caught ??= { ...trap, hart };
    },
  };
  return {
    /** Begins anew, or ends; a loop goes on for ever, so that it is found by who looks now and then. */
    listen(on: boolean): void {
      if (on === (unlisten !== undefined)) return;
      unlisten?.();
      unlisten = on ? machine.listen(listener, { kinds: ['trap', 'trap-return'], late }) : undefined;
      for (const known of watched.values()) {
        known.traps.clear();
        known.nested = 0;
      }
    },
    dispose: () => unlisten?.(),
    caught(): string | undefined {
      if (!caught) return undefined;
      const name = symbols.nameOf(caught.pc);
      const what = exceptionNames[caught.cause] ?? `exception ${caught.cause}`;
      const at = `${hex(caught.pc)}${name && ` <${name}>`}`;
      return `hart ${caught.hart} takes exceptions for ever: ${what} at ${at}, address ${hex(caught.tval)}`;
    },
  };
}
