// Compressed instructions: what they expand to, the limits of their immediates, and instructions that cross pages.

#include "../test.h"

begin
  .option rvc
  number
  li a0, 5
  c.li a1, -32
  li a2, -32
  bne a1, a2, failed
  number
  c.addi a0, 31
  li a2, 36
  bne a0, a2, failed
  number
  c.lui a0, 0xfffe1
  li a2, -0x1f000
  bne a0, a2, failed
  number
  c.slli a0, 4
  li a2, -0x1f0000
  bne a0, a2, failed
  c.srai a0, 4
  li a2, -0x1f000
  bne a0, a2, failed
  c.srli a0, 12
  li a2, -0x1f000
  srli a2, a2, 12
  bne a0, a2, failed
  c.andi a0, 1
  equal a0, 1
  li a1, 6
  c.mv a2, a1
  c.add a2, a1
  equal a2, 12
  c.sub a2, a1
  equal a2, 6
  li a0, 3
  c.and a2, a0
  equal a2, 2
  c.or a2, a0
  equal a2, 3
  c.xor a2, a1
  equal a2, 5

  mv s1, sp
  la sp, stack+512
  number
  c.addi16sp sp, -512
  la a0, stack
  bne sp, a0, failed
  number
  c.addi4spn a0, sp, 1020
  addi a1, sp, 1020
  bne a0, a1, failed
  li a0, 0x12345678
  c.swsp a0, 252(sp)
  c.lwsp a1, 252(sp)
  equal a1, 0x12345678
  c.addi4spn a2, sp, 128
  c.lw a3, 124(a2)
  equal a3, 0x12345678
  c.sw a3, 0(a2)
  lw a1, 0(a2)
  equal a1, 0x12345678
  fmv.w.x fa0, zero
  c.fldsp fa1, 128(sp)
  c.fsdsp fa1, 504(sp)
  lw a1, 504(sp)
  equal a1, 0x12345678
  c.fld fa2, 0(a2)
  c.fsd fa2, 248(a2)
  lw a1, 248(a2)
  equal a1, 0x12345678
#if __riscv_xlen == 64
  li a0, 0x123456789abcdef0
  c.sdsp a0, 504(sp)
  c.ldsp a1, 504(sp)
  equal a1, 0x123456789abcdef0
  c.sd a1, 248(a2)
  c.ld a3, 248(a2)
  equal a3, 0x123456789abcdef0
  li a0, 0x7fffffff
  c.addiw a0, 1
  equal a0, -0x80000000
  li a1, 1
  c.subw a0, a1
  equal a0, 0x7fffffff
  c.addw a0, a1
  equal a0, -0x80000000
#else
  number
  c.fswsp fa0, 0(sp)
  c.flw fa1, 0(a2)
  c.fsw fa1, 4(a2)
  c.flwsp fa2, 128(sp)
  lw a0, 4(a2)
  li a1, 0x12345678
  bne a0, a1, failed
  number
  c.jal 1f
2: j failed
1: la a0, 2b
  bne ra, a0, failed
#endif
  mv sp, s1

  number
  la a0, 1f
  c.jalr a0
2: j failed
1: la a1, 2b
  bne ra, a1, failed
  number
  la a0, 1f
  c.jr a0
  j failed
1: li a0, 0
  c.beqz a0, 1f
  j failed
1: c.bnez a0, 2f
  c.j 1f
2: j failed
1: number
  la a0, crossing // a 32-bit instruction in two pages
  jalr a0
  li a2, 0x12345000
  bne a1, a2, failed
done
stack:
  .space 1024
  .balign 4096
  .space 4094
crossing:
  lui a1, 0x12345
  ret
