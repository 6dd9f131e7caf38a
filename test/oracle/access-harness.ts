// A bare-metal program that makes one memory access after the other, as a list says: a load, store or atomic with mstatus
// set so that MPRV gives it the privilege and the translation of MPP, or a jump to an address in a lower mode. What
// it loads, or the trap it takes, is written down.

import type { Access } from '../../emulator/inspection.ts';
import type { Piece } from '../support/qemu.ts';
import { assemble, powerOff } from './assemble.ts';
import { type Program, ramBase } from './machines.ts';

interface Kind {
  readonly name: string;
  /** The instruction: address in a1, value in a2, result in a0. */
  readonly code: string;
  readonly access: Access;
  readonly size: number;
  readonly rv64?: boolean;
}

const kind = (name: string, code: string, access: Access, size: number, rv64 = false): Kind => ({
  name,
  code,
  access,
  size,
  rv64,
});

/** Each is one instruction, but for the pairs of LR and SC. */
export const kinds: readonly Kind[] = [
  kind('jump', 'j fetch', 'fetch', 2),
  kind('lb', 'lb a0, 0(a1)', 'load', 1),
  kind('lhu', 'lhu a0, 0(a1)', 'load', 2),
  kind('lw', 'lw a0, 0(a1)', 'load', 4),
  kind('sb', 'sb a2, 0(a1)', 'store', 1),
  kind('sh', 'sh a2, 0(a1)', 'store', 2),
  kind('sw', 'sw a2, 0(a1)', 'store', 4),
  kind('lr.w + sc.w', 'j pair_w', 'load', 4),
  kind('amoswap.w', 'amoswap.w a0, a2, 0(a1)', 'store', 4),
  kind('amomaxu.w', 'amomaxu.w a0, a2, 0(a1)', 'store', 4),
  kind('ld', 'ld a0, 0(a1)', 'load', 8, true),
  kind('sd', 'sd a2, 0(a1)', 'store', 8, true),
  kind('lr.d + sc.d', 'j pair_d', 'load', 8, true),
  kind('amoswap.d', 'amoswap.d a0, a2, 0(a1)', 'store', 8, true),
];

export interface AccessCommand {
  /** An index of `kinds`. */
  readonly kind: number;
  readonly va: bigint;
  readonly mstatus: bigint;
  readonly value: bigint;
}

/** CSRs that hold for the accesses behind it; translations are fenced. */
export interface Configuration {
  readonly satp: bigint;
  readonly menvcfg: bigint;
  readonly pmpaddr: readonly bigint[];
  /** A byte for each entry. */
  readonly pmpcfg: readonly number[];
}

export type Command = AccessCommand | Configuration;

export const pmpEntries = 8;

const input = ramBase + 0x10_0000;
const output = ramBase + 0x40_0000;
const quads = 16;
const stride = quads * 8;
export const maxCommands = Math.floor((output - input) / stride) - 1;

/** Where a result's quads are. */
export const Result = { cause: 0, tval: 1, value: 2, epc: 3, mstatus: 4 } as const;
export const resultNames = ['mcause', 'mtval', 'a0', 'mepc', 'mstatus'];

const addresses = Array.from(
  { length: pmpEntries },
  (_, index) => `L t0, ${24 + index * 8}(s0)\n csrw pmpaddr${index}, t0`,
);

const sourceFor = (xlen: 32 | 64) => `
  la t0, handler
  csrw mtvec, t0
  csrw medeleg, zero
  csrw mideleg, zero
  csrw mie, zero
  li s0, ${input}
  csrw mscratch, s0
next:
  csrr s0, mscratch
  L t0, 0(s0)
  L a1, 8(s0)
  L t2, 16(s0)
  L a2, 24(s0)
  la t1, routines
  slli t0, t0, 3
  add t1, t1, t0
  li a0, 0x77
  csrw mcause, zero
  csrw mtval, zero
  csrw mepc, zero
  csrw mstatus, t2
  jr t1
.balign 8
routines:
  ${['j finish', 'j configure', ...kinds.map(({ code, rv64 }) => (rv64 && xlen === 32 ? 'j finish' : code))]
    .map((code) => `${code}\n j handler`)
    .join('\n')}
fetch:
  csrw mepc, a1
  mret
pair_w:
  lr.w a0, (a1)
  sc.w a3, a2, (a1)
  slli a0, a0, 1
  or a0, a0, a3
  j handler
pair_d:
  ${xlen === 64 ? 'lr.d a0, (a1)\n sc.d a3, a2, (a1)\n slli a0, a0, 1\n or a0, a0, a3' : ''}
  j handler
configure:
  L t0, 8(s0)
  csrw satp, t0
  L t0, 16(s0)
  csrw menvcfg, t0
  ${xlen === 32 ? 'lw t0, 20(s0)\n csrw 0x31a, t0' : ''}
  ${addresses.join('\n')}
  L t0, ${24 + pmpEntries * 8}(s0)
  csrw pmpcfg0, t0
  ${xlen === 32 ? `lw t0, ${28 + pmpEntries * 8}(s0)\n csrw pmpcfg1, t0` : ''}
  sfence.vma
  li a0, 0
.balign 4
handler:
  csrr s0, mscratch
  csrr t0, mstatus
  li t1, 0x6000
  csrw mstatus, t1
  li t1, ${output - input}
  add s1, s0, t1
  S t0, 32(s1)
  csrr t0, mcause
  S t0, 0(s1)
  csrr t0, mtval
  S t0, 8(s1)
  S a0, 16(s1)
  csrr t0, mepc
  S t0, 24(s1)
  addi s0, s0, ${stride}
  csrw mscratch, s0
  j next
finish: ${powerOff}
`;

const assembled = new Map<32 | 64, Uint8Array>();

const isConfiguration = (command: Command): command is Configuration => 'satp' in command;

function encode(command: Command, into: BigUint64Array): void {
  if (!isConfiguration(command)) {
    into.set([BigInt(command.kind + 2), command.va, command.mstatus, command.value]);
    return;
  }
  const cfg = command.pmpcfg.reduce((bits, byte, index) => bits | (BigInt(byte) << BigInt(index * 8)), 0n);
  into.set([1n, command.satp, command.menvcfg, ...command.pmpaddr, cfg]);
}

/** The program of these commands; its first compared range is their results. */
export function accessProgram(
  xlen: 32 | 64,
  commands: readonly Command[],
  pieces: readonly Piece[],
  compared: Program['compared'],
): Program {
  if (commands.length > maxCommands) throw new Error(`${commands.length} accesses: at most ${maxCommands} fit`);
  const code = assembled.get(xlen) ?? assemble(sourceFor(xlen), xlen);
  assembled.set(xlen, code);
  const list = new BigUint64Array((commands.length + 1) * quads);
  for (const [index, command] of commands.entries()) encode(command, list.subarray(index * quads));
  return {
    pieces: [{ address: ramBase, bytes: code }, { address: input, bytes: new Uint8Array(list.buffer) }, ...pieces],
    compared: [{ address: output, length: commands.length * stride }, ...compared],
  };
}

/** The result of a command in the compared bytes. */
export function resultOf(bytes: Uint8Array, index: number): BigUint64Array {
  const start = bytes.byteOffset + index * stride;
  return new BigUint64Array(bytes.buffer.slice(start, start + resultNames.length * 8));
}
