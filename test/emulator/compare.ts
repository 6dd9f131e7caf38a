// A guest on two machines, which must be in the same state at random counts of instructions: the one interprets, the other
// translates what is hardly warm, at once or as another thread would, and is stopped and started at random. In every other
// trial the one that interprets is stopped as the other is, and then each run must end alike: at the same breakpoint, by the
// same watched accesses, at the same instruction; else it runs undisturbed from one count to the next.

import { allowRelaxedSimd } from '../../debug-adapter/compiler-thread/relaxed-simd.ts';
import {
  type Batch,
  type Compiled,
  CompilerForOthers,
  type MachineControl,
  type MachineOptions,
  type Outcome,
  type PhysAddr,
  phys,
  type RegionCompiler,
  type VirtAddr,
} from '../../emulator/index.ts';
import type { Random } from '../oracle/random.ts';
import { stateHash } from './sample.ts';

// As the debug adapter does.
allowRelaxedSimd();

export interface Place {
  readonly virtual: VirtAddr;
  readonly physical: PhysAddr;
}

/** What runs on both machines. */
export interface Guest {
  /** With the seed that it was made from. */
  readonly name: string;
  /** It ends by itself, or waits for ever. */
  readonly ends?: boolean;
  /** A machine of its own at the first instruction. */
  machine(options: Partial<MachineOptions>): MachineControl;
  /** Where an instruction may begin. */
  code(random: Random): Place;
  /** Where data may be. */
  data(random: Random): Place;
  /** Why the guest does nothing of what it is there for any more; undefined if all is well. */
  lost(machine: MachineControl): string | undefined;
}

export const retired = (machine: MachineControl) =>
  machine.harts.reduce((sum, { instret }) => sum + Number(instret), 0);

/** Slices that a trial may be cut into, or near that many. */
const MOST_SLICES = 20_000;
/** Runs in a row that retire nothing; what holds back a hart for longer is no trap. */
const MOST_STALLED = 10_000;

const isOver = ({ reason }: Outcome) => reason === 'idle' || reason === 'ended';

function run(machine: MachineControl, limit: number): void {
  const outcome = machine.run(limit);
  if (isOver(outcome)) throw new Error(`the guest is ${outcome.reason}`);
}

/**
 * How long the next run is to be, until the harts have retired `count` instructions together, whatever stops the machine on the
 * way. Where that moment is depends on the guest alone, as harts take turns by what they retired, and traps, not by the slices
 * of the runs.
 */
function* runsTo(machine: MachineControl, count: number, slice: () => number): Generator<number> {
  let stalled = 0;
  for (let done = retired(machine); done < count; ) {
    yield Math.min(count - done, slice());
    const before = done;
    done = retired(machine);
    stalled = done > before ? 0 : stalled + 1;
    if (stalled > MOST_STALLED) throw new Error(`the guest retires nothing at ${machine.harts[0]?.pc.toString(16)}`);
  }
}

/** Runs to that moment. */
export function runTo(machine: MachineControl, count: number): void {
  for (const limit of runsTo(machine, count, () => 1_000_000)) run(machine, limit);
}

function runToEnd(machine: MachineControl): void {
  for (let runs = 0; !isOver(machine.run(1_000_000)); runs += 1) {
    if (runs > MOST_STALLED) throw new Error('the guest does not end');
  }
}

/** Sets breakpoints and watchpoints, or clears them, or begins an epoch, once in a while; alike on all the machines. */
function disturb(machines: readonly MachineControl[], guest: Guest, random: Random): void {
  if (!random.once(10)) return;
  const isEpoch = random.once(4);
  const places = Array.from({ length: random.below(4) }, () => guest.code(random));
  const virtual = places.map((place) => place.virtual);
  const physical = places.map((place) => place.physical);
  const points = random.once(2) ? { virtual, physical: [] } : { virtual: [], physical };
  const on = random.of(['read', 'write', 'read-write', 'change'] as const);
  const data = guest.data(random);
  const point = { id: 1, size: 8n, on } as const;
  const both = [
    { ...point, space: 'physical', address: data.physical } as const,
    { ...point, space: 'virtual', address: guest.data(random).virtual } as const,
  ];
  const watched = random.once(3) ? both.slice(random.below(2)) : [];
  for (const machine of machines) {
    if (isEpoch) machine.beginEpoch();
    machine.setBreakpoints(points);
    machine.setWatchpoints(watched);
  }
}

/** As a slow thread: what was made of a batch is there after a while. */
class CompilerLater implements RegionCompiler {
  private readonly compiler = new CompilerForOthers();
  private readonly random: Random;
  private made: Compiled | undefined;
  private left = 0;

  constructor(random: Random) {
    this.random = random;
  }

  submit(batch: Batch): void {
    this.made = this.compiler.compile(structuredClone(batch));
    this.left = this.random.below(20);
  }

  take(): Compiled | undefined {
    this.left -= 1;
    if (!this.made || this.left >= 0) return undefined;
    const { made } = this;
    this.made = undefined;
    return made;
  }
}

export interface Comparison {
  readonly instructions: number;
  /** How often the states are compared. */
  readonly points: number;
}

/** The machine that translates, and what is done with it: the same each time, with the same random numbers. */
export class Trial {
  readonly machine: MachineControl;
  readonly translateAfter: number;
  /** What else is to be run and stopped as the machine is: the one that interprets, once it is made. */
  readonly follower: MachineControl | undefined;
  private readonly guest: Guest;
  private readonly random: Random;
  private readonly longest: number;
  private readonly points: readonly number[];
  private isOver = false;

  constructor(guest: Guest, { instructions, points }: Comparison, random: Random, interpreting?: MachineControl) {
    this.guest = guest;
    this.random = random;
    this.translateAfter = 1 + random.below(random.once(2) ? 4 : 100);
    // Caches that hold less than the guest needs are emptied over and over.
    const codeCache = random.once(3) ? { pages: 4 + random.below(4), regions: 2 + random.below(20) } : {};
    const compiler = random.once(2) ? { compiler: new CompilerLater(random) } : {};
    this.machine = guest.machine({ translateAfter: this.translateAfter, codeCache, ...compiler });
    this.longest = random.of([50, 5000, 200_000].filter((slice) => instructions / slice <= MOST_SLICES));
    this.points = Array.from({ length: points }, () => 1 + random.below(instructions)).sort((a, b) => a - b);
    this.follower = random.once(2) ? interpreting : undefined;
  }

  /**
   * The runs, which are the caller's to do by `run`: how long each is. Between them, points to compare at: how much was
   * retired; of a guest that ends, the last is the end.
   */
  *steps(): Generator<{ readonly run: number } | { readonly point: number }> {
    const { machine, guest, random, follower } = this;
    const machines = follower ? [machine, follower] : [machine];
    for (const point of guest.ends ? [...this.points, Number.POSITIVE_INFINITY] : this.points) {
      for (const limit of runsTo(machine, point, () => 1 + random.below(this.longest))) {
        disturb(machines, guest, random);
        yield { run: limit };
        if (this.isOver) break;
      }
      yield { point };
    }
  }

  /** How the run ended. */
  run(limit: number): Outcome {
    const outcome = this.machine.run(limit);
    this.isOver = isOver(outcome);
    if (this.isOver && !this.guest.ends) throw new Error(`the guest is ${outcome.reason}`);
    return outcome;
  }
}

/** Why and where a machine has stopped, for comparing. */
function stopOf(machine: MachineControl, outcome: Outcome): string {
  const why = JSON.stringify(outcome, (_, value) => (typeof value === 'bigint' ? value.toString(16) : value));
  const harts = machine.harts.map(({ pc, instret }) => `${pc.toString(16)} after ${instret}`);
  return `${why} at ${harts.join(', ')}, ${machine.time} ns`;
}

/** Where the two machines differ, or that the guest came to nothing; undefined if all is well. */
export function compare(guest: Guest, comparison: Comparison, random: Random): string | undefined {
  const interpreting = guest.machine({ translateAfter: 'never' });
  // Who listens has what kernels do all the time done in TypeScript.
  interpreting.listen(() => false, { kinds: ['trap', 'trap-return', 'sfence', 'fence-i', 'csr-write'] });
  const trial = new Trial(guest, comparison, random, interpreting);
  const { machine, translateAfter, follower } = trial;
  for (const step of trial.steps()) {
    if ('run' in step) {
      const found = stopOf(machine, trial.run(step.run));
      const expected = follower && stopOf(follower, follower.run(step.run));
      if (expected === undefined || expected === found) continue;
      return `${guest.name} stops elsewhere (threshold ${translateAfter}): interpreted ${expected}; translated ${found}`;
    }
    if (!follower) {
      if (step.point < Number.POSITIVE_INFINITY) runTo(interpreting, step.point);
      else runToEnd(interpreting);
    }
    if (stateHash(interpreting) === stateHash(machine)) continue;
    return `${guest.name} differs after ${step.point} instructions (threshold ${translateAfter}): ${difference(interpreting, machine)}`;
  }
  const lost = guest.lost(interpreting);
  return lost && `${guest.name}: ${lost}`;
}

/** What is not the same, as far as registers and memory tell. */
export function difference(interpreting: MachineControl, translating: MachineControl): string {
  const found: string[] = [];
  for (const [id, expected] of interpreting.harts.entries()) {
    const other = translating.harts[id] as typeof expected;
    const tell = (what: string, one: bigint | undefined, two: bigint | undefined) => {
      if (one !== two) found.push(`hart ${id} ${what} ${one?.toString(16)} and ${two?.toString(16)}`);
    };
    tell('pc', expected.pc, other.pc);
    tell('instret', expected.instret, other.instret);
    for (let index = 0; index < 32; index += 1) tell(`x${index}`, expected.x(index), other.x(index));
    for (let index = 0; index < 32; index += 1) tell(`f${index}`, expected.f(index), other.f(index));
    for (let number = 0; number < 4096; number += 1)
      tell(`CSR ${number.toString(16)}`, expected.csr(number), other.csr(number));
  }
  for (const { kind, base, size } of interpreting.regions) {
    if (kind !== 'ram') continue;
    const [one, two] = [interpreting, translating].map((machine) => machine.readPhysical(base, Number(size)));
    const at = (one as Uint8Array).findIndex((byte, index) => byte !== two?.[index]);
    if (at >= 0) found.push(`memory from ${phys(base + BigInt(at)).toString(16)} on`);
  }
  return found.slice(0, 12).join(', ');
}
