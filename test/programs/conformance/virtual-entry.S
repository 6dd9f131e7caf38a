// The virtual environment's ways in: from reset to `start`, from a trap of the program to `handle`, and back.

#include "test.h"

  .section .text.start
  .globl _start
_start:
  csrr a0, mhartid
1: bnez a0, 1b
  la sp, stack_end
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  li t0, ADUE
  csrc ADUE_CSR, t0
  li t0, 0xb1ff
  csrw medeleg, t0
  la t0, unexpected
  csrw mtvec, t0
  li t0, 1 << 11 | 1 << 13 // to supervisor mode, with floating point
  csrw mstatus, t0
  la t0, start
  csrw mepc, t0
  mret

  .balign 4
unexpected:
  li a0, 1337 << 1 | 1
  j end

  .balign 4
  .globl trap_entry
trap_entry:
  csrrw sp, sscratch, sp
  .irp register, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  STORE x\register, \register*SIZE(sp)
  .endr
  mv a0, sp
  la sp, stack_end
  call handle
  la a0, registers
  // Falls through.

  // void resume(word registers[32])
  .globl resume
resume:
  csrw sscratch, a0
  .irp register, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  LOAD x\register, \register*SIZE(a0)
  .endr
  LOAD a0, 10*SIZE(a0)
  sret

  .bss
  .balign 16
stack: .space 4096
stack_end:

  .section .tohost, "aw", @progbits
  .balign 64
  .globl tohost, fromhost
tohost: .dword 0
  .balign 64
fromhost: .dword 0
