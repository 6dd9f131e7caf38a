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
  li t0, ~(1 << 9)
  csrw medeleg, t0
  li t0, -1
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
  la t0, machine_trap
  csrw mtvec, t0
  la t0, machine_saved
  csrw mscratch, t0
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

  /* M-mode: serves S-mode's calls, and hands what is not delegated on to S-mode. */
  .balign 4
machine_trap:
  csrrw sp, mscratch, sp
  STORE t0, 0(sp)
  STORE t1, BYTES(sp)
  STORE t2, 2 * BYTES(sp)
  csrr t0, mcause
  li t1, 9
  bne t0, t1, hand_on
  csrr t0, mepc
  addi t0, t0, 4
  csrw mepc, t0
  li t1, 1 << 17
  beqz a7, 1f
  addi t0, a7, -1
  beqz t0, 2f
  addi t0, t0, -1
  beqz t0, 3f
  addi t0, t0, -1
  beqz t0, 4f
  /* A trap of M-mode within the trap. */
  csrr t1, mepc
  csrr t2, mstatus
  la t0, nested_trap
  csrw mtvec, t0
  ecall
  la t0, machine_trap
  csrw mtvec, t0
  csrw mepc, t1
  csrw mstatus, t2
  j 5f
1:
  slli t0, a0, 1
  add a0, a0, t0
  addi a0, a0, 1
  j 5f
2:
  csrw medeleg, a0
  j 5f
  /* Memory as S-mode sees it. */
3:
  csrs mstatus, t1
  LOAD t0, 0(a0)
  addi t0, t0, 1
  STORE t0, 0(a0)
  csrc mstatus, t1
  mv a0, t0
  j 5f
  /* mret clears MPRV. */
4:
  csrs mstatus, t1
5:
  LOAD t0, 0(sp)
  LOAD t1, BYTES(sp)
  LOAD t2, 2 * BYTES(sp)
  csrrw sp, mscratch, sp
  mret
hand_on:
  csrw scause, t0
  csrr t0, mtval
  csrw stval, t0
  csrr t0, mepc
  csrw sepc, t0
  csrr t0, stvec
  csrw mepc, t0
  csrr t0, mstatus
  srli t1, t0, 11
  andi t1, t1, 1
  slli t1, t1, 8 /* SPP */
  andi t2, t0, 2
  slli t2, t2, 4 /* SPIE */
  or t1, t1, t2
  andi t0, t0, ~0x122
  or t0, t0, t1
  li t1, 1 << 11 /* MPP = S */
  or t0, t0, t1
  csrw mstatus, t0
  j 5b
  .balign 4
nested_trap:
  csrr t0, mcause
  add a0, a0, t0
  csrr t0, mepc
  addi t0, t0, 4
  csrw mepc, t0
  mret

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
  li t0, 1 << 8 | 1 << 1 /* SPP; SIE, as a trap would change sepc */
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
machine_saved: .skip 3 * BYTES
  .balign 16
trap_stack: .skip 4096
