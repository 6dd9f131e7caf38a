// What all programs share. A program begins at `program` with `begin` and ends with `done`. Each check has a number, which
// gp holds while it is made; a check that does not hold ends the program with its number.
// With -DMODE=0, 1 or 3 the program runs in user, supervisor or machine mode.

#if __riscv_xlen == 64
#define SHIFT 3
#define LOAD ld
#define STORE sd
#else
#define SHIFT 2
#define LOAD lw
#define STORE sw
#endif
#define SIZE (1 << SHIFT)

/* Where menvcfg.ADUE is: with it hardware sets the A and D bits of PTEs. */
#if __riscv_xlen == 64
#define ADUE_CSR 0x30a
#else
#define ADUE_CSR 0x31a
#endif
#define ADUE (1 << (61 & (__riscv_xlen - 1)))

/* The system call number that ends a program, in a7. */
#define EXIT 93

#ifdef __ASSEMBLER__
  .macro begin
    .set checks, 1
    .section .text
    .globl program
program:
  .endm

  .macro number
    .set checks, checks + 1
    li gp, checks
  .endm

  .macro done
    li gp, 1
    li a7, EXIT
    ecall
failed:
    slli gp, gp, 1
    ori gp, gp, 1
    li a7, EXIT
    ecall
    .section .data
    .balign 64
  .endm

  // A register is a value.
  .macro equal register, value
    number
    li t6, \value
    bne \register, t6, failed
  .endm

  // Two registers are the same.
  .macro same first, second
    number
    bne \first, \second, failed
  .endm

  // Register-register: with a result of its own, over each operand, and thrown away.
  .macro rr name, want, first, second
    number
    li a0, \first
    li a1, \second
    li a3, \want
    \name a2, a0, a1
    bne a2, a3, failed
    mv a2, a0
    \name a2, a2, a1
    bne a2, a3, failed
    mv a2, a1
    \name a2, a0, a2
    bne a2, a3, failed
    \name x0, a0, a1
    bnez x0, failed
  .endm

  // Register-immediate.
  .macro ri name, want, first, immediate
    number
    li a0, \first
    li a3, \want
    \name a2, a0, \immediate
    bne a2, a3, failed
    \name a0, a0, \immediate
    bne a0, a3, failed
  .endm

  // One operand.
  .macro r1 name, want, first
    number
    li a0, \first
    li a3, \want
    \name a2, a0
    bne a2, a3, failed
    \name a0, a0
    bne a0, a3, failed
  .endm
#endif
