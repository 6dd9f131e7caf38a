// Interrupts: pending and enabled, by mode, vectored, delegated, and by priority.

#include "../test.h"
#include "../traps.h"

#define CLINT 0x2000000

  // An interrupt comes once `instruction` allows it.
  .macro interrupts cause, instruction:vararg
    number
    la s11, 91f
    li s2, -1
    \instruction
    nop
    j failed
91: li t6, INTERRUPT|\cause
    bne s2, t6, failed
  .endm

begin
  csrr s10, mtvec
  // A supervisor software interrupt that is not delegated.
  csrwi mip, 2
  csrwi mie, 2
  number
  csrr a0, mip
  andi a0, a0, 2
  beqz a0, failed
  interrupts 1, csrsi mstatus, 8
  number
  bnez s3, failed
  csrwi mip, 0
  csrci mstatus, 8

  // MSIP is the CLINT's to set.
  li a1, CLINT
  li a0, 1
  sw a0, 0(a1)
  csrwi mie, 8
1: csrr a0, mip
  andi a0, a0, 8
  beqz a0, 1b
  wfi // enabled and pending: does not wait
  interrupts 3, csrsi mstatus, 8
  csrci mstatus, 8
  // In lower modes MIE does not matter.
  number
  la s11, 1f
  li s2, -1
  enter 0
2: j 2b
1: li t6, INTERRUPT|3
  bne s2, t6, failed
  la t6, 2b
  bne s4, t6, failed

  // Software before timer; external ones by mip.SEIP.
  li a0, 0x20a
  csrw mie, a0
  li a0, 0x202
  csrw mip, a0
  interrupts 3, csrsi mstatus, 8
  csrci mstatus, 8
  sw zero, 0(a1)
1: csrr a0, mip
  andi a0, a0, 8
  bnez a0, 1b
  interrupts 9, csrsi mstatus, 8
  csrci mstatus, 8
  li a0, 0x200
  csrc mip, a0
  interrupts 1, csrsi mstatus, 8
  csrci mstatus, 8

  // The timer.
  csrwi mip, 0
  li a0, 0x80
  csrw mie, a0
  li a2, CLINT+0x4000
  sw zero, 0(a2)
  sw zero, 4(a2)
  number
  la s11, 1f
  csrsi mstatus, 8
  wfi
  nop
  j failed
1: li t6, INTERRUPT|7
  bne s2, t6, failed
  csrci mstatus, 8
  li a0, -1
  sw a0, 4(a2)

  // Vectored: interrupts go to their place, exceptions to the base.
  number
  la a0, vectors
  addi a0, a0, 1
  csrw mtvec, a0
  csrr a1, mtvec
  bne a0, a1, 1f // not there
  csrwi mie, 2
  csrwi mip, 2
  li s6, 0
  interrupts 1, csrsi mstatus, 8
  equal s6, 1
  csrci mstatus, 8
  traps MACHINE_CALL, ecall
  equal s6, 0
1: csrw mtvec, s10

  // Delegated: does not come in machine mode.
  csrwi mideleg, 2
  csrwi mip, 2
  csrwi mie, 2
  works csrsi mstatus, 8
  csrci mstatus, 8
  number
  la a0, supervisor
  csrw stvec, a0
  la s11, 1f
  csrsi mstatus, 2
  enter 1
  nop
2: j 2b
1: li t6, SUPERVISOR_CALL
  bne s2, t6, failed
  csrr a0, scause
  li t6, INTERRUPT|1
  bne a0, t6, failed
  csrw mtvec, s10
done
  .balign 256
vectors:
  j 1f
  j 2f
1: li s6, 0
  j handler
2: li s6, 1
  j handler
  .balign 4
supervisor:
  ecall
