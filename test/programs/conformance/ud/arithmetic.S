// Double precision: arithmetic, rounding, flags.

#include "../test.h"
#include "../floating.h"
#include "double.h"

begin
  f2 fadd.d, 0x400c000000000000, 0, 0x4004000000000000, ONE
  f2 fadd.d, 0x3fd3333333333334, NX, 0x3fb999999999999a, 0x3fc999999999999a // 0.1 + 0.2
  f2 fadd.d, ONE, NX, ONE, 0x3ca0000000000000
  f2 fadd.d, 0x3ff0000000000001, NX, ONE, 0x3ca0000000000000, rmm
  f2 fadd.d, INF, OF|NX, 0x7fefffffffffffff, 0x7fefffffffffffff
  f2 fadd.d, 0x7fefffffffffffff, OF|NX, 0x7fefffffffffffff, 0x7fefffffffffffff, rdn
  f2 fsub.d, QNAN, NV, INF, INF
  f2 fsub.d, 0, 0, ONE, ONE
  f2 fmul.d, 0, UF|NX, 1, 0x3fe0000000000000
  f2 fmul.d, 1, 0, 2, 0x3fe0000000000000
  f2 fmul.d, QNAN, NV, MINUS_INF, 0
  f2 fdiv.d, 0x3fd5555555555555, NX, ONE, 0x4008000000000000
  f2 fdiv.d, MINUS_INF, DZ, MINUS_ONE, 0
  f2 fdiv.d, QNAN, NV, INF, MINUS_INF
  f1 fsqrt.d, 0x3ff6a09e667f3bcd, NX, 0x4000000000000000
  f1 fsqrt.d, 0x4059000000000000, 0, 0x40c3880000000000
  f1 fsqrt.d, QNAN, NV, MINUS_ONE
  f3 fmadd.d, 0x4018000000000000, 0, 0x4000000000000000, 0x4004000000000000, ONE
  f3 fmsub.d, 0x4010000000000000, 0, 0x4000000000000000, 0x4004000000000000, ONE
  f3 fnmadd.d, 0xc018000000000000, 0, 0x4000000000000000, 0x4004000000000000, ONE
  f3 fnmsub.d, 0xc010000000000000, 0, 0x4000000000000000, 0x4004000000000000, ONE
  f3 fmadd.d, 0x3970000000000000, 0, 0x3ff0000000000001, 0x3ff0000000000001, 0xbff0000000000002
  f3 fmadd.d, QNAN, NV, 0, INF, QNAN
  f2 fmin.d, MINUS_ZERO, 0, 0, MINUS_ZERO
  f2 fmax.d, 0, 0, 0, MINUS_ZERO
  f2 fmax.d, ONE, NV, SNAN, ONE
  f2 fmin.d, QNAN, 0, 0xffffffffffffffff, QNAN
  f2 fsgnj.d, 0x9234567812345678, 0, 0x1234567812345678, MINUS_ZERO
  f2 fsgnjn.d, 0x1234567812345678, 0, 0x1234567812345678, MINUS_ZERO
  f2 fsgnjx.d, 0x1234567812345678, 0, 0x9234567812345678, MINUS_ZERO
  compare feq.d, 1, 0, 0, MINUS_ZERO
  compare feq.d, 0, NV, SNAN, 0
  compare flt.d, 1, 0, MINUS_INF, 0
  compare fle.d, 0, NV, QNAN, QNAN
  to fclass.d, 1<<0, 0, MINUS_INF
  to fclass.d, 1<<2, 0, 0x800fffffffffffff
  to fclass.d, 1<<3, 0, MINUS_ZERO
  to fclass.d, 1<<5, 0, 1
  to fclass.d, 1<<6, 0, ONE
  to fclass.d, 1<<8, 0, SNAN
  to fclass.d, 1<<9, 0, QNAN
done
