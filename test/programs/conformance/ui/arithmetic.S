// Integer arithmetic and logic: wrapping, signs, immediates at their limits.

#include "../test.h"

begin
  rr add, 0, 1, -1
  rr add, 10, 3, 7
  rr sub, -4, 3, 7
  rr sub, -0x7fffffff-1, -0x7fffffff, 1
  rr slt, 1, -1, 0
  rr slt, 0, 0, -1
  rr slt, 0, 5, 5
  rr sltu, 0, -1, 0
  rr sltu, 1, 0, -1
  rr and, 0x0f00, 0xff00, 0x0ff0
  rr or, 0xfff0, 0xff00, 0x0ff0
  rr xor, 0xf0f0, 0xff00, 0x0ff0
  ri addi, -2048, 0, -2048
  ri addi, 2047, 0, 2047
  ri addi, -1, 0, -1
  ri slti, 1, -1, 0
  ri slti, 0, 7, -7
  ri sltiu, 1, 3, -1 // the immediate is extended by its sign, then compared without
  ri sltiu, 0, -1, 2047
  ri andi, 0xff0, 0xff0, -1
  ri ori, -1, 0x0f0, -1
  ri xori, -0x100, 0xff, -1
  number
  lui a0, 0x80000
  li a1, -0x80000000
  bne a0, a1, failed
  number
1: auipc a0, 1
  la a1, 1b
  sub a0, a0, a1
  li a1, 0x1000
  bne a0, a1, failed
  number
  addi x0, x0, 1
  bnez x0, failed
#if __riscv_xlen == 64
  rr add, 0x80000000, 0x7fffffff, 1
  rr addw, -0x80000000, 0x7fffffff, 1
  rr addw, 1, 0x1200000000, 1
  rr subw, 0x7fffffff, -0x80000000, 1
  rr sub, -0x80000001, -0x80000000, 1
  ri addiw, -0x80000000, 0x7fffffff, 1
  ri addiw, 0, 0x123400000000, 0
#else
  rr add, -0x80000000, 0x7fffffff, 1
#endif
done
