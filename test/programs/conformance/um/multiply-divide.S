// Products and their upper halves; division by zero and overflow have results of their own and never trap.

#include "../test.h"

#define LEAST (-1<<(__riscv_xlen-1))

begin
  rr mul, 42, 6, 7
  rr mul, -42, -6, 7
  rr mul, 0, 0, LEAST
  rr mul, LEAST, LEAST, -1
  rr mulh, 0, -1, -1
  rr mulh, -1, -1, 1
  rr mulh, 1<<(__riscv_xlen-2), LEAST, LEAST
  rr mulhu, -2, -1, -1
  rr mulhu, 0, -1, 1
  rr mulhsu, -1, -1, -1
  rr mulhsu, 0, 1, -1
  rr mulhsu, LEAST, LEAST, -1
  rr div, 3, 20, 6
  rr div, -3, -20, 6
  rr div, -3, 20, -6
  rr div, 3, -20, -6
  rr div, -1, 5, 0
  rr div, LEAST, LEAST, -1
  rr divu, -1, LEAST, 0
  rr divu, 0, LEAST, -1
  rr divu, 1, -1, -1
  rr rem, 2, 20, 6
  rr rem, -2, -20, 6
  rr rem, 2, 20, -6
  rr rem, -5, -5, 0
  rr rem, 0, LEAST, -1
  rr remu, LEAST, LEAST, -1
  rr remu, -5, -5, 0
  rr remu, 1, 7, 3
#if __riscv_xlen == 64
  rr mulw, -0x80000000, 0x40000000, 2
  rr mulw, 6, 0xf00000002, 3
  rr divw, -0x80000000, -0x80000000, -1
  rr divw, -1, 0x100000000, 0
  rr divw, -3, 0xffffffec, 6
  rr divuw, -1, 7, 0
  rr divuw, -0x80000000, 0xf80000000, 1
  rr divuw, 1, -1, -1
  rr remw, 0, -0x80000000, -1
  rr remw, -0x80000000, 0x80000000, 0
  rr remw, -2, -20, 6
  rr remuw, -0x80000000, 0x80000000, 0
  rr remuw, -1, 0xfffffffff, 0
  rr remuw, 0x7fffffff, -1, 0x80000000
#endif
done
