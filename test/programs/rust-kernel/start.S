  .globl _start
_start:
  la sp, stack_top
  call kernel_main
  j .
  .bss
  .balign 16
  .space 4096
stack_top:
