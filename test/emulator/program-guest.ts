// A program of this repository as a guest to compare: where its code and data are is seen by running it once.

import { readFileSync } from 'node:fs';
import { sightOf } from '../../debug-adapter/modules/sight.ts';
import { generateInterpreter, type HartFeatures } from '../../emulator/core/interpreter.ts';
import { interpreterName } from '../../emulator/core/prepared.ts';
import { createMachine, type HartView, type MachineControl, type MachineOptions, virt } from '../../emulator/index.ts';
import { parseIsa } from '../../emulator/isa/isa-string.ts';
import { compressedInstructions, instructions } from '../../emulator/isa/table.ts';
import { bytesSource, planBoot } from '../../emulator/loader/index.ts';
import type { Random } from '../oracle/random.ts';
import type { Program } from '../support/programs.ts';
import { type Guest, type Place, retired } from './compare.ts';

/** Bytes of RAM that are enough for all samples; the states are hashed with all of it. */
const ENOUGH = 4n << 20n;
/** Instructions and traps that may go by with nothing retired: a guest that traps at its trap handler does so for ever. */
const PATIENCE = 5000;
/** Places that are noted. */
const PLACES = 200;

/** A disk for those that look for one. */
const disk = { mode: 'cow', source: bytesSource('disk.img', new Uint8Array(16 * 512).fill(0x5a)) } as const;

/**
 * The guest, and how long it may be compared: up to `most` instructions, less where it ends before or comes to nothing but
 * traps.
 */
export function programGuest(
  program: Program,
  most: number,
  random: Random,
): { readonly guest: Guest; readonly instructions: number } {
  const { program: file, memory, harts, misaligned, pmp: pmpEntries, firmware, ...given } = program.launch();
  const { isa, mmu } = given;
  const isSample = program.name.startsWith('samples');
  const quantum = given.quantum ?? random.of([50, 1000, 10_000]);
  const hardware = { memory: isSample && memory > ENOUGH ? ENOUGH : memory, harts };
  const plan = planBoot(
    { program: bytesSource(program.name, readFileSync(file)) },
    { ...hardware, firmware: firmware as 'auto' | 'none', ...(isa && { isa }), ...(mmu && { mmu }) },
  );
  const all = {
    ...hardware,
    misaligned,
    pmpEntries,
    isa: plan.isa,
    mmu: plan.mmu,
    disks: [disk],
    ...(harts > 1 && { quantum }),
  };
  const machine = (options: Partial<MachineOptions>) => {
    const full = { ...all, ...options };
    return createMachine({ ...full, interpreter: (name) => interpreterOf(name, full) }, plan);
  };
  const { code, data, length, ends } = scout(machine({ translateAfter: 'never' }), most, random);
  const near = (places: readonly Place[], mask: bigint) => (some: Random) => {
    const { virtual, physical } = some.of(places);
    if (some.once(2)) return { virtual, physical };
    const other = BigInt(some.below(4096)) & mask;
    return { virtual: virt((virtual & ~4095n) | other), physical: ((physical & ~4095n) | other) as typeof physical };
  };
  const guest = {
    name: program.name,
    ends,
    machine,
    code: near(code, ~1n),
    data: near(data, ~7n),
    lost: () => undefined,
  };
  // Of one that ends, the last instruction is the end.
  return { guest, instructions: Math.max(1, length - 1) };
}

const interpreters = new Map<string, Uint8Array<ArrayBuffer>>();

/** Generated once for all machines that have it. */
function interpreterOf(
  name: string,
  { isa, misaligned, translateAfter }: Partial<MachineOptions> & { readonly isa: string },
) {
  const { xlen, extensions } = parseIsa(isa);
  const features: HartFeatures = {
    xlen,
    trapsMisaligned: misaligned === 'trap',
    compressed: extensions.has('c'),
    translateAfter: translateAfter === 'never' ? undefined : translateAfter,
  };
  if (interpreterName(features) !== name) return undefined;
  const known = interpreters.get(name);
  const code = known ?? generateInterpreter(instructions, compressedInstructions, features);
  interpreters.set(name, code);
  return code;
}

/** Runs the machine, and notes where it runs and what it points to. */
function scout(machine: MachineControl, most: number, random: Random) {
  const code: Place[] = [];
  const data: Place[] = [];
  const ram = machine.regions.find(({ kind }) => kind === 'ram') as (typeof machine.regions)[number];
  const note = (places: Place[], address: bigint, access: 'fetch' | 'load', hart: HartView) => {
    const sight = sightOf(machine, () => hart, access);
    const virtual = virt(address);
    const physical = sight.translate(virtual);
    if (physical === undefined || physical < ram.base || physical >= ram.base + ram.size - 8n) return;
    const place = { virtual, physical };
    if (places.length < PLACES) places.push(place);
    else places[random.below(PLACES)] = place;
  };
  let [length, ends] = [0, false];
  for (let since = 0; length < most && since < PATIENCE && !ends; ) {
    for (const hart of machine.harts) {
      note(code, hart.pc, 'fetch', hart);
      note(data, hart.x(1 + random.below(31)), 'load', hart);
    }
    const slice = 1 + random.below(random.of([10, 100, 3000]));
    const { reason } = machine.run(Math.min(slice, most));
    ends = reason === 'ended' || reason === 'idle';
    const before = length;
    length = retired(machine);
    since = length > before ? 0 : since + slice;
  }
  return { code, data: data.length ? data : code, length, ends };
}
