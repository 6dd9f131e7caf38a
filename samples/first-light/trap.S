// Into the kernel and out again. sscratch is 0 while the kernel runs, and holds the kernel's stack pointer while the
// program does: one swap tells the two apart.

#define FRAME 264 // struct trap_frame: x1–x31, sepc, sstatus

.macro registers op
  \op x1, 0(sp)
  // x2 is the stack pointer: by hand
  .irp n, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  \op x\n, (\n - 1) * 8(sp)
  .endr
.endm

  .section .text
  .globl trap_entry
  .balign 4
trap_entry:
  csrrw sp, sscratch, sp
  bnez sp, 1f
  csrr sp, sscratch // from the kernel: stay on its stack
1:
  addi sp, sp, -FRAME - 8 // the ABI wants sp aligned to 16 bytes
  registers sd
  csrrw t0, sscratch, zero
  sd t0, 8(sp) // the interrupted sp
  csrr t0, sepc
  sd t0, 248(sp)
  csrr t0, sstatus
  sd t0, 256(sp)
  mv a0, sp
  call handle_trap

  .globl trap_return
trap_return: // sp → the frame to go back to
  ld t0, 248(sp)
  csrw sepc, t0
  ld t0, 256(sp)
  csrw sstatus, t0
  andi t0, t0, 1 << 8 // SPP: back to the kernel?
  bnez t0, 1f
  la t0, kernel_sp
  ld t0, 0(t0)
  csrw sscratch, t0 // to the program: where the next trap finds the kernel's stack
1:
  registers ld
  ld sp, 8(sp)
  sret

// uint64_t run_program(struct trap_frame *start): goes to U-mode; returns when leave_program is called.
  .globl run_program
run_program:
  addi sp, sp, -112
  sd ra, 0(sp)
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  sd s\n, (\n + 1) * 8(sp)
  .endr
  la t0, kernel_sp
  sd sp, 0(t0)
  mv sp, a0
  j trap_return

// void leave_program(uint64_t code): gives up what runs now and makes run_program return `code`.
  .globl leave_program
leave_program:
  la t0, kernel_sp
  ld sp, 0(t0)
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  ld s\n, (\n + 1) * 8(sp)
  .endr
  ld ra, 0(sp)
  addi sp, sp, 112
  ret

  .section .bss
  .balign 8
kernel_sp:
  .dword 0
