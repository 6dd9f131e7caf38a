// Counters: written, carried, inhibited.

#include "../test.h"
#include "../traps.h"

begin
  number
  csrr a0, minstret
  nop
  nop
  csrr a1, minstret
  sub a1, a1, a0
  li a2, 3
  bne a1, a2, failed
  number // the instruction that writes is not counted
  li a0, 100
  csrw minstret, a0
  csrr a1, minstret
  li a2, 100
  bne a1, a2, failed
  number
  csrw mcycle, zero
  nop
  csrr a0, mcycle
  beqz a0, failed
  li a1, 100000
  bgtu a0, a1, failed
#if __riscv_xlen == 32
  number
  li a0, -1
  csrw minstret, a0
  csrwi minstreth, 0
  csrw minstret, a0
  nop
  nop
  csrr a1, minstreth
  li a2, 1
  bne a1, a2, failed
  number
  csrwi mcycleh, 0
  csrw mcycle, a0
  nop
  nop
  csrr a1, mcycleh
  li a2, 1
  bne a1, a2, failed
  works rdcycleh a0
  works rdinstreth a0
#else
  number
  li a0, -1
  csrw minstret, a0
  nop
  nop
  csrr a1, minstret
  li a2, 2
  bgtu a1, a2, failed
#endif
  number
  csrwi mcountinhibit, 5
  csrr a0, mcountinhibit
  andi a0, a0, 5
  li a1, 5
  bne a0, a1, 1f // may be fixed
  csrr a0, minstret
  csrr a1, minstret
  bne a0, a1, failed
1: csrwi mcountinhibit, 0
  works rdcycle a0
  works rdinstret a0
  works csrr a0, mhpmcounter3
  traps ILLEGAL, csrw cycle, zero
  traps ILLEGAL, csrw instret, a0
done
