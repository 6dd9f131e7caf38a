// The guest of test/programs/stress: it changes its code, maps pages elsewhere, faults and is interrupted.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createMachine, type MachineControl, type MachineOptions, phys, virt } from '../../emulator/index.ts';
import { symbolValues } from '../../emulator/loader/elf-symbols.ts';
import { bytesSource, openElf, planBoot } from '../../emulator/loader/index.ts';
import { build } from '../support/riscv-gcc.ts';
import type { Guest } from './compare.ts';

const folder = path.resolve('test/programs/stress');
const built = new Map<number, string>();

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

const text = { start: 0x8000_0000n, length: 0x8000 };
const dataLength = 0x2_0000;
/** Behind the pages of the window, where pages of code are mapped one after the other. */
const alias = 0x10_0000_8000n;

export function stressGuest(xlen: 32 | 64, seed: number): Guest {
  const file = stressProgram(xlen);
  const program = bytesSource(file, readFileSync(file));
  const symbols = symbolValues(openElf(program), ['seed', 'lost']);
  return {
    name: `RV${xlen}, the stress guest of seed ${seed},`,
    machine(options: Partial<MachineOptions>): MachineControl {
      const isa = `rv${xlen}gc_zicntr_sstc`;
      const full = { memory: 8n << 20n, harts: 1, isa, mmu: xlen === 64 ? 'sv39' : 'sv32', ...options } as const;
      const machine = createMachine(full, planBoot({ program }, { ...full, firmware: 'none' }));
      machine.writePhysical(phys(symbols.get('seed') as bigint), Uint8Array.of(seed, seed >> 8, seed >> 16, 0));
      return machine;
    },
    code(random) {
      const place = text.start + BigInt(2 * random.below(text.length / 2));
      return { virtual: virt(random.once(3) ? (place & 0xffen) + alias : place), physical: phys(place) };
    },
    data(random) {
      const place = text.start + BigInt(random.below(dataLength));
      return { virtual: virt(place), physical: phys(place) };
    },
    /** It tells where it took a trap that it was not to take, and does nothing from then on. */
    lost(machine) {
      const bytes = machine.readPhysical(phys(symbols.get('lost') as bigint), 4);
      const at = new DataView(bytes.slice().buffer).getUint32(0, true);
      return at === 0 ? undefined : `it is lost at ${at.toString(16)}`;
    },
  };
}
