// The bare-metal programs of test/programs/conformance, and how they are assembled.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { gnu, newFolder } from '../support/riscv-gcc.ts';

const folder = path.resolve('test/programs/conformance');

export type Environment = 'physical' | 'virtual';

export interface ConformanceProgram {
  readonly group: string;
  /** `ui/branches`. */
  readonly program: string;
  readonly xlen: 32 | 64;
  readonly environment: Environment;
}

/** The mode that the programs of a group run in; those in user mode run in both environments. */
const modes: Readonly<Record<string, number>> = { mi: 3, si: 1, svadu: 3, svnapot: 3, zicboz: 3 };
/** There is no Svnapot with Sv32. */
const only64 = new Set(['svnapot']);

export function conformancePrograms(): ConformanceProgram[] {
  const found: ConformanceProgram[] = [];
  for (const { name: group } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const programs = readdirSync(path.join(folder, group)).filter((file) => file.endsWith('.S'));
    for (const xlen of only64.has(group) ? ([64] as const) : ([32, 64] as const)) {
      for (const environment of group in modes ? (['physical'] as const) : (['physical', 'virtual'] as const)) {
        for (const file of programs) found.push({ group, program: `${group}/${file.slice(0, -2)}`, xlen, environment });
      }
    }
  }
  return found;
}

/** The path of the ELF. */
export function assemble(program: string, xlen: 32 | 64, environment: Environment): string {
  const elf = path.join(newFolder(), `rv${xlen}-${environment}-${program.replace('/', '-')}.elf`);
  const mode = modes[path.dirname(program)] ?? 0;
  const target = [`-march=rv${xlen}imafd_zicsr_zifencei`, `-mabi=${xlen === 64 ? 'lp64' : 'ilp32'}`, '-mcmodel=medany'];
  const freestanding = ['-nostdlib', '-nostartfiles', '-ffreestanding', '-static', '-O1', '-Wl,--no-relax'];
  const around = environment === 'physical' ? ['physical.S'] : ['virtual-entry.S', 'virtual.c'];
  const sources = [...around, `${program}.S`].map((name) => path.join(folder, name));
  const script = `-Wl,-T${path.join(folder, 'program.ld')},--no-warn-rwx-segments`;
  const args = [...target, ...freestanding, `-DMODE=${mode}`, script, ...sources, '-o', elf];
  gnu('gcc', args);
  return elf;
}
