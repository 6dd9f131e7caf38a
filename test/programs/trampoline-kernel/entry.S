# Reset, and the trampoline page.
  .globl _start, trampoline, uservec, userret, program, program_end
  .text
_start:
  la sp, boot_stack + 4096
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  li t0, 0xffff
  csrw medeleg, t0
  li t0, 0x1800
  csrc mstatus, t0
  li t0, 0x800
  csrs mstatus, t0
  la t0, supervisor
  csrw mepc, t0
  mret

  .section trampsec, "ax"
  .balign 4096
trampoline:
uservec:
  csrw sscratch, a0
  li a0, 0x3fffffe000
  .irp n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  sd x\n, 40 + 8*\n(a0)
  .endr
  csrr t0, sscratch
  sd t0, 120(a0)
  ld sp, 8(a0)
  ld t0, 16(a0)
  ld t1, 0(a0)
  csrw satp, t1
  sfence.vma
  jr t0

userret:
  csrw satp, a1
  sfence.vma
  ld t0, 24(a0)
  csrw sepc, t0
  li t0, 0x100
  csrc sstatus, t0
  .irp n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  ld x\n, 40 + 8*\n(a0)
  .endr
  ld a0, 120(a0)
  sret

  .section userland, "a"
  .balign 4096
program:
  .incbin "user.bin"
  .balign 4096
program_end:
