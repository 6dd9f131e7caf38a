// Svnapot: sixteen PTEs with N are one page of 64 KiB, in which the address itself says which part.

#include "../test.h"
#include "../traps.h"
#include "../tables.h"

#define BASE 0x80200000

  .macro napot index, low, flags
    li a0, BASE+(\low<<12)
    map \index, a0, \flags|1<<63
  .endm

begin
  translate
  // Each page of memory holds its number.
  li a0, BASE
  li a1, 0
  li a2, 16
  li a3, 4096
1: sd a1, 8(a0)
  add a0, a0, a3
  addi a1, a1, 1
  bne a1, a2, 1b
  .set index, 16
  .rept 16
  napot index, 8, PTE_ALL
  .set index, index+1
  .endr
  li s6, 0x10000
  li s7, 0
  li s8, 16
1: works_in 1, ld a1, 8(s6)
  same a1, s7
  li a3, 4096
  add s6, s6, a3
  addi s7, s7, 1
  bne s7, s8, 1b
  // Code in it.
  number
  li a0, BASE+0x5000
  li a1, 0x00000073 // ecall
  sw a1, 0(a0)
  fence.i
  la s11, 1f
  li a0, 0x15000
  enter 1
  jr a0
1: li a1, SUPERVISOR_CALL
  bne s2, a1, failed
  bne s4, a0, failed
  // Every other size is reserved.
  li s6, 0x20008
  .irp low, 0, 1, 2, 4, 7
  napot 32, \low, PTE_ALL
  traps_in 1, LOAD_PAGE, ld a1, 0(s6)
  .endr
  // So is N in a pointer.
  number
  la a0, middle
  ld a1, 0(a0)
  li a2, 1<<63
  or a1, a1, a2
  sd a1, 0(a0)
  sfence.vma
  li s6, 0x10008
  traps_in 1, LOAD_PAGE, ld a1, 0(s6)
done
