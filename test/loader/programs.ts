// Small bare-metal programs that the loader's tests build.

import { build } from '../support/riscv-gcc.ts';

const start = `
  .globl _start
  _start: la sp, stack_top
  call main
1: j 1b
  .bss
  .space 4096
stack_top:
  .section .tohost, "aw"
  .globl tohost, fromhost
  .balign 64
tohost: .dword 0
fromhost: .dword 0
`;

const main = `
int counter = 3;
int zeroed[1000];
int twice(int x) { return 2 * x; }
int main(void) { return twice(counter) + zeroed[1]; }
`;

/** Where `.text` and what follows it are linked, and their physical addresses. */
function script(va: string, pa: string): string {
  return `
ENTRY(_start)
PHDRS { code PT_LOAD; data PT_LOAD; }
SECTIONS {
  . = ${va};
  .text : AT(${pa}) { *(.text*) } :code
  . = ALIGN(4096);
  .data : AT(${pa} + ADDR(.data) - ${va}) { *(.data*) *(.sdata*) *(.tohost) } :data
  .bss : { *(.bss*) *(.sbss*) } :data
  _end = .;
}`;
}

/** Linked to run at `base`, virtual and physical. */
export function bareMetal(base = '0x80000000', flags: readonly string[] = []): string {
  const sources = { 'start.S': start, 'main.c': main, 'flat.ld': script(base, base) };
  return build(sources, ['-mcmodel=medany', '-g', ...flags]);
}

/** Linked high with physical addresses from `physical` on, as a kernel's linker script says by AT(). */
export function highHalf(physical: string): string {
  const sources = { 'start.S': start, 'main.c': main, 'high.ld': script('0xffffffff80000000', physical) };
  return build(sources, ['-mcmodel=medany', '-g']);
}

/** Linked without a script: the linker puts the ELF header in front of the first segment. */
export function withoutScript(base: string): string {
  return build({ 'start.S': start, 'main.c': main }, ['-mcmodel=medany', '-g', `-Wl,-Ttext=${base}`]);
}
