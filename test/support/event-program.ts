// A program that makes one thing after the other happen, so that each kind of event can be waited for. S-mode on the
// built-in SBI; every fault is skipped by its handler, jumps to nowhere come back by ra.

import { build } from './riscv-gcc.ts';

const script = `ENTRY(_start) SECTIONS { . = 0x80200000; .text : { *(.text) } .data : ALIGN(4096) { *(.data) } .bss : ALIGN(4096) { *(.bss) } }`;

const source = `
  .globl _start
_start:
  la t0, handler
  csrw stvec, t0
mark_fence_i: fence.i
mark_csr: csrw sscratch, t0
mark_ebreak: ebreak
mark_illegal: .word 0
mark_misaligned: la t1, words
  lh t2, 1(t1)
mark_access_fault: li t1, 0x40000000
  ld t2, 0(t1)
mark_jump: li t1, 0x40000000
  jalr t1
mark_mmio: li t1, 0x10000000
  lbu t2, 5(t1)
mark_print: li a7, 0x4442434e
  li a6, 2
  li a0, 'x'
  ecall
mark_hart: li a7, 0x48534d
  li a6, 0
  li a0, 1
  la a1, second
  li a2, 0
  ecall
mark_paging: la t0, root
  srli t0, t0, 12
  li t1, 8
  slli t1, t1, 60
  or t0, t0, t1
  csrw satp, t0
  sfence.vma
mark_use: li t1, 0xc0001000
  ld t2, 0(t1)
mark_dirty: sd t2, 0(t1)
mark_load: li t1, 0xc0005000
  ld t2, 0(t1)
mark_store: sd t2, 0(t1)
mark_fetch: jalr t1
mark_pte: la t0, low
  ld t2, 8(t0)
  andi t3, t2, ~4
  sd t3, 8(t0)
mark_wx: ori t3, t2, 8
  sd t3, 8(t0)
mark_malformed: li t3, 5
  sd t3, 8(t0)
mark_unmap: sd zero, 8(t0)
mark_map: sd t2, 16(t0)
mark_user: li t0, 0x100
  csrc sstatus, t0
  la t0, program
  li t1, 0x3fffffff
  and t0, t0, t1
  li t1, 0x100000000
  or t0, t0, t1
  csrw sepc, t0
  sret
after_user:
mark_wfi: csrwi sie, 0
  li t0, 0x20
  csrs sie, t0
  li a7, 0x54494d45
  li a6, 0
  rdtime a0
  addi a0, a0, 100
  ecall
  wfi
mark_end: li a7, 0x53525354
  li a6, 0
  li a0, 0
  li a1, 0
  ecall
second: wfi
  j second
  .align 2
handler:
  csrr s0, scause
  bltz s0, from_timer
  li s1, 8
  beq s0, s1, from_user
  csrr s1, sepc
  addi s2, s0, -1
  beqz s2, from_nowhere
  addi s2, s0, -12
  beqz s2, from_nowhere
  lhu s2, 0(s1)
  andi s2, s2, 3
  addi s1, s1, 2
  li s0, 3
  bne s2, s0, 1f
  addi s1, s1, 2
1: csrw sepc, s1
  sret
from_timer: csrw sie, zero
  sret
from_nowhere: csrw sepc, ra
  sret
from_user: la s1, after_user
  csrw sepc, s1
  li s1, 0x100
  csrs sstatus, s1
  sret
  .align 12
program: ecall
  .data
  .align 12
root:
  .quad (0x00000000 >> 2) | 0xcf
  .quad (0x40000000 >> 2) | 0xc7
  .quad (0x80000000 >> 2) | 0xcb | 4
  .quad 0
  .quad (0x80000000 >> 2) | 0xdf
  .fill 507, 8, 0
  .align 12
middle: .fill 512, 8, 0
low: .fill 512, 8, 0
words: .quad 0, 0
`;

/** Pointers of the tables are filled in by the program itself, since the assembler cannot shift addresses. */
const fill = `
  la t0, middle
  srli t1, t0, 12
  slli t1, t1, 10
  addi t1, t1, 1
  la t2, root
  sd t1, 24(t2)
  la t3, low
  srli t1, t3, 12
  slli t1, t1, 10
  addi t1, t1, 1
  sd t1, 0(t0)
  la t2, words
  srli t1, t2, 12
  slli t1, t1, 10
  addi t1, t1, 7
  sd t1, 8(t3)
`;

/** The path of its ELF. */
export function eventProgram(): string {
  const text = source.replace('mark_fence_i:', `${fill}\nmark_fence_i:`);
  return build({ 'program.S': text, 'program.ld': script }, ['-march=rv64gc', '-mabi=lp64', '-Wl,--no-relax']);
}
