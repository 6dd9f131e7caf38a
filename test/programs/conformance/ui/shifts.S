// Shifts: amounts are taken by their low bits, and fill with zeros or the sign.

#include "../test.h"

begin
  rr sll, 0x10, 1, 4
  rr sll, 2, 1, -__riscv_xlen+1
  rr srl, 1, 0x10, 4
  rr sra, -1, -1, 31
  rr sra, -0x4000, -0x80000, 5
  rr sra, 0x04000, 0x80000, 5
  ri slli, 0x7ffff000, 0x7ffff, 12
  ri slli, 7, 7, 0
  ri srli, 0x7ffff, 0x7ffff000, 12
  ri srai, -2, -0x80000000, 30
#if __riscv_xlen == 64
  rr sll, -0x8000000000000000, 1, 63
  rr srl, 1, -1, 63
  rr srl, 0x7fffffffffffffff, -1, 65
  ri slli, -0x8000000000000000, 1, 63
  ri srli, 0xffffffff, -1, 32
  ri srai, -1, -0x8000000000000000, 63
  rr sllw, -0x80000000, 1, 31
  rr sllw, 1, 1, 32
  rr srlw, 1, -0x80000000, 31
  rr srlw, -0x80000000, 0xff80000000, 0
  rr sraw, -1, 0x80000000, 31
  ri slliw, -0x80000000, 1, 31
  ri srliw, 0x7fffffff, -1, 1
  ri sraiw, 0x3fffffff, 0xf7fffffff, 1
#else
  rr sll, -0x80000000, 1, 31
  rr srl, 1, -1, 31
  ri srli, 0x0fffffff, -1, 4
#endif
done
