# The first instructions of every hart, and its machine-mode trap entry.

.section .text.entry
.globl _entry
_entry:
  csrr a0, mhartid
  la sp, stacks
  addi a1, a0, 1
  slli a1, a1, 12
  add sp, sp, a1
  call start

# The timer and the interprocessor interrupt become supervisor software interrupts, with a flag that says which it was.
# mscratch = this hart's struct machine: room for three registers, then the addresses and numbers used here.
.text
.globl machine_trap
.align 2
machine_trap:
  csrrw a0, mscratch, a0
  sd a1, 0(a0)
  sd a2, 8(a0)
  sd a3, 16(a0)
  csrr a1, mcause
  andi a1, a1, 15
  li a2, 7
  beq a1, a2, timer
  ld a1, 40(a0)          # msip
  sw zero, 0(a1)
  li a2, 2               # IPI
  j raise
timer:
  ld a1, 24(a0)          # mtimecmp
  ld a2, 0(a1)
  ld a3, 32(a0)          # interval
  add a2, a2, a3
  sd a2, 0(a1)
  li a2, 1               # TICK
raise:
  addi a1, a0, 48        # flags
  amoor.d zero, a2, (a1)
  csrsi mip, 2
  ld a1, 0(a0)
  ld a2, 8(a0)
  ld a3, 16(a0)
  csrrw a0, mscratch, a0
  mret
