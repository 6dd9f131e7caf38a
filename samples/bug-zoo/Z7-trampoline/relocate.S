// The trick: stvec must hold the *link* address of what follows the satp write. `la` gives the address it runs at.

  .option norvc
  .section .text
  .balign 4
  .globl relocate
relocate:
  li t0, KERNEL_VA - 0x80000000
  la t1, 1f
#ifdef REPAIRED
  add t1, t1, t0
#endif
  csrw stvec, t1
  add sp, sp, t0
  add ra, ra, t0
  sfence.vma
  csrw satp, a0
1:
  ret
