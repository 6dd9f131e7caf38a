# Short forward branches of each shape, on bits that follow no pattern, for ever.
  .section .text
  .globl _start
_start:
  li s0, 88172645463325252
  li s1, 0
1:
  slli t0, s0, 13
  xor s0, s0, t0
  srli t0, s0, 7
  xor s0, s0, t0
  slli t0, s0, 17
  xor s0, s0, t0
  # Skipped, or not.
  andi t1, s0, 1
  beqz t1, 2f
  addi s1, s1, 3
2:
  # What the arm writes is what was compared, and is read in the arm.
  andi t1, s0, 2
  bnez t1, 3f
  addi t1, t1, 5
  add s1, s1, t1
3:
  add s2, s2, t1
  # Either, or; one of them ends with a jump.
  bgez s0, 4f
  xor s3, s3, s0
  sub s1, s1, s3
  j 5f
4:
  addw s3, s0, s1
5:
  # To code that stands elsewhere and comes back.
  andi t1, s0, 12
  beqz t1, 8f
6:
  # An arm within the way to the loop's head; the loop is entered at its head alone.
  andi t1, s0, 16
  beqz t1, 1b
  sltu s4, s1, s2
  auipc s5, 0
  add s6, s6, s4
  bltu s6, s1, 7f
  li s6, 9
7:
  la t2, word
  lw t3, 0(t2)
  addw t3, t3, s4
  sw t3, 0(t2)
  j 1b
8:
  addi s4, s4, 1
  j 6b
  .balign 4096
word:
  .dword 0
