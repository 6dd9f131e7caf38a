// The firmware under programs in S-mode: one call, which computes something.
  .balign 4
  .globl firmware
firmware:
  csrrw sp, mscratch, sp
  sd t0, 0(sp)
  csrr t0, mcause
  addi t0, t0, -9
1:
  bnez t0, 1b
  csrr t0, mepc
  addi t0, t0, 4
  csrw mepc, t0
  slli t0, a0, 1
  add a0, a0, t0
  addi a0, a0, 7
  ld t0, 0(sp)
  csrrw sp, mscratch, sp
  mret

  .bss
  .balign 16
  .globl firmware_stack
firmware_stack:
  .space 16
