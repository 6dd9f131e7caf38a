// CBO.ZERO clears the whole block around its address, and nothing beside; lower modes need leave.

#include "../test.h"
#include "../traps.h"
  .option arch, +zicboz

  .macro zero
    cbo.zero (s6)
  .endm

begin
  // How large a block is shows in what it cleared.
  la a0, blocks
  li a1, -1
  li a2, 1024
1: sw a1, 0(a0)
  addi a0, a0, 4
  addi a2, a2, -1
  bnez a2, 1b
  la s6, blocks+2048+13
  works zero
  la a0, blocks
  li a2, 1024
  li a3, 0
1: lw a1, 0(a0)
  bnez a1, 2f
  addi a3, a3, 4
  bnez a3, 3f
2: li a4, -1
  number
  bne a1, a4, failed
3: addi a0, a0, 4
  addi a2, a2, -1
  bnez a2, 1b
  number
  beqz a3, failed
  addi a4, a3, -1
  and a4, a4, a3 // a power of two
  bnez a4, failed
  la a0, blocks+2048
  number
  lw a1, 0(a0)
  bnez a1, failed
  add a0, a0, a3
  lw a1, -4(a0)
  bnez a1, failed
  lw a1, 0(a0)
  beqz a1, failed

  li a1, 1<<7 // CBZE
  csrc menvcfg, a1
  traps_in 1, ILLEGAL, zero
  csrs menvcfg, a1
  works_in 1, zero
  csrc senvcfg, a1
  traps_in 0, ILLEGAL, zero
  csrs senvcfg, a1
  works_in 0, zero
  li s6, 0x40000000
  traps STORE_ACCESS, zero
done
  .section .data
  .balign 4096
blocks: .space 4096
