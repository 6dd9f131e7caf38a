// The trampoline page of trampoline-kernel.c, and the way into that kernel and out of it.
  .globl in_user_mode, leave, trampoline, uservec, userret
// in_user_mode(program, argument)
in_user_mode:
  addi sp, sp, -112
  sd ra, 0(sp)
  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11
  sd s\n, 8 + 8*\n(sp)
  .endr
  la t0, kernel_stack_pointer
  sd sp, 0(t0)
  call enter_user_mode

// leave(value): returns from in_user_mode.
leave:
  la t0, kernel_stack_pointer
  ld sp, 0(t0)
  ld ra, 0(sp)
  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11
  ld s\n, 8 + 8*\n(sp)
  .endr
  addi sp, sp, 112
  ret

#define TRAPFRAME 0x3fffffe000
  .balign 4096
trampoline:
uservec:
  csrw sscratch, a0
  li a0, TRAPFRAME
  .irp n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  sd x\n, 40 + 8*\n(a0)
  .endr
  csrr t0, sscratch
  sd t0, 120(a0)
  ld sp, 8(a0)
  ld tp, 32(a0)
  ld t0, 16(a0)
  ld t1, 0(a0)
  sfence.vma
  csrw satp, t1
  sfence.vma
  jr t0

userret:
  sfence.vma
  csrw satp, a0
  sfence.vma
  li a0, TRAPFRAME
  .irp n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  ld x\n, 40 + 8*\n(a0)
  .endr
  ld a0, 120(a0)
  sret
