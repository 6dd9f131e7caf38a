// From reset to C: hart 0 gets a stack and calls machine_main, still in M-mode. The other harts sleep.

  .section .text
  .globl _start
_start:
  bnez a0, park
  la sp, __stack_top
  la t0, __bss_start
  la t1, __bss_end
1:
  sd zero, 0(t0)
  addi t0, t0, 8
  bltu t0, t1, 1b
  call machine_main

park:
  wfi
  j park
