# For ever: more places become hot at once than there is room for regions, one of them changes, and is hot again alone.

  .globl _start
_start:
  la s0, changed
  la s1, steady
  li s2, 0x00150513 # addi a0, a0, 1
round:
  li s3, 14
1:
  li a1, 3
  jalr s0
  jalr s1
  addi s3, s3, -1
  bnez s3, 1b

  li t0, 1 << 20
  add s2, s2, t0
  sw s2, 0(s0)
  fence.i

  li a1, 400
  jalr s0
  j round

steady:
  xori a0, a0, 5
  addi a1, a1, -1
  bgtz a1, steady
  ret

  .balign 4096
  .option norvc
changed:
  addi a0, a0, 1
  addi a1, a1, -1
  bgtz a1, changed
  ret
