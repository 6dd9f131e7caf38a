// How the programs of these tests begin: with a stack and floating point on, then main.

export const start = `
  .globl _start
_start:
  li t0, 0x6000  # floating point on
  csrs sstatus, t0
  la sp, stack_top
  call main
  j .
  .bss
  .balign 16
  .space 4096
stack_top:
  .space 8
  .globl stack_top
`;
