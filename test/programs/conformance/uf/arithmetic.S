// Single precision: arithmetic, rounding, flags.

#include "../test.h"
#include "../floating.h"
#include "single.h"

begin
  f2 fadd.s, 0x40600000, 0, 0x40200000, 0x3f800000 // 2.5 + 1
  f2 fadd.s, 0xc49a4000, NX, 0xc49a6333, 0x3f8ccccd // -1235.1 + 1.1
  f2 fadd.s, QNAN, NV, INF, MINUS_INF
  f2 fsub.s, QNAN, NV, INF, INF
  f2 fadd.s, INF, OF|NX, 0x7f7fffff, 0x7f7fffff
  f2 fadd.s, 0x7f7fffff, OF|NX, 0x7f7fffff, 0x7f7fffff, rtz
  f2 fadd.s, 0, 0, ONE, 0xbf800000
  f2 fadd.s, MINUS_ZERO, 0, ONE, 0xbf800000, rdn
  f2 fadd.s, 0x3f800000, NX, ONE, 0x33800000 // ties to even
  f2 fadd.s, 0x3f800001, NX, ONE, 0x33800000, rmm
  f2 fadd.s, 0x3f800001, NX, ONE, 0x33000000, rup
  f2 fadd.s, 0x3f800000, NX, ONE, 0x33000000, rdn
  f2 fsub.s, 0x3fc00000, 0, 0x40200000, ONE
  f2 fmul.s, 0x40200000, 0, 0x40200000, ONE
  f2 fmul.s, 0, UF|NX, 1, 0x3f000000
  f2 fmul.s, 1, UF|NX, 1, 0x3f000000, rup
  f2 fmul.s, 0x00000001, 0, 0x00000002, 0x3f000000 // subnormal, exact
  f2 fmul.s, QNAN, NV, 0, INF
  f2 fdiv.s, 0x3eaaaaab, NX, ONE, 0x40400000
  f2 fdiv.s, INF, DZ, ONE, 0
  f2 fdiv.s, MINUS_INF, DZ, ONE, MINUS_ZERO
  f2 fdiv.s, QNAN, NV, 0, 0
  f1 fsqrt.s, 0x40490fdb, NX, 0x411de9e7
  f1 fsqrt.s, 0x42c80000, 0, 0x461c4000
  f1 fsqrt.s, QNAN, NV, 0xbf800000
  f1 fsqrt.s, MINUS_ZERO, 0, MINUS_ZERO
  f2 fadd.s, QNAN, 0, 0xffc12345, ONE // a NaN's payload does not live on
  f2 fadd.s, QNAN, NV, SNAN, ONE
  f3 fmadd.s, 0x40c00000, 0, 0x40000000, 0x40200000, ONE // 2 * 2.5 + 1
  f3 fmsub.s, 0x40800000, 0, 0x40000000, 0x40200000, ONE
  f3 fnmadd.s, 0xc0c00000, 0, 0x40000000, 0x40200000, ONE
  f3 fnmsub.s, 0xc0800000, 0, 0x40000000, 0x40200000, ONE
  f3 fmadd.s, 0x28800000, 0, 0x3f800001, 0x3f800001, 0xbf800002 // rounded once
  f3 fmadd.s, QNAN, NV, INF, 0, QNAN
  number
  li a0, 1
  fsrm a1, a0 // the dynamic mode
  bnez a1, failed
  f2 fadd.s, 0x3f800000, NX, ONE, 0x33c00000, dyn
  number
  li a0, 3
  fsrm a1, a0
  li a2, 1
  bne a1, a2, failed
  f2 fadd.s, 0x3f800001, NX, ONE, 0x33000000, dyn
  number
  li a0, 0xff
  fscsr a0
  frcsr a1
  bne a0, a1, failed
  frflags a1
  li a2, 31
  bne a1, a2, failed
  frrm a1
  li a2, 7
  bne a1, a2, failed
  fscsr zero
done
