// Checks of floating-point instructions by the bits of operands and result and by the flags raised. A program says before what
// its format is: `fload` and `fstore` and, for data, `bits`.

#define NX 1
#define UF 2
#define OF 4
#define DZ 8
#define NV 16

  .macro operand register, value
    .pushsection .data
    .balign 8
89: bits \value
    .popsection
    la t0, 89b
    fload \register, 0(t0)
  .endm

  .macro bits_are register, value
    .pushsection .data
    .balign 8
88: .space 8
89: bits \value
    .balign 8
    .popsection
    la t0, 88b
    sw zero, 0(t0)
    sw zero, 4(t0)
    fstore \register, 0(t0)
    lw t1, 0(t0)
    lw t2, 4(t0)
    lw t3, 8(t0)
    lw t4, 12(t0)
    bne t1, t3, failed
    bne t2, t4, failed
  .endm

  .macro raised flags
    frflags t1
    li t2, \flags
    bne t1, t2, failed
  .endm

  .macro operands first, second, third
    number
    operand fa0, \first
    .ifnb \second
    operand fa1, \second
    .endif
    .ifnb \third
    operand fa2, \third
    .endif
    fsflags zero
  .endm

  .macro f1 name, want, flags, first, mode
    operands \first
    .ifnb \mode
    \name fa3, fa0, \mode
    .else
    \name fa3, fa0
    .endif
    raised \flags
    bits_are fa3, \want
  .endm

  .macro f2 name, want, flags, first, second, mode
    operands \first, \second
    .ifnb \mode
    \name fa3, fa0, fa1, \mode
    .else
    \name fa3, fa0, fa1
    .endif
    raised \flags
    bits_are fa3, \want
    \name fa0, fa0, fa1
  .endm

  .macro f3 name, want, flags, first, second, third
    operands \first, \second, \third
    \name fa3, fa0, fa1, fa2
    raised \flags
    bits_are fa3, \want
  .endm

  // Into an integer register, from one or two operands.
  .macro to name, want, flags, first, mode
    operands \first
    .ifnb \mode
    \name a0, fa0, \mode
    .else
    \name a0, fa0
    .endif
    raised \flags
    li a1, \want
    bne a0, a1, failed
  .endm

  .macro compare name, want, flags, first, second
    operands \first, \second
    \name a0, fa0, fa1
    raised \flags
    li a1, \want
    bne a0, a1, failed
  .endm

  // From an integer register.
  .macro from name, want, flags, first, mode
    number
    fsflags zero
    li a0, \first
    .ifnb \mode
    \name fa3, a0, \mode
    .else
    \name fa3, a0
    .endif
    raised \flags
    bits_are fa3, \want
  .endm
