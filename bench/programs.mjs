// The bare-metal programs of the benchmark, and how they are built.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { largeCode } from './large-code.mjs';

const sources = path.join(import.meta.dirname, 'programs');

/** Calls of a program from U-mode or S-mode. QEMU counts them as instructions; they do not retire ("Environment Call and Breakpoint"). */
export const callsOf = ({ calls = 1000, user, firmware }, loops) =>
  (user || firmware ? calls * loops : 0) + (user ? 1 : 0);

/**
 * `loops`: at least five thousand million instructions and five seconds of QEMU, or the seconds alone where QEMU is slow,
 * so that compiling is a small part of it; `short`: enough to compare checksums.
 */
export const programs = [
  { name: 'integer-mix', paged: false, loops: 45_000, short: 40 },
  { name: 'large-code', paged: false, loops: 60_000, short: 20, functions: 2000 },
  { name: 'calls', paged: false, loops: 95_000, short: 100 },
  { name: 'pointer-chase', paged: true, loops: 125_000, short: 40 },
  // The same with page beside page, as in a kernel's linear map.
  { name: 'near-chase', source: 'pointer-chase', near: true, paged: true, loops: 125_000, short: 40 },
  { name: 'streaming', paged: true, loops: 2000, short: 1 },
  { name: 'tlb-chase', paged: true, loops: 7000, short: 10 },
  { name: 'fp-mix', paged: false, loops: 90_000, short: 20 },
  { name: 'system-calls', paged: true, user: true, loops: 10_000, short: 20 },
  { name: 'sbi-calls', paged: true, firmware: true, loops: 10_000, short: 20 },
  { name: 'context-switches', paged: true, user: true, loops: 2000, short: 20 },
  // System calls with a page table for the kernel and one for the program, as xv6 has them.
  {
    name: 'trampoline',
    paged: true,
    user: true,
    kernel: ['trampoline.S', 'trampoline-kernel.c'],
    loops: 500,
    short: 20,
  },
  // 1024 page faults a loop.
  { name: 'page-faults', paged: true, user: true, calls: 16, loops: 4000, short: 20 },
  { name: 'time-reads', paged: true, loops: 60_000, short: 20 },
];

/** Builds a program into `folder`; returns the ELF's path. */
export function buildProgram(program, folder, loops) {
  mkdirSync(folder, { recursive: true });
  const elf = path.join(folder, `${program.name}-${loops}.elf`);
  let main = path.join(sources, `${program.source ?? program.name}.c`);
  if (program.name === 'large-code') {
    main = path.join(folder, 'large-code.c');
    writeFileSync(main, largeCode(program.functions));
  }
  const kernel = [
    ...(program.paged ? ['paged.c'] : []),
    ...(program.user ? (program.kernel ?? ['user.S', 'spaces.c']) : []),
    ...(program.firmware ? ['firmware.S'] : []),
  ];
  const files = ['start.S', 'run.c', ...kernel].map((file) => path.join(sources, file));
  const flags = [
    ...(program.name === 'fp-mix' ? ['-march=rv64imafdc', '-mabi=lp64d'] : ['-march=rv64imac_zicsr', '-mabi=lp64']),
    '-mcmodel=medany',
    '-ffreestanding',
    '-nostdlib',
    '-static',
    '-O2',
  ];
  flags.push(
    '-fno-tree-loop-distribute-patterns',
    '-Wall',
    '-Wextra',
    '-Wl,--no-warn-rwx-segments',
    `-I${sources}`,
    `-DLOOPS=${loops}`,
  );
  if (program.paged) flags.push('-DPAGED');
  if (program.firmware) flags.push('-DFIRMWARE');
  if (program.near) flags.push('-DPAGE_STEP=1');
  execFileSync('riscv64-unknown-elf-gcc', [...flags, '-T', path.join(sources, 'bench.ld'), '-o', elf, main, ...files]);
  return elf;
}
