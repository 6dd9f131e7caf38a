// Physical memory protection: the first entry that matches decides; without a match lower modes have nothing.

#include "../test.h"
#include "../traps.h"

begin
  li a0, 1<<17 // MPRV: loads and stores as MPP
  la a1, data
  number
  li a2, 3<<11
  csrc mstatus, a2
  csrs mstatus, a0
  lw a3, 0(a1)
  csrc mstatus, a0
  li a4, 0x1234567
  bne a3, a4, failed

  // Entry 0: the page of data, NAPOT, nothing allowed; entry 1: everything else.
  srli a3, a1, 2
  ori a3, a3, 0x1ff
  csrw pmpaddr0, a3
  li a4, -1
  csrw pmpaddr1, a4
  li a4, 0x1f18
  csrw pmpcfg0, a4
  sfence.vma
  works lw a3, 0(a1) // machine mode, no lock
  csrs mstatus, a0
  la s11, 1f
  number
  lw a3, 0(a1)
  j failed
1: li a4, LOAD_ACCESS
  bne s2, a4, failed
  bne s3, a1, failed
  traps_in 0, LOAD_ACCESS, lw a3, 0(a1)
  csrc mstatus, a0
  traps_in 1, STORE_ACCESS, sw a3, 0(a1)
  li a4, 0x1f19 // read only
  csrw pmpcfg0, a4
  sfence.vma
  works_in 0, lw a3, 0(a1)
  traps_in 0, STORE_ACCESS, sw a3, 0(a1)
  number
  la s11, 1f
  enter 0
  jr a1
1: li a4, FETCH_ACCESS
  bne s2, a4, failed
  bne s4, a1, failed
  // TOR: from entry 0's address up to entry 1's.
  csrw pmpcfg0, zero
  srli a3, a1, 2
  csrw pmpaddr0, a3
  addi a3, a3, 1024
  csrw pmpaddr1, a3
  li a4, -1
  csrw pmpaddr2, a4
  li a4, 0x1f0800 // entry 1: TOR without rights; entry 2: all
  csrw pmpcfg0, a4
  sfence.vma
  traps_in 0, LOAD_ACCESS, lw a3, 0(a1)
  li a5, 4096
  add a5, a5, a1
  works_in 0, lw a3, 0(a5)
  works_in 0, lw a3, -4(a1)
  // No match.
  csrw pmpcfg0, zero
  sfence.vma
  number
  la s11, 1f
  enter 1
  nop
1: li a4, FETCH_ACCESS
  bne s2, a4, failed
done
  .section .data
  .space 64
  .balign 4096
data: .word 0x1234567
  .space 8192
