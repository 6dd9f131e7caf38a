# A loop over the end of a page, whose last instruction there the test puts in place, and the pages that it may go on in. By
# itself it loops for ever in M-mode, on data behind it.
  .option norelax
  .option norvc
  .globl _start, handler, call, loop, next, meddle, kinds, kinds_end
_start:
  la s0, . + 0x8000
  mv a4, s0
  li a3, 1
  li a5, -1
  j loop
  # The machine's handler of all traps: a page table's entry changes, and is seen, or a device is told something.
  .balign 4
handler:
  sw s2, 0(s3)
  sfence.vma
  mret
call:
  ecall

  .org 0xfee
loop:
  addi a1, a1, 1
  sh a3, 0(a4)
  xor a3, a3, a5
  add a6, a6, a1
  .org 0xffe
  .half 0x0513 # addi a0, x0, 0, with its second half
  # Four pages that it goes on in, each of which begins with another second half.
  .org 0x1000
next:
  .rept 4
  .balign 4096
  .half 0
  .option rvc
  c.sw a1, 64(s0)
  .option norvc
  jal x0, . - (0x1004 - 0xfee)
  .endr

  # What another hart does meanwhile.
  .org 0x5000
meddle:
  sh a3, 0(a4)
  xor a3, a3, a5
  mv t0, a7
1: addi t0, t0, -1
  bnez t0, 1b
  j meddle

  # Instructions to be put over the end of the page.
  .org 0x6000
  .skip 0x100
kinds:
  addi a0, a0, 17
  lui a0, 0x12345
  auipc a0, 0x12345
  mul a0, a1, a1
  lw a0, 8(s0)
  sw a1, 12(s0)
  amoadd.w a0, a1, (s0)
  fld ft0, 16(s0)
  fsd ft0, 24(s0)
  fmadd.d ft0, ft0, ft1, ft1
  fcvt.w.d a0, ft0, rtz
  csrr a0, fflags
  fence
  fence.i
  bnez a1, . - 16
  beqz a1, . - 16
  jal x0, . - 16
  jal ra, . - 16
  jalr ra, 0(s1)
  jalr x0, 0(s1)
#if __riscv_xlen == 64
  ld a0, 32(s0)
  sd a1, 40(s0)
  addiw a0, a1, -3
#endif
kinds_end:
  .org 0x8000
