// A bare-metal program that runs many small cases: each loads every register, runs the case's code until it traps (an
// ebreak ends it), and dumps every register, fcsr, the trap and a window of memory.

import type { Piece } from '../support/qemu.ts';
import { assemble, each, powerOff } from './assemble.ts';
import { type Program, ramBase } from './machines.ts';

/** One case. Registers are 64-bit; on RV32 the low halves count. */
export interface RegisterCase {
  /** Where the code begins. */
  readonly entry: number;
  readonly x: BigUint64Array;
  readonly f: BigUint64Array;
  readonly fcsr: number;
  readonly mstatus: bigint;
  /** 64 bytes that are dumped afterwards. */
  readonly window: number;
}

const control = ramBase + 0x1000;
const input = ramBase + 0x90_0000;
const output = ramBase + 0xc0_0000;

/** Quads of a case and of its dump. */
const caseQuads = 67;
const dumpQuads = 82;
export const windowBytes = 64;
export const maxCases = 4096;

/** mstatus.FS = Dirty. */
export const floatsOn = 0x6000n;
export const previousMachine = 0x1800n;

/** Where a dump's quads are. */
export const Dump = {
  cause: 0,
  x: 0,
  f: 32,
  fcsr: 64,
  mstatus: 65,
  epc: 66,
  tval: 67,
  window: 69,
  supervisor: 77,
} as const;

/** CSRs dumped behind the window. */
export const supervisorNames = ['scause', 'sepc', 'stval', 'mip', 'sscratch'];

/** A vector table whose entries note their number in sscratch before the dump. */
export const vectors = ramBase + 0x100;
/** Where traps are dumped without one. */
export const dumpEntry = ramBase + 0x200;
export const clint = { msip: 0x200_0000, mtimecmp: 0x200_4000 } as const;

const causes = Array.from({ length: 16 }, (_, cause) => cause);

const source = `
  j start
.org 0x100
  ${causes.map((cause) => `j vector${cause}`).join('\n')}
  ${causes.map((cause) => `vector${cause}: csrwi sscratch, ${cause}\n j dump`).join('\n')}
.org 0x200
  j dump
start:
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
next:
  li t0, ${dumpEntry}
  csrw mtvec, t0
  li t0, ${clint.msip}
  sw zero, 0(t0)
  li t0, ${clint.mtimecmp}
  li t1, -1
  sw t1, 0(t0)
  sw t1, 4(t0)
  csrw medeleg, zero
  csrw mideleg, zero
  csrwi mie, 2
  csrw menvcfg, zero
  #if __riscv_xlen == 32
  csrw 0x31a, zero
  #endif
  csrwi mip, 2
  csrw sscratch, zero
  csrw scause, zero
  csrw sepc, zero
  csrw stval, zero
  csrw mtval, zero
  li t0, 0x6000
  csrw mstatus, t0

  li x31, ${control}
  L x30, 16(x31)
  beqz x30, finish
  addi x30, x30, -1
  S x30, 16(x31)
  L x29, 8(x31)
  csrw mscratch, x29
  L x31, 0(x31)
  L x30, 0(x31)
  csrw mepc, x30
  ${each('fld', 'f', 0, 31, 'x31', 256)}
  L x30, 512(x31)
  csrw fcsr, x30
  L x30, 520(x31)
  csrw mstatus, x30
  ${each('L', 'x', 1, 31, 'x31', 0)}
  mret
finish: ${powerOff}
.balign 4
dump:
  csrrw x31, mscratch, x31
  ${each('S', 'x', 1, 30, 'x31', 0)}
  csrr x1, mscratch
  S x1, 248(x31)
  csrr x1, mcause
  S x1, 0(x31)
  csrr x1, mstatus
  S x1, 520(x31)
  csrr x1, mepc
  S x1, 528(x31)
  csrr x1, mtval
  S x1, 536(x31)
  ${supervisorNames.map((name, index) => `csrr x1, ${name}\n S x1, ${(77 + index) * 8}(x31)`).join('\n')}
  li x1, 0x6000
  csrw mstatus, x1
  ${each('fsd', 'f', 0, 31, 'x31', 256)}
  csrr x1, fcsr
  S x1, 512(x31)
  li x2, ${control}
  L x3, 0(x2)
  L x4, 528(x3)
  ${Array.from({ length: 16 }, (_, word) => `lw x5, ${word * 4}(x4)\n sw x5, ${552 + word * 4}(x31)`).join('\n')}
  addi x3, x3, ${caseQuads * 8}
  S x3, 0(x2)
  addi x31, x31, ${dumpQuads * 8}
  S x31, 8(x2)
  fence.i
  j next
`;

const assembled = new Map<32 | 64, Uint8Array>();

/** The program with these cases and what they need in RAM; its first compared range is the dumps. */
export function registerProgram(xlen: 32 | 64, cases: readonly RegisterCase[], pieces: readonly Piece[]): Program {
  if (cases.length > maxCases) throw new Error(`${cases.length} cases: at most ${maxCases} fit`);
  const code = assembled.get(xlen) ?? assemble(source, xlen);
  assembled.set(xlen, code);
  const quads = new BigUint64Array(cases.length * caseQuads);
  for (const [index, { entry, x, f, fcsr, mstatus, window }] of cases.entries()) {
    const at = index * caseQuads;
    quads.set(x, at);
    quads[at] = BigInt(entry);
    quads.set(f, at + 32);
    quads[at + 64] = BigInt(fcsr);
    quads[at + 65] = mstatus;
    quads[at + 66] = BigInt(window);
  }
  const header = BigUint64Array.of(BigInt(input), BigInt(output), BigInt(cases.length));
  return {
    pieces: [
      { address: ramBase, bytes: code },
      { address: control, bytes: new Uint8Array(header.buffer) },
      { address: input, bytes: new Uint8Array(quads.buffer) },
      ...pieces,
    ],
    compared: [{ address: output, length: cases.length * dumpQuads * 8 }],
  };
}

/** A case's dump in the compared bytes. */
export function dumpOf(bytes: Uint8Array, index: number): BigUint64Array {
  const start = bytes.byteOffset + index * dumpQuads * 8;
  return new BigUint64Array(bytes.buffer.slice(start, start + dumpQuads * 8));
}
