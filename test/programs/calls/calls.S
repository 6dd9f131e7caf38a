# Calls within one page: a recursion, and a leaf that the program changes now and then, with and without fence.i.

.globl _start, leaf
.option norvc
_start:
  la sp, stack_top
  la s0, leaf
  li s1, 0 # the sum
  li s2, 0 # the round
  lw s3, first
  lw s4, second
again:
  li a0, 6
  call depth
  xor s1, s1, a0
  addi s2, s2, 1
  andi t0, s2, 63
  bnez t0, again
  # Another leaf from here on.
  sw s4, 0(s0)
  mv t0, s3
  mv s3, s4
  mv s4, t0
  andi t0, s2, 127
  bnez t0, again
  fence.i
  j again

# Recurs as the Fibonacci numbers do, and adds up what the leaf makes of it.
depth:
  addi sp, sp, -32
  sd ra, 0(sp)
  sd s5, 8(sp)
  sd s6, 16(sp)
  li s6, 1
  mv s5, a0
  slti t0, a0, 2
  bnez t0, 1f
  addi a0, s5, -1
  call depth
  add s6, s6, a0
  addi a0, s5, -2
  call depth
  add s6, s6, a0
1:
  mv a0, s6
  call leaf
  ld ra, 0(sp)
  ld s5, 8(sp)
  ld s6, 16(sp)
  addi sp, sp, 32
  ret

leaf:
  addi a0, a0, 1
  ret

first: addi a0, a0, 1
second: addi a0, a0, 77

.bss
.balign 4096
  .space 4096
stack_top:
