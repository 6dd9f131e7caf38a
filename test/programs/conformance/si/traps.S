// Supervisor mode: its CSRs, calls, breakpoints, illegal instructions, WFI.

#include "../test.h"
#include "../traps.h"

begin
  holds sscratch, -1, -1
  number
  li a0, 0x0f
  csrrc a1, sscratch, a0
  csrr a1, sscratch
  li a2, -16
  bne a1, a2, failed
  traps BREAKPOINT, ebreak
  srli s5, s5, 8
  andi s5, s5, 1
  equal s5, 1
  traps ILLEGAL, csrr a0, mstatus
  traps ILLEGAL, csrw mscratch, zero
  traps ILLEGAL, mret
  // UXL, SUM, MXR, FS are the supervisor's; MPP is not.
  number
  li a0, 3<<18
  csrs sstatus, a0
  csrr a1, sstatus
  and a1, a1, a0
  bne a1, a0, failed
  csrc sstatus, a0
#if __riscv_xlen == 64
  csrr a1, sstatus
  srli a1, a1, 32
  andi a1, a1, 3
  equal a1, 2
#endif
  // A call of user mode.
  number
  li a0, 1<<8
  csrc sstatus, a0
  la a0, 1f
  csrw sepc, a0
  la s11, 2f
  sret
1: ecall
2: li t6, USER_CALL
  bne s2, t6, failed
  bne s4, a0, failed
  li t6, 1<<8
  and s5, s5, t6
  bnez s5, failed
  // WFI ends with an interrupt that is pending and enabled, also while SIE is clear.
  csrwi sie, 2
  csrwi sip, 2
  csrci sstatus, 2
  works wfi
  csrwi sip, 0
  // Jumps to an odd half.
  number
  la a0, 1f
  jalr t0, 1(a0)
  j failed
1:
done
