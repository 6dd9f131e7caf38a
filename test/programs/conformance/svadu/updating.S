// Svadu: with menvcfg.ADUE hardware sets A and D; without, it leaves them and faults.

#include "../test.h"
#include "../traps.h"
#include "../tables.h"

#define MPRV (1<<17)

  .macro leaf_is flags
    number
    la t1, leaves
    LOAD t1, 3*SIZE(t1)
    andi t1, t1, 0xff
    li t0, \flags
    bne t0, t1, failed
  .endm

  // Loads and stores as the supervisor.
  .macro as_supervisor instruction:vararg
    li t0, 3<<11
    csrc mstatus, t0
    li t0, 1<<11|MPRV
    csrs mstatus, t0
    \instruction
    li t0, MPRV
    csrc mstatus, t0
  .endm

begin
  translate
  la s6, page
  li a0, 0x3000
  map 3, s6, PTE_V|PTE_R|PTE_W
  traps_in 1, LOAD_PAGE, lw a1, 0(a0)
  leaf_is PTE_V|PTE_R|PTE_W
  // Switched on.
  li a1, ADUE
  csrs ADUE_CSR, a1
  csrr a2, ADUE_CSR
  and a2, a2, a1
  beqz a2, 1f // there is no Svadu
  sfence.vma
  as_supervisor lw a2, 0(a0)
  leaf_is PTE_V|PTE_R|PTE_W|PTE_A
  as_supervisor sw a2, 0(a0)
  leaf_is PTE_V|PTE_R|PTE_W|PTE_A|PTE_D
  // What faults sets nothing.
  map 3, s6, PTE_V|PTE_R
  traps_in 1, STORE_PAGE, sw a1, 0(a0)
  leaf_is PTE_V|PTE_R
  map 3, s6, PTE_V|PTE_R|PTE_W
  as_supervisor amoadd.w a2, zero, (a0)
  leaf_is PTE_V|PTE_R|PTE_W|PTE_A|PTE_D
  // Switched off again.
  csrc ADUE_CSR, a1
  map 3, s6, PTE_V|PTE_R|PTE_W|PTE_A
  works_in 1, lw a1, 0(a0)
  traps_in 1, STORE_PAGE, sw a1, 0(a0)
1:
done
  .section .data
  .balign 4096
page: .space 4096
