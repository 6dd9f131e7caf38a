// Double precision: conversions, and how single-precision values lie boxed in its registers.

#include "../test.h"
#include "../floating.h"
#include "double.h"

begin
  to fcvt.w.d, -1, NX, 0xbff199999999999a, rtz
  to fcvt.w.d, -2, NX, 0xbff199999999999a, rdn
  to fcvt.w.d, 0x7fffffff, 0, 0x41dfffffffc00000, rtz
  to fcvt.w.d, 0x7fffffff, NV, 0x41e0000000000000, rtz
  to fcvt.w.d, -0x80000000, NV, 0xc1e0000000200000, rtz
  to fcvt.w.d, 0x7fffffff, NV, QNAN, rtz
  to fcvt.wu.d, 0, NV, 0xc008000000000000, rtz
  to fcvt.wu.d, -1, 0, 0x41efffffffe00000, rtz
  to fcvt.wu.d, -1, NV, INF, rtz
#if __riscv_xlen == 64
  to fcvt.l.d, 0x7fffffffffffffff, NV, 0x43e0000000000000, rtz
  to fcvt.l.d, -0x8000000000000000, 0, 0xc3e0000000000000, rtz
  to fcvt.lu.d, 0x8000000000000000, 0, 0x43e0000000000000, rtz
  to fcvt.lu.d, 0, NV, MINUS_INF, rtz
  from fcvt.d.l, 0x43e0000000000000, NX, 0x7fffffffffffffff
  from fcvt.d.lu, 0x43f0000000000000, NX, -1
  from fmv.d.x, 0x123456789abcdef0, 0, 0x123456789abcdef0
  to fmv.x.d, -0x8000000000000000, 0, MINUS_ZERO
#endif
  from fcvt.d.w, 0xc000000000000000, 0, -2
  from fcvt.d.wu, 0x41efffffffc00000, 0, -2

  operands 0x3ff8000000000000 // 1.5
  fcvt.s.d fa1, fa0
  fcvt.d.s fa3, fa1
  raised 0
  bits_are fa3, 0x3ff8000000000000
  operands 0x3ff0000010000001
  fcvt.s.d fa1, fa0
  raised NX
  bits_are fa1, 0xffffffff3f800001
  operands SNAN
  fcvt.s.d fa1, fa0
  raised NV
  bits_are fa1, 0xffffffff7fc00000

  // What is not boxed is the canonical NaN to single-precision operations, but moves and stores as it is.
  operands 0xfffffffe3f800000
  fmv.d fa1, fa0
  fadd.s fa3, fa0, fa1
  bits_are fa3, 0xffffffff7fc00000
  fclass.s a0, fa0
  equal a0, 1<<9
  fmv.x.w a0, fa0
  equal a0, 0x3f800000
  fsgnj.s fa3, fa0, fa0
  bits_are fa3, 0xffffffff7fc00000
  number
  li a0, 0x12345678
  fmv.w.x fa3, a0
  bits_are fa3, 0xffffffff12345678
  number
  la a0, word
  flw fa3, 0(a0)
  bits_are fa3, 0xffffffff87654321
  number
  fsw fa3, 4(a0)
  lw a1, 4(a0)
  lw a2, 0(a0)
  bne a1, a2, failed
  number
  fld fa3, 1(a0) // not aligned
  bits_are fa3, 0x0087654321876543
done
word:
  .word 0x87654321, 0, 0
