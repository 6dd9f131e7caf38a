// The kernel under programs in U-mode: two address spaces with an ASID each, four system calls, and pages of the window
// that are mapped when they are first touched.
#define WINDOW_PAGES 64
#define ALIAS 0x80000000

// in_user_mode(program, argument)
  .globl in_user_mode
in_user_mode:
  addi sp, sp, -112
  sd ra, 0(sp)
  sd s0, 8(sp)
  sd s1, 16(sp)
  sd a0, 24(sp)
  sd a1, 32(sp)
  call build_spaces
  la t0, trap
  csrw stvec, t0
  la t0, spaces
  ld t1, 0(t0)
  csrw satp, t1
  sfence.vma
  la t0, kernel_stack
  sd sp, 0(t0)
  csrw sscratch, sp
  ld t0, 24(sp)
  ld a0, 32(sp)
  // The program, its stack and where it returns to, as U-mode sees them.
  li t1, ALIAS
  add t0, t0, t1
  csrw sepc, t0
  la sp, user_stack_top
  add sp, sp, t1
  la ra, leave
  add ra, ra, t1
  li t0, 0x120 // SPP and SPIE
  csrc sstatus, t0
  sret

leave:
  li a7, 2
  ecall

  .balign 4
trap:
  csrrw sp, sscratch, sp
  sd t0, 48(sp)
  sd t1, 56(sp)
  csrr t0, scause
  li t1, 8
  bne t0, t1, 4f
  csrr t0, sepc
  addi t0, t0, 4
  csrw sepc, t0
  beqz a7, 1f
  li t0, 3
  beq a7, t0, 6f
  li t0, 1
  bne a7, t0, 2f
  // The other address space.
  la t0, spaces
  ld t1, 0(t0)
  ld a0, 8(t0)
  sd a0, 0(t0)
  sd t1, 8(t0)
  csrw satp, a0
  j 3f
1:
  slli t0, a0, 1
  add a0, a0, t0
  addi a0, a0, 7
3:
  ld t0, 48(sp)
  ld t1, 56(sp)
  csrrw sp, sscratch, sp
  sret
2:
  la t0, kernel_stack
  ld sp, 0(t0)
  ld ra, 0(sp)
  ld s0, 8(sp)
  ld s1, 16(sp)
  addi sp, sp, 112
  ret
  // A page fault: the entry of the first space's window, which is kept one window behind it.
4:
  la t0, first_leaf
  ld t0, 0(t0)
  csrr t1, stval
  srli t1, t1, 9
  andi t1, t1, (WINDOW_PAGES - 1) * 8
  add t0, t0, t1
  ld t1, WINDOW_PAGES * 8(t0)
  sd t1, 0(t0)
  csrr t1, stval
  sfence.vma t1, zero
  j 3b
  // Nothing of the window is mapped any more.
6:
  la t0, first_leaf
  ld t0, 0(t0)
  addi t1, t0, WINDOW_PAGES * 8
7:
  sd zero, 0(t0)
  addi t0, t0, 8
  bne t0, t1, 7b
  sfence.vma
  j 3b

  .bss
  .balign 4096
  .space 16384
user_stack_top:
  .globl spaces
spaces:
  .space 16
kernel_stack:
  .space 8
