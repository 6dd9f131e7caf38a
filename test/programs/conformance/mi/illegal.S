// Illegal instructions: encodings that mean nothing, CSRs beyond reach, and what mstatus lets machine mode keep for itself.

#include "../test.h"
#include "../traps.h"

begin
  traps ILLEGAL, .word 0
  traps ILLEGAL, .word 0xffffffff
  // mtval holds the instruction, or nothing.
  beqz s3, 1f
  number
  slli s3, s3, __riscv_xlen-32
  srli s3, s3, __riscv_xlen-32
  not s3, s3
  slli s3, s3, __riscv_xlen-32
  bnez s3, failed
1:
  traps ILLEGAL, .word 0x0000000b
  traps ILLEGAL, csrw mhartid, zero
  traps ILLEGAL, csrrs a0, cycle, a0
  traps ILLEGAL, csrr a0, 0x5c0
  traps ILLEGAL, csrr a0, 0x8ff
  works csrr a0, mhartid
  works csrrsi a0, mvendorid, 0
  works csrr a0, marchid
  works csrr a0, mimpid
#if __riscv_xlen == 32
  traps ILLEGAL, .word 0x02051513 // slli a0, a0, 32
  traps ILLEGAL, .word 0x0005053b // addw
  traps ILLEGAL, .word 0x00053503 // ld
#else
  traps ILLEGAL, .word 0x0205151b // slliw a0, a0, 32
#endif

  // Lower modes.
  traps_in 0, ILLEGAL, csrr a0, sstatus
  traps_in 0, ILLEGAL, csrr a0, mstatus
  traps_in 0, ILLEGAL, sret
  traps_in 0, ILLEGAL, sfence.vma
  traps_in 0, ILLEGAL, mret
  traps_in 1, ILLEGAL, mret
  traps_in 1, ILLEGAL, csrr a0, mscratch
  works_in 1, csrr a0, sscratch
  li a1, 7
  csrc mcounteren, a1
  traps_in 1, ILLEGAL, csrr a0, instret
  csrs mcounteren, a1
  works_in 1, csrr a0, instret
  csrc scounteren, a1
  traps_in 0, ILLEGAL, csrr a0, cycle
  csrs scounteren, a1
  works_in 0, csrr a0, cycle

  li a1, 1<<20 // TVM
  csrs mstatus, a1
  traps_in 1, ILLEGAL, csrr a0, satp
  traps_in 1, ILLEGAL, sfence.vma
  csrc mstatus, a1
  works_in 1, csrr a0, satp
  works_in 1, sfence.vma
  li a1, 1<<21 // TW
  csrs mstatus, a1
  traps_in 1, ILLEGAL, wfi
  csrc mstatus, a1
  li a1, 1<<22 // TSR
  csrs mstatus, a1
  traps_in 1, ILLEGAL, sret
  csrc mstatus, a1
  la a1, 1f
  csrw sepc, a1
  li a1, 1<<8
  csrs mstatus, a1
  number
  la s11, 2f
  enter 1
  sret
  j failed
1: ecall
2: li t6, SUPERVISOR_CALL
  bne s2, t6, failed

  // Floating point that is off, and rounding modes that are none.
  li a1, 3<<13
  csrc mstatus, a1
  traps ILLEGAL, fadd.s fa0, fa0, fa0
  traps ILLEGAL, flw fa0, 0(sp)
  traps ILLEGAL, csrr a0, fcsr
  csrs mstatus, a1
  works fadd.s fa0, fa0, fa0
  traps ILLEGAL, .word 0x00a55553 // fadd.s with mode 5
  fsrmi 5
  traps ILLEGAL, fadd.s fa0, fa0, fa0, dyn
  fsrmi 0
done
