// Address generation, bits and bytes: Zba, Zbb, Zbc, Zbs.

#include "../test.h"
  .option arch, +zba, +zbb, +zbc, +zbs

#define TOP (1<<(__riscv_xlen-1))

begin
  rr sh1add, 5, 2, 1
  rr sh2add, 7, -1, 11
  rr sh3add, 0, 1, -8
  rr andn, 0xf000, 0xff00, 0x0ff0
  rr orn, -0xf1, 0xff00, 0x0ff0
  rr xnor, ~0xf0f0, 0xff00, 0x0ff0
  rr max, 1, -1, 1
  rr maxu, -1, -1, 1
  rr min, -1, -1, 1
  rr minu, 1, -1, 1
  rr rol, 1, TOP, 1
  rr ror, TOP, 1, 1
  rr rol, 0x10, 1, __riscv_xlen+4
  ri rori, TOP, 1, 1
  r1 clz, __riscv_xlen, 0
  r1 clz, 0, -1
  r1 clz, __riscv_xlen-1, 1
  r1 ctz, __riscv_xlen, 0
  r1 ctz, __riscv_xlen-1, TOP
  r1 cpop, __riscv_xlen, -1
  r1 cpop, 0, 0
  r1 sext.b, -128, 0x180
  r1 sext.h, -32768, 0x18000
  r1 zext.h, 0xffff, -1
  rr clmul, 5, 3, 3
  rr clmul, TOP, TOP, 1
  rr clmulh, TOP>>1&~TOP, TOP, TOP
  rr clmulh, 0, 3, 3
  rr clmulr, 1, TOP, 1
  rr clmulr, TOP, TOP, TOP
  rr bset, TOP, 0, -1
  rr bclr, 0, 2, __riscv_xlen+1
  rr binv, 3, 1, 1
  rr bext, 1, TOP, -1
  ri bseti, 9, 1, 3
  ri bclri, 1, 9, 3
  ri binvi, 1, 9, 3
  ri bexti, 1, 8, 3
#if __riscv_xlen == 64
  rr add.uw, 0x100000000, -1, 1
  rr sh1add.uw, 0x1ffffffff, -1, 1
  rr sh2add.uw, 0x200000000, -0x80000000, 0
  rr sh3add.uw, 8, 0xf00000001, 0
  ri slli.uw, 0xffffffff0, -1, 4
  rr rolw, 1, 0x80000000, 1
  rr rorw, -0x80000000, 1, 1
  ri roriw, -0x80000000, 0xf00000001, 1
  r1 clzw, 32, 0xf00000000
  r1 ctzw, 32, 0xf00000000
  r1 cpopw, 32, -1
  r1 rev8, 0x0102030405060708, 0x0807060504030201
  r1 orc.b, 0xff0000ff00000000, 0x0100008000000000
#else
  r1 rev8, 0x01020304, 0x04030201
  r1 orc.b, 0xff0000ff, 0x01000080
#endif
done
