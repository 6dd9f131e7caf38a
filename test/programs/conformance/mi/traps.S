// Calls, breakpoints, addresses that are not aligned or where nothing is, and what mstatus remembers.

#include "../test.h"
#include "../traps.h"

#define NOWHERE 0x40000000

begin
  traps MACHINE_CALL, ecall
  number
  bnez s3, failed
  srli s5, s5, 11
  andi s5, s5, 3
  equal s5, 3
  traps_in 0, USER_CALL, ecall
  srli s5, s5, 11
  andi s5, s5, 3
  equal s5, 0
  traps_in 1, SUPERVISOR_CALL, ecall
  srli s5, s5, 11
  andi s5, s5, 3
  equal s5, 1
  traps BREAKPOINT, ebreak
  // mtval is zero or the address.
  number
  beqz s3, 1f
  bne s3, s4, failed
1:
  csrsi mstatus, 8 // MIE
  traps MACHINE_CALL, ecall
  andi s5, s5, 0x88
  equal s5, 0x80

  li a0, NOWHERE
  traps LOAD_ACCESS, lw a1, 0(a0)
  same s3, a0
  traps STORE_ACCESS, sb a1, 3(a0)
  addi a1, a0, 3
  same s3, a1
  traps LOAD_ACCESS, lr.w a1, (a0)
  traps STORE_ACCESS, amoadd.w a1, a1, (a0)
  traps LOAD_ACCESS, flw fa0, 0(a0)
  number
  la s11, 1f
  jr a0
1: li t6, FETCH_ACCESS
  bne s2, t6, failed
  bne s4, a0, failed
  bne s3, a0, failed
#if __riscv_xlen == 64
  li a0, 1<<56
  traps LOAD_ACCESS, lw a1, 0(a0)
  same s3, a0
  traps STORE_ACCESS, sd a1, 0(a0)
#endif

  // Not aligned: a load either works or says so; an atomic one never works across its size.
  la a0, data+1
  number
  la s11, 1f
  li s2, -1
  lw a1, 0(a0)
  li a2, 0x55443322
  bne a1, a2, failed
1: bltz s2, 2f
  li a2, LOAD_MISALIGNED
  bne s2, a2, failed
  bne s3, a0, failed
2: number
  la s11, 1f
  lr.w a1, (a0)
  j failed
1: li a2, LOAD_MISALIGNED
  beq s2, a2, 1f
  li a2, LOAD_ACCESS
  bne s2, a2, failed
1: number
  la s11, 1f
  sc.w a1, a1, (a0)
  j failed
1: li a2, STORE_MISALIGNED
  beq s2, a2, 1f
  li a2, STORE_ACCESS
  bne s2, a2, failed
1:
  // Jumps to half of a word: a trap at the jump unless there are compressed instructions.
  csrci misa, 4
  csrr a3, misa
  andi a3, a3, 4
  number
  la a0, halves
  la s11, 1f
  li s2, -1
  addi a1, a0, 2
2: jalr t0, a1
  j 3f
1: bnez a3, failed
  bnez s2, failed
  la a2, 2b
  bne s4, a2, failed
  bne s3, a1, failed
  j 4f
3: beqz a3, failed
4: csrsi misa, 4
  works jalr t0, 1(a0)
done
  .balign 4
halves: // from the middle: c.slli zero, 0, which does nothing
  jr t0
  jr t0
  .section .data
data: .word 0x44332211, 0x88776655
