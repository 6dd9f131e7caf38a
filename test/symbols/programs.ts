// Programs with lines worth looking up: inlined code of a header, loops, an assembly file.

import path from 'node:path';
import { build } from '../support/riscv-gcc.ts';

const header = `extern int counter;
static inline __attribute__((always_inline)) int helper(int x) {
  counter ^= x;
  return x + counter;
}
`;

const main = `#include "helper.h"
int counter;
__attribute__((noinline)) static int triple(int x) {
  return x * 3;
}

int main(void) {
  for (int i = 0; i < 10; i++)
    counter += triple(i) + helper(i);

  // Nothing is here, so that a breakpoint moves on to the next line.
  counter += helper(counter);
  return counter;
}
`;

const start = `
  .globl _start
  .type _start, @function
_start:
  la sp, stack_top
inner_label:
  call main
.Llocal:
  j .Llocal
  .size _start, . - _start
  .bss
  .space 4096
stack_top:
`;

export interface Program {
  readonly elf: string;
  readonly main: string;
  readonly header: string;
}

/** Builds the program; `main` and `header` are its sources' paths. */
export function withLines(flags: readonly string[]): Program {
  const sources = { 'start.S': start, 'main.c': main, 'helper.h': header };
  const elf = build(sources, ['-mcmodel=medany', '-Wl,-Ttext=0x80000000', ...flags]);
  const folder = path.dirname(elf);
  return { elf, main: path.join(folder, 'main.c'), header: path.join(folder, 'helper.h') };
}
