// Reset to C: a stack, open PMP, and S-mode under Sv39 when the program wants it.
  .section .text.start
  .globl _start
_start:
  bnez a0, 2f
  la sp, __stack_top
  la t0, 2f
  csrw mtvec, t0
  li t0, -1
  srli t0, t0, 10
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  csrwi mcounteren, 7
#ifdef __riscv_flen
  li t0, 1 << 13
  csrs mstatus, t0
#endif
#ifdef FIRMWARE
  la t0, firmware
  csrw mtvec, t0
  la t0, firmware_stack
  csrw mscratch, t0
#endif
#ifdef PAGED
  li t0, 1 << 8 | 1 << 13 | 1 << 15 // ecall from U-mode, page faults of loads and stores
  csrw medeleg, t0
  call build_map
  csrw satp, a0
  sfence.vma
  li t0, 3 << 11
  csrc mstatus, t0
  li t0, 1 << 11
  csrs mstatus, t0
  la t0, 1f
  csrw mepc, t0
  mret
1:
#endif
  tail run
  .balign 4
2:
  wfi
  j 2b
