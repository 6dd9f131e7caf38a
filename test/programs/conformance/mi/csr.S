// CSRs: the six instructions, what writes of illegal values leave, and views of mstatus.

#include "../test.h"
#include "../traps.h"

begin
  holds mscratch, -1, -1
  number
  li a0, 0x0f
  csrrw a1, mscratch, a0
  li a2, -1
  bne a1, a2, failed
  csrrsi a1, mscratch, 0x10
  equal a1, 0x0f
  csrrci a1, mscratch, 1
  equal a1, 0x1f
  li a0, 6
  csrrc a0, mscratch, a0
  equal a0, 0x1e
  csrrs a0, mscratch, a0
  equal a0, 0x18
  csrrwi a0, mscratch, 3
  equal a0, 0x1e
  csrr a0, mscratch
  equal a0, 3

  // misa: the width, and IMAFD with S and U; clearing may do nothing.
  csrr a0, misa
  li a1, 1<<0|1<<3|1<<5|1<<8|1<<12|1<<18|1<<20
  and a0, a0, a1
  same a0, a1
  csrr a0, misa
  srli a0, a0, __riscv_xlen-2
  equal a0, __riscv_xlen/32
  csrr a0, misa
  csrw misa, a0
  csrr a1, misa
  same a0, a1

  holds mepc, 0x1230, 0x1231
  csrr a0, mtvec
  holds mtvec, 0x1230, 0x1230
  csrw mtvec, a0
  holds medeleg, 0, 0
  // Environment calls of machine mode are not delegated.
  number
  li a0, -1
  csrw medeleg, a0
  csrr a1, medeleg
  andi a1, a1, 1<<3|1<<8
  li a2, 1<<3|1<<8
  bne a1, a2, failed
  csrr a1, medeleg
  li a2, 1<<11
  and a1, a1, a2
  bnez a1, failed
  csrw medeleg, zero
  number
  csrw mideleg, a0
  csrr a1, mideleg
  li a2, 0x222
  and a1, a1, a2
  bne a1, a2, failed
  csrw mideleg, zero

  // MPP holds only the modes that there are.
  number
  li a0, 3<<11
  csrc mstatus, a0
  li a1, 2<<11
  csrs mstatus, a1
  csrr a1, mstatus
  and a1, a1, a0
  li a2, 2<<11
  beq a1, a2, failed
  // A write to a floating-point register makes the state dirty, and SD sums that up.
  number
  li a0, 3<<13
  csrc mstatus, a0
  li a1, 1<<13
  csrs mstatus, a1
  csrr a1, mstatus
  bltz a1, failed
  fmv.w.x fa0, zero
  csrr a1, mstatus
  bgez a1, failed
  csrr a1, sstatus
  bgez a1, failed
  and a1, a1, a0
  bne a1, a0, failed
  // sstatus is a view.
  number
  li a0, 1<<18
  csrs sstatus, a0
  csrr a1, mstatus
  and a1, a1, a0
  beqz a1, failed
  csrc mstatus, a0
  csrr a1, sstatus
  and a1, a1, a0
  bnez a1, failed
  number
  csrr a1, sstatus
  li a0, 3<<11
  and a1, a1, a0
  bnez a1, failed
  // satp.MODE that is not there: the whole write does nothing.
#if __riscv_xlen == 64
  holds satp, 0, 7<<60|1
#endif
  // PMP: the lock, and addresses at the granularity that probing finds.
  number
  csrw pmpcfg0, zero
  li a0, -1
  csrw pmpaddr0, a0
  csrr a1, pmpaddr0
  beqz a1, failed
  li a0, 0x9f
  csrw pmpaddr1, a1
  slli a0, a0, 8
  csrw pmpcfg0, a0
  csrr a2, pmpcfg0
  bne a0, a2, failed
  csrw pmpcfg0, zero
  csrw pmpaddr1, zero
  csrr a2, pmpcfg0
  bne a0, a2, failed
  csrr a2, pmpaddr1
  bne a1, a2, failed
  // Triggers can be asked for, also where there are none; one that is there stops at its address.
  csrw tselect, zero
  csrr a0, tselect
  bnez a0, 2f
  li a0, 2<<(__riscv_xlen-4)|1<<6|1<<2 // an address, in machine mode, before its instruction
  works csrw tdata1, a0
  csrr a1, tdata1
  bne a0, a1, 2f
  la a1, 1f
  csrw tdata2, a1
  csrr a2, tdata2
  bne a1, a2, 2f
  number
  la s11, 3f
  li s2, -1
1: nop
3: csrw tdata1, zero
  li a1, BREAKPOINT
  bne s2, a1, failed
2:
done
