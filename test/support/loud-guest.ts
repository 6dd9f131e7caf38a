// A guest that prints more in one HTIF system call than is moved at once: letters of two bytes, so laid that one lies
// across the border of the pieces, and broken ones at other borders.

import { build } from './riscv-gcc.ts';

const MIB = 1 << 20;

/** What it prints, in one call each: 2 MiB and a bit, then a first half of a letter, then what is no second half. */
export const loudBytes: Uint8Array = (() => {
  const bytes = new Uint8Array(2 * MIB + 4).fill(0x78);
  for (let at = 1; at < 2 * MIB; at += 2) bytes.set([0xc3, 0xa9], at);
  bytes.set([0xc3, 0x41], 2 * MIB + 2);
  return bytes;
})();

const source = `
  .option norelax
  .globl _start
_start:
  la s0, text
  li s1, ${loudBytes.length}
  add s1, s1, s0
  li t0, 0x78
  sb t0, 0(s0)
  addi t1, s0, 1
  li t2, 0xc3
  li t3, 0xa9
1:
  sb t2, 0(t1)
  sb t3, 1(t1)
  addi t1, t1, 2
  addi t4, t1, 3
  bltu t4, s1, 1b
  sb t0, -3(s1)
  sb t2, -2(s1)
  li t0, 0x41
  sb t0, -1(s1)
  mv a1, s0
  li a2, ${loudBytes.length - 1}
  call write
  addi a1, s1, -1
  li a2, 1
  call write
  li t0, 1
  la t1, tohost
  sd t0, 0(t1)
  j .
write:
  la t0, block
  li t1, 64
  sd t1, 0(t0)
  sd a1, 16(t0)
  sd a2, 24(t0)
  la t1, tohost
  sd t0, 0(t1)
  la t1, fromhost
2:
  ld t2, 0(t1)
  beqz t2, 2b
  sd zero, 0(t1)
  ld t2, 0(t0)
  bne t2, a2, .
  ret
  .data
  .globl tohost, fromhost
  .align 6
tohost: .dword 0
fromhost: .dword 0
block: .skip 64
  .bss
text: .skip ${loudBytes.length}
`;

export function loudGuest(): string {
  const flags = ['-march=rv64imac_zicsr', '-mabi=lp64', '-mcmodel=medany', '-Wl,-Ttext=0x80000000'];
  return build({ 'loud.S': source }, [...flags, '-Wl,--no-warn-rwx-segments']);
}
