// A guest on two machines, which must be in the same state at random counts of instructions: the one interprets, the other
// translates what is hardly warm, at once or as another thread would, and is stopped and started at random.

import { allowRelaxedSimd } from '../../debug-adapter/compiler-thread/relaxed-simd.ts';
import {
  type Batch,
  type Compiled,
  CompilerForOthers,
  type MachineControl,
  type MachineOptions,
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

/** What runs on both machines; it goes on for ever. */
export interface Guest {
  /** With the seed that it was made from. */
  readonly name: string;
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

/** Runs in a row that retire nothing; what holds back a hart for longer is no trap. */
const MOST_STALLED = 10_000;

export function run(machine: MachineControl, limit: number): void {
  const { reason } = machine.run(limit);
  if (reason === 'idle' || reason === 'ended') throw new Error(`the guest is ${reason}`);
}

/**
 * How long the next run is to be, until the harts have retired `count` instructions together, whatever stops the machine on the
 * way. Where that moment is depends on the guest alone, as harts take turns by what they retired, and traps, not by the slices
 * of the runs.
 */
function* runsTo(machine: MachineControl, count: number, slice: () => number): Generator<number> {
  let stalled = 0;
  for (let left = count - retired(machine); left > 0; ) {
    yield Math.min(left, slice());
    const before = left;
    left = count - retired(machine);
    stalled = left < before ? 0 : stalled + 1;
    if (stalled > MOST_STALLED) throw new Error(`the guest retires nothing at ${machine.harts[0]?.pc.toString(16)}`);
  }
}

/** Runs to that moment. */
export function runTo(machine: MachineControl, count: number): void {
  for (const limit of runsTo(machine, count, () => 1_000_000)) run(machine, limit);
}

/** Sets breakpoints and watchpoints, or clears them, or begins an epoch, once in a while. */
function disturb(machine: MachineControl, guest: Guest, random: Random): void {
  if (!random.once(10)) return;
  if (random.once(4)) machine.beginEpoch();
  const places = Array.from({ length: random.below(4) }, () => guest.code(random));
  const virtual = places.map((place) => place.virtual);
  const physical = places.map((place) => place.physical);
  machine.setBreakpoints(random.once(2) ? { virtual, physical: [] } : { virtual: [], physical });
  const on = random.of(['read', 'write', 'read-write', 'change'] as const);
  const data = guest.data(random);
  const point = { id: 1, size: 8n, on } as const;
  const both = [
    { ...point, space: 'physical', address: data.physical } as const,
    { ...point, space: 'virtual', address: guest.data(random).virtual } as const,
  ];
  machine.setWatchpoints(random.once(3) ? both.slice(random.below(2)) : []);
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
  private readonly guest: Guest;
  private readonly random: Random;
  private readonly longest: number;
  private readonly points: readonly number[];

  constructor(guest: Guest, { instructions, points }: Comparison, random: Random) {
    this.guest = guest;
    this.random = random;
    this.translateAfter = 1 + random.below(random.once(2) ? 4 : 100);
    // Caches that hold less than the guest needs are emptied over and over.
    const codeCache = random.once(3) ? { pages: 4 + random.below(4), regions: 2 + random.below(20) } : {};
    const compiler = random.once(2) ? { compiler: new CompilerLater(random) } : {};
    this.machine = guest.machine({ translateAfter: this.translateAfter, codeCache, ...compiler });
    this.longest = random.of([50, 5000, 200_000]);
    this.points = Array.from({ length: points }, () => 1 + random.below(instructions)).sort((a, b) => a - b);
  }

  /** The runs, which are the caller's to do: how long each is. Between them, points to compare at: how much was retired. */
  *steps(): Generator<{ readonly run: number } | { readonly point: number }> {
    for (const point of this.points) {
      for (const limit of runsTo(this.machine, point, () => 1 + this.random.below(this.longest))) {
        disturb(this.machine, this.guest, this.random);
        yield { run: limit };
      }
      yield { point };
    }
  }
}

/** Where the two machines differ, or that the guest came to nothing; undefined if all is well. */
export function compare(guest: Guest, comparison: Comparison, random: Random): string | undefined {
  const trial = new Trial(guest, comparison, random);
  const { machine, translateAfter } = trial;
  const interpreting = guest.machine({ translateAfter: 'never' });
  // Who listens has what kernels do all the time done in TypeScript.
  interpreting.listen(() => false, { kinds: ['trap', 'trap-return', 'sfence', 'fence-i', 'csr-write'] });
  for (const step of trial.steps()) {
    if ('run' in step) run(machine, step.run);
    else {
      runTo(interpreting, step.point);
      if (stateHash(interpreting) === stateHash(machine)) continue;
      return `${guest.name} differs after ${step.point} instructions (threshold ${translateAfter}): ${difference(interpreting, machine)}`;
    }
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
