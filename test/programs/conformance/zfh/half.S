// Half precision: arithmetic, conversions, classes, boxing.

#include "../test.h"
#include "../floating.h"
#include "half.h"

begin
  f2 fadd.h, 0x4300, 0, 0x4100, ONE // 2.5 + 1
  f2 fadd.h, INF, OF|NX, 0x7bff, 0x7bff
  f2 fadd.h, ONE, NX, ONE, 0x1000
  f2 fadd.h, 0x3c01, NX, ONE, 0x1000, rup
  f2 fsub.h, QNAN, NV, INF, INF
  f2 fmul.h, 0, UF|NX, 1, 0x3800
  f2 fmul.h, 1, 0, 2, 0x3800
  f2 fdiv.h, 0x3555, NX, ONE, 0x4200
  f2 fdiv.h, INF, DZ, ONE, 0
  f1 fsqrt.h, 0x4900, 0, 0x5640
  f1 fsqrt.h, QNAN, NV, 0xbc00
  f3 fmadd.h, 0x4600, 0, 0x4000, 0x4100, ONE
  f3 fmsub.h, 0x4400, 0, 0x4000, 0x4100, ONE
  f3 fnmadd.h, 0xc600, 0, 0x4000, 0x4100, ONE
  f3 fnmsub.h, 0xc400, 0, 0x4000, 0x4100, ONE
  f2 fmin.h, MINUS_ZERO, 0, 0, MINUS_ZERO
  f2 fmax.h, ONE, NV, SNAN, ONE
  f2 fsgnjn.h, 0x9234, 0, 0x1234, 0
  compare feq.h, 1, 0, 0, MINUS_ZERO
  compare flt.h, 0, NV, QNAN, 0
  to fcvt.w.h, -1, NX, 0xbc66, rtz
  to fcvt.w.h, 0x7fffffff, NV, INF, rtz
  to fcvt.wu.h, 0, NV, 0xbc00, rtz
  from fcvt.h.w, 0xc000, 0, -2
  from fcvt.h.wu, INF, OF|NX, -2
  from fmv.h.x, 0x1234, 0, 0xff1234
  to fmv.x.h, -0x8000, 0, MINUS_ZERO
  to fclass.h, 1<<2, 0, 0x83ff
  to fclass.h, 1<<8, 0, SNAN
  to fclass.h, 1<<9, 0, QNAN
  operands 0x3e00
  fcvt.s.h fa1, fa0
  fcvt.d.h fa2, fa0
  fmv.x.w a0, fa1
  equal a0, 0x3fc00000
  fcvt.h.d fa3, fa2
  bits_are fa3, 0x3e00
  number
  fcvt.h.s fa3, fa1
  bits_are fa3, 0x3e00
  fmv.x.w a0, fa3
  equal a0, -0xc200 // boxed
  number
  fsflags zero
  fadd.h fa3, fa1, fa1 // not boxed
  raised 0
  bits_are fa3, QNAN
done
