// Atomic memory operations: what they return is extended by its sign, what they store is as wide as they are.

#include "../test.h"

  .macro amo name, size, after, before, operand
    number
    la a0, cell
    li a1, \before
    s\size a1, 0(a0)
    li a2, \operand
    \name a3, a2, (a0)
    bne a3, a1, failed
    l\size a3, 0(a0)
    li a1, \after
    bne a3, a1, failed
    \name zero, a2, (a0)
    lw a4, 8(a0)
    bnez a4, failed
    mv a4, a0
    \name a4, a2, (a4) // the result overwrites the address
    l\size a5, 0(a0)
  .endm

  .macro all size, least, upper
    amo amoswap.\size, \size, -1, 5, -1
    amo amoadd.\size, \size, 12, 5, 7
    amo amoadd.\size, \size, \least, -\least-1, 1
    amo amoand.\size, \size, 8, 12, 10
    amo amoor.\size, \size, 14, 12, 10
    amo amoxor.\size, \size, 6, 12, 10
    amo amomax.\size, \size, 1, 1, -1
    amo amomax.\size, \size, 7, \least, 7
    amo amomaxu.\size, \size, -1, 1, -1
    amo amomin.\size, \size, -1, 1, -1
    amo amomin.\size, \size, \least, \least, 7
    amo amominu.\size, \size, 1, 1, -1
    amo amominu.\size, \size, 7, \least, 7
    amo amoadd.\size\().aqrl, \size, 0, -1, 1
  .endm

begin
  all w, -0x80000000
#if __riscv_xlen == 64
  all d, -0x8000000000000000
  number // the upper half of the operand is not looked at
  la a0, cell
  li a1, 1
  sw a1, 0(a0)
  li a2, 0x1200000000
  amomaxu.w a3, a2, (a0)
  lw a3, 0(a0)
  bne a3, a1, failed
#endif

  // LR/SC: a counter without loss, and a pair that fails.
  la a0, cell
  sw zero, 0(a0)
  li a1, 500
1: lr.w a2, (a0)
  addi a2, a2, 1
  sc.w a3, a2, (a0)
  bnez a3, 1b
  addi a1, a1, -1
  bnez a1, 1b
  lw a2, 0(a0)
  equal a2, 500
  li a2, 7
  sc.w a3, a2, (a0) // the reservation has been used
  equal a3, 1
  lw a2, 0(a0)
  equal a2, 500
  lr.w a2, (a0)
  addi a4, a0, 1024
  sc.w a3, a2, (a4) // elsewhere
  equal a3, 1
  lw a4, 0(a4)
  equal a4, 0
  li a2, -5
  sw a2, 0(a0)
  lr.w.aq a2, (a0)
  equal a2, -5
#if __riscv_xlen == 64
  sd zero, 0(a0)
  li a2, 0x123456789abcdef0
1: lr.d a1, (a0)
  sc.d.rl a3, a2, (a0) // may fail, also without a cause to be seen
  bnez a3, 1b
  ld a3, 0(a0)
  equal a3, 0x123456789abcdef0
#endif
done
cell:
  .space 2048
