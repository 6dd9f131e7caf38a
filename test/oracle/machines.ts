// The two machines that a program is run on, with the same RAM at the beginning: ours and QEMU's.

import { allowRelaxedSimd } from '../../debug-adapter/compiler-thread/relaxed-simd.ts';
import { phys } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';
import type { Inspection } from '../../emulator/inspection.ts';
import { createMachine } from '../../emulator/machine.ts';
import { type Piece, type Range, runOnQemu } from '../support/qemu.ts';

// As the debug adapter does.
allowRelaxedSimd();

export type Mmu = 'bare' | 'sv32' | 'sv39' | 'sv48' | 'sv57';

/** What both machines are made as. */
export interface Model {
  /** Our ISA string: extensions by their names, `g` written out. */
  readonly isa: string;
  readonly mmu: Mmu;
}

/** A bare-metal program with its data, from the RAM's base on; what to compare afterwards. */
export interface Program {
  readonly pieces: readonly Piece[];
  readonly compared: readonly Range[];
}

export const ramBase = 0x8000_0000;
export const ramBytes = 32 * 2 ** 20;

/** Far more instructions than any of the programs needs. */
const enough = 50_000_000;

export const xlenOf = (model: Model): 32 | 64 => (model.isa.startsWith('rv32') ? 32 : 64);

/** Names of the ISA string, each on its own. */
function extensionsOf({ isa }: Model): string[] {
  const [letters = '', ...long] = isa.slice(4).split('_');
  return [...letters, ...long].filter((name) => name !== 'i');
}

/** QEMU has no switch of its own for it. */
const partOfSmstateen = 'ssstateen';

/** QEMU's CPU with just these extensions: its bare `rv64i` and what is named. */
export function cpuOf(model: Model): string {
  const on = [...extensionsOf(model).filter((name) => name !== partOfSmstateen), 's', 'u', 'mmu', 'pmp'];
  if (model.mmu !== 'bare') on.push(model.mmu);
  // All 29 event counters, as here; they make mcounteren's bits.
  return `rv${xlenOf(model)}i,pmu-mask=0xfffffff8,${on.map((name) => `${name}=on`).join(',')}`;
}

const machines = new Map<string, MachineControl & Inspection>();

/** Our two ways of executing instructions. */
const engines = { interpreted: 'never', translated: 2 } as const;
type Engine = keyof typeof engines;

/** Our machine; the same one for every program of a model, reset. */
export function ourMachine(model: Model, engine: Engine = 'interpreted'): MachineControl & Inspection {
  const key = `${model.isa} ${model.mmu} ${engine}`;
  const machine =
    machines.get(key) ??
    createMachine(
      {
        memory: BigInt(ramBytes),
        harts: 1,
        isa: model.isa,
        mmu: model.mmu,
        translateAfter: engines[engine],
        counts: true,
      },
      {
        xlen: xlenOf(model),
        isa: model.isa,
        mmu: model.mmu,
        firmware: 'none',
        privilege: 3,
        entry: phys(ramBase),
        segments: [],
        dtb: phys(0),
        kernel: { start: phys(ramBase), end: phys(ramBase) },
      },
    );
  machines.set(key, machine);
  machine.reset();
  return machine;
}

/** The next program gets a machine made anew. */
export function forgetMachines(): void {
  machines.clear();
}

/** Puts a program into our machine, reset. */
export function load(model: Model, program: Program, engine: Engine = 'interpreted'): MachineControl & Inspection {
  const machine = ourMachine(model, engine);
  for (const { address, bytes } of program.pieces) machine.writePhysical(phys(address), bytes);
  return machine;
}

/** Instructions that our machine has retired in all programs so far, and those of the other engine in translated code. */
export const counted = { instructions: 0, translated: 0 };

/** Between these many instructions what has become hot is translated. */
const untilTranslated = 60;

function runOn(engine: Engine, model: Model, program: Program, limit: number): Uint8Array[] {
  const machine = load(model, program, engine);
  const before = Number(machine.counts.regionInstructions);
  let outcome = machine.run(0);
  for (let left = limit; left > 0 && outcome.reason === 'limit'; left -= untilTranslated) {
    outcome = machine.run(Math.min(left, untilTranslated));
  }
  if (outcome.reason !== 'ended') {
    const at = machine.harts[0]?.pc.toString(16);
    throw new Error(`our machine, ${engine}, did not power off (${outcome.reason}) and stands at 0x${at}`);
  }
  if (engine === 'interpreted') counted.instructions += Number(machine.harts[0]?.instret ?? 0);
  counted.translated += Number(machine.counts.regionInstructions) - before;
  return program.compared.map(({ address, length }) => machine.readPhysical(phys(address), length));
}

/** What the program leaves on both of our engines, which must be the same. */
export function runOurs(model: Model, program: Program, limit = enough): Uint8Array[] {
  const interpreted = runOn('interpreted', model, program, limit);
  const translated = runOn('translated', model, program, limit);
  for (const [index, { address }] of program.compared.entries()) {
    const [one, other] = [interpreted[index] as Uint8Array, translated[index] as Uint8Array];
    const at = one.findIndex((byte, offset) => byte !== other[offset]);
    if (at >= 0)
      throw new Error(`${model.isa}: translated code leaves another byte at 0x${(address + at).toString(16)}`);
  }
  return interpreted;
}

export function runTheirs(model: Model, program: Program): Promise<Uint8Array[]> {
  return runOnQemu(cpuOf(model), ramBytes, program.pieces, program.compared);
}
