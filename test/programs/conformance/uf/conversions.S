// Single precision: conversions saturate, comparisons of NaNs, classes, signs, moves.

#include "../test.h"
#include "../floating.h"
#include "single.h"

begin
  to fcvt.w.s, -1, NX, 0xbf8ccccd, rtz
  to fcvt.w.s, -2, NX, 0xbf8ccccd, rdn
  to fcvt.w.s, 2, NX, 0x3fc00000, rne
  to fcvt.w.s, 2, NX, 0x40200000, rne
  to fcvt.w.s, 3, NX, 0x40200000, rmm
  to fcvt.w.s, 1, NX, 0x3f666666, rup
  to fcvt.w.s, -0x80000000, NV, 0xcf800000, rtz
  to fcvt.w.s, -0x80000000, 0, 0xcf000000, rtz
  to fcvt.w.s, 0x7fffffff, NV, 0x4f000000, rtz
  to fcvt.w.s, 0x7fffffff, NV, QNAN, rtz
  to fcvt.w.s, 0x7fffffff, NV, 0xffffffff, rtz // the sign of a NaN means nothing
  to fcvt.w.s, -0x80000000, NV, MINUS_INF, rtz
  to fcvt.wu.s, 0, NV, 0xbf800000, rtz
  to fcvt.wu.s, 0, NX, 0xbf666666, rtz
  to fcvt.wu.s, -1, NV, QNAN, rtz
  to fcvt.wu.s, -1, NV, INF, rtz
  to fcvt.wu.s, 3, NX, 0x4048f5c3, rtz
#if __riscv_xlen == 64
  to fcvt.wu.s, -0x80000000, 0, 0x4f000000, rtz // 32 bits are always extended by their sign
  to fcvt.l.s, -0x8000000000000000, NV, MINUS_INF, rtz
  to fcvt.l.s, 0x7fffffffffffffff, NV, QNAN, rtz
  to fcvt.lu.s, 0, NV, 0xc0400000, rtz
  to fcvt.lu.s, -1, NV, INF, rtz
  to fcvt.lu.s, 0x8000000000000000, 0, 0x5f000000, rtz
  from fcvt.s.l, 0xc0000000, 0, -2
  from fcvt.s.lu, 0x5f800000, NX, -2
  from fcvt.s.l, 0x5a800000, NX, 0x0040000000000001
  to fmv.x.w, -0x80000000, 0, MINUS_ZERO
#endif
  from fcvt.s.w, 0x40000000, 0, 2
  from fcvt.s.w, 0xc0000000, 0, -2
  from fcvt.s.wu, 0x4f800000, NX, -2
  from fcvt.s.w, 0x4b800000, NX, 0x01000001
  from fcvt.s.w, 0x4b800001, NX, 0x01000001, rup
  from fmv.w.x, 0x12345678, 0, 0x12345678

  compare feq.s, 1, 0, 0, MINUS_ZERO
  compare feq.s, 0, 0, QNAN, 0
  compare feq.s, 0, NV, SNAN, 0
  compare flt.s, 0, 0, MINUS_ZERO, 0
  compare flt.s, 1, 0, MINUS_INF, 0
  compare flt.s, 0, NV, QNAN, 0
  compare fle.s, 1, 0, ONE, ONE
  compare fle.s, 0, NV, QNAN, QNAN

  f2 fmin.s, MINUS_ZERO, 0, 0, MINUS_ZERO
  f2 fmin.s, MINUS_ZERO, 0, MINUS_ZERO, 0
  f2 fmax.s, 0, 0, MINUS_ZERO, 0
  f2 fmax.s, 0, 0, 0, MINUS_ZERO
  f2 fmin.s, ONE, 0, QNAN, ONE
  f2 fmax.s, ONE, 0, ONE, 0xffffffff
  f2 fmax.s, ONE, NV, SNAN, ONE
  f2 fmax.s, QNAN, 0, 0xffffffff, 0x7fffffff
  f2 fmin.s, 0xbf800000, 0, ONE, 0xbf800000

  f2 fsgnj.s, 0xffc12345, 0, 0x7fc12345, MINUS_ZERO
  f2 fsgnjn.s, 0x12345678, 0, 0x92345678, 0x87654321
  f2 fsgnjx.s, 0x92345678, 0, 0x12345678, 0x87654321
  f2 fsgnjx.s, 0x12345678, 0, 0x92345678, 0x87654321

  to fclass.s, 1<<0, 0, MINUS_INF
  to fclass.s, 1<<1, 0, 0xbf800000
  to fclass.s, 1<<2, 0, 0x807fffff
  to fclass.s, 1<<3, 0, MINUS_ZERO
  to fclass.s, 1<<4, 0, 0
  to fclass.s, 1<<5, 0, 1
  to fclass.s, 1<<6, 0, ONE
  to fclass.s, 1<<7, 0, INF
  to fclass.s, 1<<8, 0, SNAN
  to fclass.s, 1<<9, 0, QNAN
  f1 fmv.s, SNAN, 0, SNAN // bits move as they are

  // A comparison's result decides right after it (recoding).
  operands 0x40400000, 0x40000000
  fmul.s fa2, fa0, fa1
  fsub.s fa2, fa2, fa2
  feq.s a0, fa2, fa2
  beqz a0, failed
done
