// Goes on behind the instruction that trapped, which is always a load of four bytes.

  .section .text
  .balign 4
  .globl skip_instruction
skip_instruction:
  csrw sscratch, t0
  csrr t0, sepc
  addi t0, t0, 4
  csrw sepc, t0
  csrr t0, sscratch
  sret
