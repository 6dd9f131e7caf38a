// The physical environment: from machine mode straight into the program, without translation. Traps that the program does
// not handle (`handler`; in supervisor mode they are delegated) end it.

#include "test.h"

  .section .text.start
  .globl _start
_start:
  j reset

  .balign 64
trap:
  csrr t5, mcause
  addi t5, t5, -8
  sltiu t6, t5, 4
  beqz t6, 1f
  li t6, EXIT
  beq a7, t6, finish
1:
  .weak handler
  la t5, handler
  beqz t5, 2f
#if MODE == 3
  jr t5
#endif
2:
  slli gp, gp, 1
  li t5, 1337 << 1 | 1
  or gp, gp, t5
finish:
  la t5, tohost
  sw gp, 0(t5)
  sw zero, 4(t5)
  j finish

reset:
  // Nothing is known of registers at reset.
  .irp register, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  li x\register, 0
  .endr
  csrr t0, mhartid
park:
  bnez t0, park

  // A CSR that may be missing is tried with the trap vector just behind it.
  .macro try instruction:vararg
  la t0, 90f
  csrw mtvec, t0
  \instruction
  .balign 4
90:
  .endm
  try csrwi 0x744, 8
  try csrwi satp, 0
  li t1, -1
  li t2, 0x1f
  .macro open
  csrw pmpaddr0, t1
  csrw pmpcfg0, t2
  .endm
  try open
  csrwi mie, 0
  li t1, ADUE
  try csrc ADUE_CSR, t1
  .macro keep
  csrwi medeleg, 0
  csrwi mideleg, 0
  .endm
  try keep
  la t0, trap
  csrw mtvec, t0
  li gp, 0

#if MODE == 1
  la t0, handler
  beqz t0, 1f
  csrw stvec, t0
  li t0, 0xb1ff // all but the environment calls of supervisor and machine mode
  csrw medeleg, t0
  li t0, 0x222
  csrw mideleg, t0
1:
#endif
  li t0, MODE << 11 | 1 << 13
  csrw mstatus, t0
  csrwi fcsr, 0
  la t0, program
  csrw mepc, t0
  csrr a0, mhartid
  mret

  .section .tohost, "aw", @progbits
  .balign 64
  .globl tohost, fromhost
tohost: .dword 0
  .balign 64
fromhost: .dword 0
