// Supervisor mode with page tables of its own: A and D bits, SUM and MXR, one page under two addresses.

#include "../test.h"
#include "../traps.h"
#include "../tables.h"

begin
  translate
  la s6, page
  // Without a PTE; with one that has not been accessed, or not written to; with all.
  li a0, 0x3000
  traps LOAD_PAGE, lw a1, 0(a0)
  same s3, a0
  map 3, s6, PTE_V|PTE_R|PTE_W
  traps LOAD_PAGE, lw a1, 0(a0)
  traps STORE_PAGE, sw a1, 0(a0)
  map 3, s6, PTE_V|PTE_R|PTE_W|PTE_A
  works lw a1, 0(a0)
  traps STORE_PAGE, sw a1, 0(a0)
  same s3, a0
  traps STORE_PAGE, amoadd.w a1, a1, (a0)
  map 3, s6, PTE_V|PTE_R|PTE_W|PTE_A|PTE_D
  works sw a1, 0(a0)
  map 3, s6, PTE_V|PTE_W|PTE_A|PTE_D // reserved
  traps LOAD_PAGE, lw a1, 0(a0)
  traps STORE_PAGE, sw a1, 0(a0)
  map 3, s6, PTE_V|PTE_X|PTE_A
  traps LOAD_PAGE, lw a1, 0(a0)
  li a2, 1<<19 // MXR
  csrs sstatus, a2
  works lw a1, 0(a0)
  csrc sstatus, a2
  map 3, s6, PTE_ALL|PTE_U
  traps LOAD_PAGE, lw a1, 0(a0)
  li a2, 1<<18 // SUM, which is for data only
  csrs sstatus, a2
  works lw a1, 0(a0)
  number
  la s11, 1f
  jr a0
1: li a1, FETCH_PAGE
  bne s2, a1, failed
  bne s4, a0, failed
  csrc sstatus, a2
  map 3, s6, PTE_V|PTE_R|PTE_A
  number
  la s11, 1f
  jr a0
1: bne s2, a1, failed

  // Code under two addresses, changed through a third (icache-alias).
  map 4, s6, PTE_ALL
  map 5, s6, PTE_ALL
  li s7, 100
2: li s8, 0x5000
  li a0, 0x4000
  li a1, 0x00100513 // li a0, 1
  sw a1, 0(s8)
  li a2, 0x00008067 // ret
  sw a2, 4(s8)
  fence.i
  jalr a0
  equal a0, 1
  li a1, 0x00200513 // li a0, 2
  sw a1, 0(s6)
  fence.i
  jalr s8
  equal a0, 2
  li a0, 0x4000
  jalr a0
  equal a0, 2
  addi s7, s7, -1
  bnez s7, 2b
  // The same address, another page.
  la a0, other
  map 4, a0, PTE_ALL
  li a0, 0x4000
  jalr a0
  equal a0, 3
  // An instruction half in a page that is not there: the fault is at the second half.
  number
  la s11, 1f
  la a0, other
  addi a0, a0, 2047
  li a1, 0x00000513
  sh a1, 2047(a0)
  fence.i
  li a0, 0x4ffe
  map 5, s6, 0
  jr a0
1: li a1, FETCH_PAGE
  bne s2, a1, failed
  bne s4, a0, failed
  li a1, 0x5000
  bne s3, a1, failed
#if __riscv_xlen == 64
  // An address whose upper bits are no extension of its sign.
  li a0, 1<<38
  traps LOAD_PAGE, lw a1, 0(a0)
  same s3, a0
#endif
done
  .section .data
  .balign 4096
page: .space 4096
other:
  li a0, 3
  ret
  .balign 4096
