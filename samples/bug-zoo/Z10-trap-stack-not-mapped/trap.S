// The handler of all traps: on a stack of its own at TRAP_STACK.

  .section .text
  .balign 4
  .globl trap_entry
trap_entry:
  csrw sscratch, sp
  li sp, 0x40000000 + 4096
  sd ra, -8(sp)
  sd t0, -16(sp)
  sd a4, -24(sp)
  sd a5, -32(sp)
  addi sp, sp, -32
  call handle_interrupt
  ld a5, 0(sp)
  ld a4, 8(sp)
  ld t0, 16(sp)
  ld ra, 24(sp)
  csrr sp, sscratch
  sret
