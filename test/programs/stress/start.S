/* Reset to C in S-mode under paging, the trap handler, and what C cannot say. */
#if __riscv_xlen == 64
#define LOAD ld
#define STORE sd
#define BYTES 8
#else
#define LOAD lw
#define STORE sw
#define BYTES 4
#endif

  .section .text.start
  .globl _start
_start:
  la sp, __stack_top
  csrr t0, mhartid
  bnez t0, park
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  li t0, -1
  csrw medeleg, t0
  csrw mideleg, t0
  csrw mcounteren, t0
#if __riscv_xlen == 64
  slli t0, t0, 63
  csrs menvcfg, t0
#else
  li t0, 0x80000000
  csrs 0x31a, t0 /* menvcfgh.STCE */
#endif
  call build_map
  csrw satp, a0
  sfence.vma
  la t0, trap
  csrw stvec, t0
  li t0, 3 << 11
  csrc mstatus, t0
  li t0, 1 << 11 | 3 << 13
  csrs mstatus, t0
  la t0, 1f
  csrw mepc, t0
  mret
1:
  csrwi sie, 0
  li t0, 1 << 5
  csrs sie, t0
  csrsi sstatus, 2
  tail work
park:
  wfi
  j park

  /* Everything that C may spoil is kept on a stack of its own. */
  .balign 4
trap:
  csrw sscratch, sp
  la sp, trap_stack + 4096
  addi sp, sp, -20 * BYTES
  .irp r, ra,t0,t1,t2,t3,t4,t5,t6,a0,a1,a2,a3,a4,a5,a6,a7
  STORE \r, 0(sp)
  addi sp, sp, BYTES
  .endr
  addi sp, sp, -16 * BYTES
  csrr a0, scause
  csrr a1, stval
  csrr a2, sepc
  call handle
  beqz a0, 1f
  csrw sepc, a0
1:
  .irp r, ra,t0,t1,t2,t3,t4,t5,t6,a0,a1,a2,a3,a4,a5,a6,a7
  LOAD \r, 0(sp)
  addi sp, sp, BYTES
  .endr
  csrr sp, sscratch
  sret

  /* call_on(function, argument, stack) */
  .globl call_on
call_on:
  addi a2, a2, -2 * BYTES
  STORE ra, 0(a2)
  STORE sp, BYTES(a2)
  mv sp, a2
  mv t0, a0
  mv a0, a1
  jalr t0
  LOAD ra, 0(sp)
  LOAD sp, BYTES(sp)
  ret

  /* visit_user(address, count): jumps there in U-mode; its ecall comes back here with a0 */
  .globl visit_user, back_from_user
visit_user:
  addi sp, sp, -16
  STORE ra, 0(sp)
  la t0, kept_sp
  STORE sp, 0(t0)
  li t0, 1 << 8
  csrc sstatus, t0
  csrw sepc, a0
  mv a0, a1
  sret
back_from_user:
  la t0, kept_sp
  LOAD sp, 0(t0)
  la t0, user_result
  LOAD a0, 0(t0)
  LOAD ra, 0(sp)
  addi sp, sp, 16
  ret

  .bss
  .balign 16
kept_sp: .skip 16
trap_stack: .skip 4096
