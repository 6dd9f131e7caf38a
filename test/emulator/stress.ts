// One guest on two machines, which must be in the same state at random counts of instructions: the one interprets, the
// other translates what is hardly warm, at once or as another thread would, and is stopped and started at random.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { allowRelaxedSimd } from '../../debug-adapter/compiler-thread/relaxed-simd.ts';
import {
  type Batch,
  type Compiled,
  CompilerForOthers,
  createMachine,
  type MachineControl,
  type MachineOptions,
  phys,
  type RegionCompiler,
  virt,
} from '../../emulator/index.ts';
import { symbolValues } from '../../emulator/loader/elf-symbols.ts';
import { bytesSource, openElf, planBoot } from '../../emulator/loader/index.ts';
import type { Random } from '../oracle/random.ts';
import { build } from '../support/riscv-gcc.ts';
import { stateHash } from './sample.ts';

// As the debug adapter does.
allowRelaxedSimd();

const folder = path.resolve('test/programs/stress');
const built = new Map<number, string>();

/** The guest of test/programs/stress. */
function stressProgram(xlen: 32 | 64): string {
  const known = built.get(xlen);
  if (known) return known;
  const sources = Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
  );
  const flags = [`-march=rv${xlen}gc`, `-mabi=${xlen === 64 ? 'lp64' : 'ilp32'}`, '-mcmodel=medany', '-ffreestanding'];
  const elf = build(sources, [...flags, '-static', '-O2', '-Wl,--no-warn-rwx-segments']);
  built.set(xlen, elf);
  return elf;
}

const places = new WeakMap<MachineControl, bigint>();

/** Where such a guest took a trap that it was not to take, and has done nothing since; 0 = nowhere. */
export function lostAt(machine: MachineControl): number {
  const [low = 0, ...rest] = machine.readPhysical(phys(places.get(machine) as bigint), 4);
  return rest.reduce((value, byte, index) => value + byte * 256 ** (index + 1), low);
}

const text = { start: 0x8000_0000n, length: 0x8000 };

export function stressMachine(xlen: 32 | 64, seed: number, options: Partial<MachineOptions>): MachineControl {
  const file = stressProgram(xlen);
  const program = bytesSource(file, readFileSync(file));
  const isa = `rv${xlen}gc_zicntr_sstc`;
  const full = { memory: 8n << 20n, harts: 1, isa, mmu: xlen === 64 ? 'sv39' : 'sv32', ...options } as const;
  const machine = createMachine(full, planBoot({ program }, { ...full, firmware: 'none' }));
  const symbols = symbolValues(openElf(program), ['seed', 'lost']);
  places.set(machine, symbols.get('lost') as bigint);
  machine.writePhysical(phys(symbols.get('seed') as bigint), Uint8Array.of(seed, seed >> 8, seed >> 16, 0));
  return machine;
}

/** Runs until `count` instructions and traps have been, whatever stops it on the way. */
function runTo(machine: MachineControl, count: number, slice: () => number, between: () => void): void {
  for (let left = count - Number(machine.time); left > 0; left = count - Number(machine.time)) {
    between();
    const { reason } = machine.run(Math.min(left, slice()));
    if (reason === 'idle' || reason === 'ended') throw new Error(`the guest is ${reason}`);
  }
}

/** Sets breakpoints and watchpoints, or clears them, once in a while. Others listen to traps for a while. */
function disturb(machine: MachineControl, random: Random): void {
  if (!random.once(10)) return;
  const places = Array.from({ length: random.below(4) }, () => text.start + BigInt(2 * random.below(text.length / 2)));
  const virtual = places.map((place) => virt(random.once(3) ? (place & 0xffen) + 0x10_0000_8000n : place));
  machine.setBreakpoints(random.once(2) ? { virtual, physical: [] } : { virtual: [], physical: places.map(phys) });
  const address = text.start + BigInt(random.below(0x2_0000));
  const on = random.of(['read', 'write', 'read-write', 'change'] as const);
  const point = { id: 1, size: 8n, on } as const;
  const physical = { ...point, space: 'physical', address: phys(address) } as const;
  const both = [physical, { ...point, space: 'virtual', address: virt(address ^ 0x800n) } as const];
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

export interface StressRun {
  readonly xlen: 32 | 64;
  readonly instructions: number;
  /** How often the states are compared. */
  readonly points: number;
}

/** Where the two machines differ, or that the guest came to nothing; undefined if all is well. */
export function stress({ xlen, instructions, points }: StressRun, random: Random): string | undefined {
  const seed = random.below(1 << 24);
  const translateAfter = 1 + random.below(random.once(2) ? 4 : 100);
  const interpreting = stressMachine(xlen, seed, { translateAfter: 'never' });
  // Who listens has what kernels do all the time done in TypeScript.
  interpreting.listen(() => false, { kinds: ['trap', 'trap-return', 'sfence', 'fence-i', 'csr-write'] });
  // Caches that hold less than the guest needs are emptied over and over.
  const codeCache = random.once(3) ? { pages: 4 + random.below(4), regions: 2 + random.below(20) } : {};
  const compiler = random.once(2) ? { compiler: new CompilerLater(random) } : {};
  const translating = stressMachine(xlen, seed, { translateAfter, codeCache, ...compiler });
  const longest = random.of([50, 5000, 200_000]);
  const stops = Array.from({ length: points }, () => 1 + random.below(instructions)).sort((a, b) => a - b);
  for (const stop of stops) {
    runTo(
      interpreting,
      stop,
      () => 1_000_000,
      () => undefined,
    );
    runTo(
      translating,
      stop,
      () => 1 + random.below(longest),
      () => disturb(translating, random),
    );
    const [expected, found] = [stateHash(interpreting), stateHash(translating)];
    if (expected === found) continue;
    const [pc, other] = [interpreting, translating].map((machine) => machine.harts[0]?.pc.toString(16));
    return `RV${xlen} after ${stop} instructions (guest's seed ${seed}, threshold ${translateAfter}): pc ${pc} and ${other}`;
  }
  const lost = lostAt(interpreting);
  return lost ? `RV${xlen}: the guest of seed ${seed} is lost at ${lost.toString(16)}` : undefined;
}
