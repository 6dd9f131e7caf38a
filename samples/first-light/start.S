// From the first instruction to the kernel's own address space: M-mode, S-mode without paging, S-mode with an identity
// map, and across the trampoline into the upper half.

#include "memory-map.h"

  .section .text
  .globl _start
_start:
  // Reset: M-mode, no paging, physical addresses. a0 = hart id. One hart is enough for us; the others sleep for good.
  bnez a0, park

  la sp, __stack_top
  la t0, machine_trap
  csrw mtvec, t0

  // PMP: without a matching entry S- and U-mode may touch nothing. One NAPOT entry opens all of physical memory.
  li t0, -1
  srli t0, t0, 10
  csrw pmpaddr0, t0
  li t0, 0x1f // NAPOT, X, W, R
  csrw pmpcfg0, t0

  // Hand every exception and the supervisor's interrupts to S-mode. (Bits that cannot be delegated stay 0.)
  li t0, -1
  csrw medeleg, t0
  li t0, (1 << 1) | (1 << 5) | (1 << 9) // software, timer, external
  csrw mideleg, t0

  // Let S-mode read `time` and own its timer comparator `stimecmp` (Sstc).
  li t0, 1 << 1 // TM
  csrs mcounteren, t0
  li t0, 1 << 63 // STCE
  csrs menvcfg, t0

  // Leave for S-mode: mret goes to mepc at the privilege in mstatus.MPP.
  li t0, 3 << 11
  csrc mstatus, t0
  li t0, 1 << 11 // MPP = S
  csrs mstatus, t0
  la t0, supervisor
  csrw mepc, t0
  mret

  // S-mode; satp is Bare: still physical addresses.
supervisor:
  la t0, __bss_start
  la t1, __bss_end
1:
  sd zero, 0(t0)
  addi t0, t0, 8
  bltu t0, t1, 1b

  // Step 1: an identity map. Every address keeps its meaning, so paging can be switched on under our feet.
  call build_identity_map // returns the satp value
  sfence.vma
  csrw satp, a0
  sfence.vma

  // Step 2: with paging on, prepare the two maps of the upper half.
  call build_trampoline // returns the satp value
  mv s0, a0
  call build_kernel_map
  mv s1, a0

  // Step 3: the trampoline. Its map holds the kernel at KERNEL_VA and nothing at the address we run at. So the fetch
  // right behind the satp write faults, on purpose: the trap goes to stvec, which holds the *virtual* address of `high`.
  li t0, KERNEL_OFFSET
  la t1, high
  add t1, t1, t0
  csrw stvec, t1
  add sp, sp, t0
  sfence.vma
  csrw satp, s0

  .balign 4
high:
  // Upper half at last. From now on `la` gives virtual addresses, as it is relative to the pc.
  la t0, trap_entry
  csrw stvec, t0

  // Step 4: the final map. It agrees with the trampoline about this page, so that no fault is needed.
  csrw satp, s1
  sfence.vma
  tail kernel_main

park:
  wfi
  j park

  // Nothing is expected to trap into M-mode. Power off with the cause as the exit code.
  .balign 4
machine_trap:
  csrr t0, mcause
  slli t0, t0, 16
  li t1, 0x3333
  or t0, t0, t1
  li t1, FINISHER_PA
  sw t0, 0(t1)
  j park
