// Every program for a machine that is in this repository, found by listing its folders: the samples, those of the tests and
// those of the benchmark. What a program needs of its machine it says itself: in launch.json, or as HARTS in its sources.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { checkLaunch, type Launch } from '../../debug-adapter/launch/configuration.ts';
import { assemble, conformancePrograms } from '../conformance/programs.ts';
import { build, newFolder } from './riscv-gcc.ts';
import { buildTrampolineKernel } from './trampoline-kernel.ts';

export interface Program {
  readonly name: string;
  /** With the path of the ELF, which is built by the first call. */
  launch(): Launch;
}

const launchOf = (given: object) => checkLaunch({ ...given }, () => undefined);

/** Each ELF in samples/, as the launch.json over it says. */
export function samples(): Program[] {
  return foldersIn('samples').flatMap((sample) => {
    const home = path.join('samples', sample);
    const json = path.join(home, '.vscode', 'launch.json');
    const configurations: { program: string }[] = existsSync(json)
      ? JSON.parse(readFileSync(json, 'utf8')).configurations
      : [];
    const elves = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.elf'));
    return elves.sort().map((elf) => {
      // Configurations of one program differ in how the debugger begins.
      const given = configurations.find(({ program }) => program === `\${workspaceFolder}/${elf}`);
      const name = path.join(home, elf);
      return { name, launch: () => launchOf({ ...given, program: name }) };
    });
  });
}

/** Those of test/programs. Some of them do little where no test tells them what to do. */
export function testPrograms(): Program[] {
  return foldersIn('test/programs').flatMap((name) => {
    const home = path.join('test/programs', name);
    if (name === 'conformance') return conformance();
    if (name === 'trampoline-kernel') return [bare(home, () => buildTrampolineKernel().program)];
    const files = readdirSync(home);
    const elf = files.find((file) => file.endsWith('.elf'));
    if (elf) return [bare(home, () => path.join(home, elf))];
    const sources = Object.fromEntries(files.map((file) => [file, readFileSync(path.join(home, file), 'utf8')]));
    const begins = files.filter((file) => /\.globl .*\b_start\b/.test(sources[file] as string));
    if (begins.length < 2) return builtFor(home, sources);
    return begins.flatMap((file) => builtFor(path.join(home, file), { [file]: sources[file] as string }));
  });
}

/** Those of the benchmark, with few loops. */
export async function benchPrograms(): Promise<Program[]> {
  const { programs, buildProgram } = await import(path.resolve('bench/programs.mjs'));
  return programs.map((program: { name: string; short: number; functions?: number }) => {
    const small = { ...program, ...(program.functions && { functions: 200 }) };
    const file = () => buildProgram(small, newFolder(), program.short);
    return bare(`bench/programs: ${program.name}`, file, { memory: '40M' });
  });
}

const foldersIn = (folder: string) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

/** A program without firmware. */
function bare(name: string, file: () => string, given: object = {}): Program {
  let launch: Launch | undefined;
  return {
    name,
    launch() {
      launch ??= launchOf({ memory: '8M', firmware: 'none', ...given, program: file() });
      return launch;
    },
  };
}

function conformance(): Program[] {
  return conformancePrograms().map(({ program, xlen, environment }) =>
    bare(`conformance/${program}, RV${xlen}, ${environment}`, () => assemble(program, xlen, environment), {
      memory: '3M',
    }),
  );
}

/** Those that ask which width they are built for are built for both. */
function builtFor(name: string, sources: Readonly<Record<string, string>>): Program[] {
  const text = Object.values(sources).join('\n');
  const harts = Number(/#define HARTS (\d+)/.exec(text)?.[1] ?? 1);
  const hasScript = Object.keys(sources).some((file) => file.endsWith('.ld'));
  const place = hasScript ? [] : ['-Wl,-Ttext=0x80000000'];
  return (text.includes('__riscv_xlen') ? ([64, 32] as const) : ([64] as const)).map((xlen) => {
    const target = [`-march=rv${xlen}gc`, `-mabi=${xlen === 64 ? 'lp64' : 'ilp32'}`, '-mcmodel=medany'];
    const flags = [...target, '-ffreestanding', '-static', '-O2', ...place, '-Wl,--no-warn-rwx-segments,--no-relax'];
    return bare(`${name}, RV${xlen}`, () => build(sources, flags), { harts });
  });
}
