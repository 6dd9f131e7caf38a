// Checks of traps. The handler notes cause, value, address and status in s2 to s5 and goes on at s11, in its own mode.

#if MODE == 3
#define CAUSE mcause
#define TVAL mtval
#define EPC mepc
#define STATUS mstatus
#else
#define CAUSE scause
#define TVAL stval
#define EPC sepc
#define STATUS sstatus
#endif

#define FETCH_MISALIGNED 0
#define FETCH_ACCESS 1
#define ILLEGAL 2
#define BREAKPOINT 3
#define LOAD_MISALIGNED 4
#define LOAD_ACCESS 5
#define STORE_MISALIGNED 6
#define STORE_ACCESS 7
#define USER_CALL 8
#define SUPERVISOR_CALL 9
#define MACHINE_CALL 11
#define FETCH_PAGE 12
#define LOAD_PAGE 13
#define STORE_PAGE 15
#define INTERRUPT (1 << (__riscv_xlen - 1))

  .section .text
  .balign 4
  .globl handler
handler:
  csrr s2, CAUSE
  csrr s3, TVAL
  csrr s4, EPC
  csrr s5, STATUS
  jr s11

  // The instruction takes a trap, where it stands.
  .macro traps cause, instruction:vararg
    number
    li s2, -1
    la s11, 91f
90: \instruction
91: li t6, \cause
    bne s2, t6, failed
    la t6, 90b
    bne s4, t6, failed
  .endm

  .macro works instruction:vararg
    number
    li s2, -1
    la s11, 91f
    \instruction
91: li t6, -1
    bne s2, t6, failed
  .endm

  // To a lower mode, just behind.
  .macro enter mode
    li t0, 3 << 11
    csrc mstatus, t0
    li t0, \mode << 11
    csrs mstatus, t0
    la t0, 92f
    csrw mepc, t0
    mret
92:
  .endm

  .macro traps_in mode, cause, instruction:vararg
    number
    la s11, 91f
    li s2, -1
    enter \mode
90: \instruction
91: li t6, \cause
    bne s2, t6, failed
    la t6, 90b
    bne s4, t6, failed
  .endm

  .macro works_in mode, instruction:vararg
    number
    la s11, 91f
    li s2, -1
    enter \mode
    \instruction
90: ecall
91: li t6, USER_CALL+\mode
    bne s2, t6, failed
    la t6, 90b
    bne s4, t6, failed
  .endm

  // What a WARL register holds after a write.
  .macro holds csr, value, written
    number
    li t0, \written
    csrw \csr, t0
    csrr t1, \csr
    li t0, \value
    bne t0, t1, failed
  .endm
