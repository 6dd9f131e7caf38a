// The way that code takes from where a hart stands, as far as it follows from the registers: arithmetic on known values,
// jumps, calls, returns and branches. Loads make a value unknown; the way ends where it depends on one.

import { plus, type VirtAddr, virt } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import type { Format, Instruction } from '../../emulator/isa/row.ts';
import type { Regime } from '../../emulator/mmu/walk.ts';
import { instructionAt } from '../fault/instruction.ts';

export interface PathStep {
  readonly pc: VirtAddr;
  readonly instruction: Instruction;
  readonly text: string;
  /** A register before the instruction; undefined = not known. */
  value(register: number): bigint | undefined;
}

const MOST = 200;

const withoutRd: readonly Format[] = ['S', 'B', 'fence', 'none', 'sfence', 'cbo', 'prefetch', 'fp-load', 'fp-store'];

/** The integer register that an instruction writes; undefined = none. */
export function written({ row, operands }: Instruction): number | undefined {
  if (withoutRd.includes(row.format) || /^fp-(R|unary|from|immediate|move-from)/.test(row.format)) return undefined;
  return operands.rd === 0 ? undefined : operands.rd;
}

/** The instructions in the order in which they will be executed, fetched under `regime`. */
export function* path(machine: Inspection, hart: HartView, regime: Regime, start: VirtAddr): Generator<PathStep> {
  const values: (bigint | undefined)[] = Array.from({ length: 32 }, (_, index) => hart.x(index));
  const value = (register: number) => (register === 0 ? 0n : values[register]);
  let pc: VirtAddr | undefined = start;
  for (let count = 0; count < MOST && pc !== undefined; count += 1) {
    const { instruction, text } = instructionAt(machine, hart, regime, pc, () => undefined);
    if (!instruction) return;
    yield { pc, instruction, text, value };
    const next: VirtAddr | undefined = follow(pc, instruction, value, machine.xlen);
    const rd = written(instruction);
    if (rd !== undefined) values[rd] = result(pc, instruction, value, machine.xlen);
    pc = next;
  }
}

type Values = (register: number) => bigint | undefined;

function follow(pc: VirtAddr, { row, operands, length }: Instruction, value: Values, xlen: 32 | 64) {
  const to = (address: bigint) => virt(BigInt.asUintN(xlen, address));
  const behind = plus(pc, length);
  if (row.format === 'J') return to(pc + BigInt(operands.imm));
  if (row.format === 'jalr') {
    const base = value(operands.rs1);
    return base === undefined ? undefined : to((base + BigInt(operands.imm)) & ~1n);
  }
  if (row.mnemonic === 'sret' || row.mnemonic === 'mret' || row.mnemonic === 'wfi') return undefined;
  if (row.format !== 'B') return behind;
  const [a, b] = [value(operands.rs1), value(operands.rs2)];
  if (a === undefined || b === undefined) return undefined;
  return taken(row.mnemonic, a, b) ? to(pc + BigInt(operands.imm)) : behind;
}

/** Registers are sign-extended also on RV32, so that their order is the same. */
function taken(mnemonic: string, a: bigint, b: bigint): boolean {
  const [x, y] = [BigInt.asIntN(64, a), BigInt.asIntN(64, b)];
  switch (mnemonic) {
    case 'beq':
      return a === b;
    case 'bne':
      return a !== b;
    case 'blt':
      return x < y;
    case 'bge':
      return x >= y;
    case 'bltu':
      return a < b;
    default:
      return a >= b;
  }
}

function result(
  pc: VirtAddr,
  { row, operands, length }: Instruction,
  value: Values,
  xlen: 32 | 64,
): bigint | undefined {
  const extended = (number: bigint) => BigInt.asUintN(64, BigInt.asIntN(xlen, number));
  const imm = BigInt(operands.imm);
  if (row.format === 'J' || row.format === 'jalr') return extended(pc + BigInt(length));
  if (row.mnemonic === 'lui') return extended(imm);
  if (row.mnemonic === 'auipc') return extended(pc + imm);
  const [a, b] = [value(operands.rs1), value(operands.rs2)];
  if (a === undefined) return undefined;
  switch (row.mnemonic) {
    case 'addi':
      return extended(a + imm);
    case 'andi':
      return extended(a & imm);
    case 'ori':
      return extended(a | imm);
    case 'slli':
      return extended(a << imm);
    case 'srli':
      return extended(BigInt.asUintN(xlen, a) >> imm);
  }
  if (b === undefined) return undefined;
  switch (row.mnemonic) {
    case 'add':
      return extended(a + b);
    case 'sub':
      return extended(a - b);
    case 'and':
      return a & b;
    case 'or':
      return a | b;
    default:
      return undefined;
  }
}
