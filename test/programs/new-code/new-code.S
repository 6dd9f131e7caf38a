# For ever: a function in a new page, which is run until it is hot; 1024 pages, then the first again.

  .globl _start
_start:
  li s0, 0x80400000 # the page
  li s1, 0x80800000 # behind the last
  li s2, 0x00150513 # addi a0, a0, 1
  li s3, 0xfff58593 # addi a1, a1, -1
  li s4, 0xfeb04ce3 # bgtz a1, the first
  li s5, 0x00008067 # ret
  li s7, 1 << 20
  li s8, 4096
round:
  sw s2, 0(s0)
  sw s3, 4(s0)
  sw s4, 8(s0)
  sw s5, 12(s0)
  fence.i
  li a1, 300
  jalr s0
  add s2, s2, s7
  li t0, 0xfff00000
  and t0, t0, s2
  bnez t0, 1f
  add s2, s2, s7
1:
  add s0, s0, s8
  bltu s0, s1, round
  li s0, 0x80400000
  j round
