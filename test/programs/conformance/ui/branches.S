// Branches, taken and not, forwards and backwards; jumps and the addresses that they leave.

#include "../test.h"

  .macro branch name, taken, first, second
    number
    li a0, \first
    li a1, \second
    li a2, 0
    j 2f
1:  li a2, 1
    j 3f
2:  \name a0, a1, 1b
3:  li a3, \taken
    bne a2, a3, failed
    \name a0, a1, 4f
    addi a2, a2, 2
4:  li a3, 2-\taken
    bne a2, a3, failed
  .endm

begin
  branch beq, 1, -1, -1
  branch beq, 0, 0, 1
  branch bne, 1, 0, 1
  branch bne, 0, 7, 7
  branch blt, 1, -2, -1
  branch blt, 0, 1, -1
  branch blt, 0, 1, 1
  branch bge, 1, 1, 1
  branch bge, 0, -1, 0
  branch bltu, 1, 1, -1
  branch bltu, 0, -1, 1
  branch bgeu, 1, -1, 0
  branch bgeu, 0, 0, -0x80000000
  number
  jal a0, 1f
2: j failed
1: la a1, 2b
  bne a0, a1, failed
  number
  la a0, 1f
  jalr a0, 1(a0) // bit 0 of the sum is dropped; the link overwrites the base
2: j failed
1: la a1, 2b
  bne a0, a1, failed
  number
  la a0, 1f+2048
  jalr a1, -2048(a0)
  j failed
1: number
  li a0, 1000 // a loop hot enough for translation
  li a1, 0
2: add a1, a1, a0
  addi a0, a0, -1
  bnez a0, 2b
  li a2, 500500
  bne a1, a2, failed
done
