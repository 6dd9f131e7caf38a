# One page of code at two virtual addresses, called through both by turns. They have entries of their own in the tables.

# A GiB and 2 MiB above the first.
.equ APART, (1 << 30) + (1 << 21)

.section .text
.global _start, count, other
_start:
  la t0, root
  li t1, 0x80000000
  srli t1, t1, 2
  ori t1, t1, 0xcf  # V, R, W, X, A, D
  sd t1, 2 * 8(t0)
  la t2, below
  sd t1, 8(t2)
  srli t2, t2, 2
  ori t2, t2, 1
  sd t2, 3 * 8(t0)
  srli t0, t0, 12
  li t1, 8 << 60  # Sv39
  or t0, t0, t1
  csrw satp, t0
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  li t0, 1 << 11  # MPP = S
  csrw mstatus, t0
  la t0, supervisor
  csrw mepc, t0
  mret

supervisor:
  li s0, APART
  li s1, 100
1:
  la t0, other
  add t0, t0, s0
  jalr t0
  call count
  la t0, count
  add t0, t0, s0
  jalr t0
  addi s1, s1, -1
  bnez s1, 1b
done:
  j done

.balign 4096
count:
  addi a0, a0, 1
  ret
other:
  addi a1, a1, 1
  ret

.balign 4096
root:
  .space 4096
below:
  .space 4096
