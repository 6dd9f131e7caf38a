// The fixed parts of the programs, assembled by GNU as.

import { readFileSync } from 'node:fs';
import { qemuMissing } from '../support/qemu.ts';
import { build, gnu, hasGcc, needsGcc } from '../support/riscv-gcc.ts';

/** Why there is no oracle here; undefined where there is one. */
export function oracleMissing(): string | undefined {
  return assemblerMissing() ?? qemuMissing();
}

/** Why programs cannot be assembled; undefined = they can. */
export function assemblerMissing(): string | undefined {
  return hasGcc ? undefined : needsGcc;
}

/** Registers and their slots of 8 bytes in either width: `L` loads, `S` stores a register. */
const prelude = `
#if __riscv_xlen == 64
#define L ld
#define S sd
#define TOP (1 << 63)
#else
#define L lw
#define S sw
#define TOP (1 << 31)
#endif
.option norvc
`;

/** The bytes of a program that is linked at the RAM's base. */
export function assemble(source: string, xlen: 32 | 64): Uint8Array {
  const script = 'SECTIONS { . = 0x80000000; .text : { *(.text*) } /DISCARD/ : { *(.comment) *(.riscv.attributes) } }';
  const abi = xlen === 64 ? 'lp64d' : 'ilp32d';
  const flags = [`-march=rv${xlen}gc_zicsr_zifencei`, `-mabi=${abi}`, '-Wl,--no-warn-rwx-segments', '-Wl,-e0x80000000'];
  const elf = build({ 'program.S': `${prelude}\n${source}`, 'link.ld': script }, flags);
  gnu('objcopy', ['-O', 'binary', elf, `${elf}.bin`]);
  return readFileSync(`${elf}.bin`);
}

/** `op reg, offset(base)` for a run of registers. */
export function each(op: string, file: 'x' | 'f', first: number, last: number, base: string, offset: number): string {
  const lines: string[] = [];
  for (let index = first; index <= last; index += 1)
    lines.push(`${op} ${file}${index}, ${offset + index * 8}(${base})`);
  return lines.join('\n');
}

/** Turns the machine off. */
export const powerOff = `
  li t0, 0x100000
  li t1, 0x5555
  sw t1, 0(t0)
1: j 1b
`;
