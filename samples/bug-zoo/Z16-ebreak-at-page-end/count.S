// A page whose last instructions are a compressed store and a compressed ebreak.

  .section .text
  .balign 4096
  .skip 4096 - 8
  .globl count
count:
  c.ld a1, 0(a0)
  c.addi a1, 1
  c.sd a1, 0(a0)
#ifdef REPAIRED
  c.nop
#else
  c.ebreak
#endif
  // The next page.
  ret
