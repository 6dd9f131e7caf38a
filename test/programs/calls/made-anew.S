# A caller of what is made anew. `middle` is hot, with `outer` that calls it, before `inner` is, which it calls too; the leaves
# that it ends in, each in a page of its own, become hot one after the other after that.

.globl _start
.option norvc
_start:
  la sp, stack_top
  la s0, leaves
  li s1, 0 # the sum
  li s2, 0 # the round
again:
  # Another leaf every 512 rounds; the first 512 do without `inner`.
  srli t0, s2, 9
  snez a2, t0
  andi t0, t0, 31
  slli t0, t0, 12
  add a1, s0, t0
  mv a0, s2
  call outer
  xor s1, s1, a0
  addi s2, s2, 1
  j again

.balign 4096
outer:
  addi sp, sp, -16
  sd ra, 0(sp)
  call middle
  addi a0, a0, 3
  ld ra, 0(sp)
  addi sp, sp, 16
  ret

middle:
  beqz a2, 1f
  addi sp, sp, -16
  sd ra, 0(sp)
  call inner
  ld ra, 0(sp)
  addi sp, sp, 16
1:
  slli a0, a0, 1
  jr a1

inner:
  xori a0, a0, 85
  ret

.balign 4096
leaves:
.set at, 0
.rept 32
  addi a0, a0, at
  slli t1, a0, 3
  xor a0, a0, t1
  ret
.balign 4096
.set at, at + 7
.endr

.bss
.balign 4096
  .space 4096
stack_top:
