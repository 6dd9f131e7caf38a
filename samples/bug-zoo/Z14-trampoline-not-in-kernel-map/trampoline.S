// Two pages: the way into the kernel, at TRAMPOLINE in every map, and the user's program.

  .section .text
  .balign 4096
  .globl uservec
uservec:
  csrr t0, sscratch // the kernel's satp
  sfence.vma
  csrw satp, t0
  sfence.vma
  // pc-relative addresses would be relative to TRAMPOLINE.
  ld sp, stack
  ld t0, handler
  jr t0
  .balign 8
stack: .dword __stack_top
handler: .dword usertrap

  .balign 4096
  .globl user_program
user_program:
  li a7, 1
  ecall
1:
  j 1b
  .balign 4096
