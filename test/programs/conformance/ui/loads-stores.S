// Loads and stores of every size: signs, order of bytes, offsets, and addresses that are not aligned, across pages too.

#include "../test.h"

  .macro load name, want, offset
    number
    la a0, data
    \name a1, \offset(a0)
    li a2, \want
    bne a1, a2, failed
    addi a0, a0, 2047
    \name a0, \offset-2047(a0)
    bne a0, a2, failed
  .endm

  // Stores a value, and loads it again and what is beside it.
  .macro store name, load, value, label, offset
    number
    la a0, \label
    li a1, \value
    sb zero, \offset-1(a0)
    \name a1, \offset(a0)
    \load a2, \offset(a0)
    bne a1, a2, failed
    lbu a2, \offset(a0)
    andi a1, a1, 0xff
    bne a1, a2, failed
    lb a2, \offset-1(a0)
    bnez a2, failed
  .endm

begin
  load lb, -1, 0
  load lbu, 0xff, 0
  load lb, 0, 1
  load lb, 0x0f, 3
  load lh, 0x00ff, 0
  load lh, 0x0ff0, 2
  load lh, -0x0ff1, 4
  load lhu, 0xf00f, 4
  load lw, 0x0ff000ff, 0
  load lh, -0x1000, 1 // not aligned
  load lw, 0x0f0ff000, 1
  load lhu, 0x0f0f, 3
  store sb, lb, -0x56, data, 64
  store sh, lh, 0x1234, data, 66
  store sh, lh, -0x5678, data, 67
  store sw, lw, 0x12345678, data, 68
  store sw, lw, -0x12345678, data, 71
  store sh, lh, 0x4321, border, -1
  store sw, lw, 0x12345678, border, -1
  store sw, lw, -0x12345678, border, -2
  store sw, lw, 0x12345678, border, -3
#if __riscv_xlen == 64
  load lwu, 0xf00ff00f, 4
  load lw, -0xff00ff1, 4
  load ld, 0xf00ff00f0ff000ff, 0
  load ld, 0x7ff00ff00f0ff000, 1
  store sd, ld, 0x123456789abcdef0, data, 80
  store sd, ld, 0x123456789abcdef0, data, 91
  store sd, ld, -0x123456789abcdef0, border, -7
  store sd, ld, 0x123456789abcdef0, border, -4
  store sd, ld, 0x0fedcba987654321, border, -1
#else
  load lw, 0xf00ff00f, 4
#endif
done
data:
  .word 0x0ff000ff, 0xf00ff00f, 0x7f
  .space 4096
  .balign 4096
  .space 4096
border:
  .space 4096
