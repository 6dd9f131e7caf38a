// Stores to instructions are seen after FENCE.I, also by code that ran often before.

#include "../test.h"

begin
  li s0, 300
1: la a0, patch
  lw s1, 0(a0)
  jalr ra, a0
  number
  li a2, 111
  bne a1, a2, failed
  addi s0, s0, -1
  bnez s0, 1b

  la a3, other
  lw a3, 0(a3)
  sw a3, 0(a0)
  fence.i
  jalr ra, a0
  equal a1, 222

  sh s1, 0(a0) // in halves
  srli s1, s1, 16
  sh s1, 2(a0)
  fence.i
  jalr ra, a0
  equal a1, 111
done
  .balign 4
patch:
  li a1, 111
  ret
other:
  li a1, 222
