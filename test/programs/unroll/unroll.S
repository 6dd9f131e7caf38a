# Loops of one block over arrays, of all lengths from 1 to 40 and from all offsets into the last bytes of a page. APART: from
# what is read to what is written, when words are copied.

#ifndef APART
#define APART 8
#endif

.globl _start
_start:
  la t0, skip
  csrw mtvec, t0
  la s0, buffer
  la s7, total
  li s1, 33               # length: long at first, and then from 1 on
  li s2, 0                # offset
  li s5, 41
  li s6, 64
again:
  add a0, s0, s2
  mv a1, s1
sum:                      # bytes, counted down
  lbu t0, 0(a0)
  add s3, s3, t0
  addi a0, a0, 1
  addi a1, a1, -1
  bnez a1, sum

  add a0, s0, s2
  addi a2, a0, APART      # overlaps what is read
  mv a1, s1
copy:
  lw t0, 0(a0)
  addi a0, a0, 4
  sw t0, 0(a2)
  addi a2, a2, 4
  addi a1, a1, -1
  bnez a1, copy

  add a0, s0, s2
  slli a1, s1, 3
  add a1, a1, a0
change:                   # as compilers write a[i] = a[i] * 3 + s1
  ld t0, 0(a0)
  addi a0, a0, 8
  slli t1, t0, 1
  add t1, t1, t0
  add t1, t1, s1
  sd t1, -8(a0)
  bne a0, a1, change

down:                     # and back, with a short branch that is a choice
  ld t0, -8(a1)
  addi a1, a1, -8
  bgez t0, plus
  addi s3, s3, 7
plus:
  xor s3, s3, t0
  sd s3, 0(s7)            # always in the same place
  add a3, s0, s2
  bltu a3, a1, down

  addi s2, s2, 1
  bltu s2, s6, again
  li s2, 0
  addi s1, s1, 1
  bltu s1, s5, again
  li s1, 1
  j again

.balign 4
skip:                     # a misaligned access that traps: what the trap says is noted, and the access is passed over
  csrr s8, mcause
  csrr s9, mepc
  csrr s10, mtval
  slli s11, s4, 1
  xor s4, s4, s11
  add s4, s4, s8
  add s4, s4, s9
  xor s4, s4, s10
  lhu s11, 0(s9)
  addi s9, s9, 2
  not s11, s11
  andi s11, s11, 3
  bnez s11, short         # not 3 in its low bits: of two bytes
  addi s9, s9, 2
short:
  csrw mepc, s9
  mret

.section .data
.balign 4096
  .skip 4032
total:
  .skip 8
buffer:
  .skip 8192
