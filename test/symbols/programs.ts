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

const rich = `
typedef unsigned int u32;
enum kind { leaf, inner = 7, none = -1 };
struct tree {
  struct tree *left, *right;
  enum kind kind : 4;
  u32 weight : 20;
  union { int number; const char *text; };
  int (*compare)(const struct tree *, u32, ...);
  short grid[2][3];
  volatile unsigned char tail[];
};
struct tree tree;
static int counter = 3;
static inline __attribute__((always_inline)) int helper(struct tree *at, int by) {
  int sum = by;
  for (u32 i = 0; i < at->weight; i++) { int step = at->grid[0][i & 1]; sum += step; }
  return sum + counter;
}
__attribute__((noinline)) static int triple(int x, struct tree *of) {
  if (of->compare && of->compare(of, x)) counter += x;
  return helper(of, x * 3);
}
__attribute__((noinline)) int combine(int a, int b, long c) {
  struct { int first; long second; } pair = { a, c };
  return triple(pair.first + b, &tree) + (int)pair.second + helper(tree.left, b);
}
int main(void) { return combine(counter, counter + 1, 5) + helper(&tree, 2); }
`;

/** A program with types, inlined functions, nested blocks and variables of all kinds. */
export function withVariables(flags: readonly string[]): string {
  return build({ 'start.S': start, 'main.c': rich }, ['-mcmodel=medany', '-Wl,-Ttext=0x80000000', ...flags]);
}
