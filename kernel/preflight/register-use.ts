// What the code behind a satp write does with a register first: a straight look along the instructions, through direct
// jumps and calls, and through a return to an address that is known.

import { hex, plus, type VirtAddr, virt } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { integerNames } from '../../emulator/isa/registers.ts';
import type { Format, Instruction } from '../../emulator/isa/row.ts';
import type { Regime } from '../../emulator/mmu/walk.ts';
import { instructionAt } from '../fault/instruction.ts';

export type RegisterUse =
  /** The instruction at `pc` reaches memory through it. */
  | {
      readonly kind: 'used';
      readonly pc: VirtAddr;
      readonly text: string;
      readonly address: VirtAddr;
      readonly store: boolean;
    }
  /** It gets a new value first. */
  | { readonly kind: 'reloaded'; readonly pc: VirtAddr; readonly text: string }
  /** Where the code goes is not known; nothing used it until then. */
  | { readonly kind: 'unknown' };

const MOST = 64;
const RA = 1;

const baseFormats: readonly Format[] = ['load', 'S', 'amo', 'amo-pair', 'lr', 'cbo', 'fp-load', 'fp-store'];
const stores: readonly Format[] = ['S', 'amo', 'amo-pair', 'fp-store', 'cbo'];
const withoutRd: readonly Format[] = ['S', 'B', 'fence', 'none', 'sfence', 'cbo', 'prefetch', 'fp-load', 'fp-store'];
const withRs2: readonly Format[] = ['R', 'S', 'B', 'amo', 'amo-pair'];
const withoutRs1: readonly Format[] = ['U', 'J', 'csri', 'none', 'fence'];

const writesInteger = ({ row, operands }: Instruction) =>
  !withoutRd.includes(row.format) && !/^fp-(R|unary|from|immediate|move-from)/.test(row.format) && operands.rd !== 0;
const reads = ({ row, operands }: Instruction, register: number) =>
  (!withoutRs1.includes(row.format) && operands.rs1 === register) ||
  (withRs2.includes(row.format) && operands.rs2 === register);

/** The first use of `register` from `start` on, fetched under `regime`. */
export function firstUse(
  machine: Inspection,
  hart: HartView,
  regime: Regime,
  start: VirtAddr,
  register: number,
): RegisterUse {
  let pc = start;
  let value = hart.x(register);
  /** The return address, as long as it is known. */
  let link: bigint | undefined = hart.x(RA);
  for (let count = 0; count < MOST; count += 1) {
    const { instruction, text } = instructionAt(machine, hart, regime, pc, () => undefined);
    if (!instruction) return { kind: 'unknown' };
    const { row, operands, length } = instruction;
    if (baseFormats.includes(row.format) && operands.rs1 === register) {
      const address = virt(BigInt.asUintN(machine.xlen, value + BigInt(operands.imm)));
      return { kind: 'used', pc, text, address, store: stores.includes(row.format) };
    }
    if (writesInteger(instruction) && operands.rd === register) {
      if (!reads(instruction, register)) return { kind: 'reloaded', pc, text };
      if (row.mnemonic !== 'addi') return { kind: 'unknown' };
      value = BigInt.asUintN(64, value + BigInt(operands.imm));
    }
    const behind = plus(pc, length);
    if (row.format === 'B' || row.mnemonic === 'sret' || row.mnemonic === 'mret') return { kind: 'unknown' };
    if (row.format === 'J') {
      pc = virt(BigInt.asUintN(machine.xlen, pc + BigInt(operands.imm)));
      if (operands.rd === RA) link = behind;
      continue;
    }
    if (row.format === 'jalr') {
      if (operands.rs1 !== RA || operands.rd !== 0 || link === undefined) return { kind: 'unknown' };
      pc = virt(link);
      continue;
    }
    if (writesInteger(instruction) && operands.rd === RA) link = undefined;
    pc = behind;
  }
  return { kind: 'unknown' };
}

/** Where the code from `start` returns to by the ra that it has now; undefined when it does not, as far as can be seen. */
export function returnFrom(machine: Inspection, hart: HartView, regime: Regime, start: VirtAddr): VirtAddr | undefined {
  let pc = start;
  for (let count = 0; count < MOST; count += 1) {
    const { instruction } = instructionAt(machine, hart, regime, pc, () => undefined);
    if (!instruction) return undefined;
    const { row, operands, length } = instruction;
    if (row.format === 'jalr') return operands.rs1 === RA && operands.rd === 0 ? virt(hart.x(RA)) : undefined;
    if (row.format === 'B' || row.format === 'J' || /^[sm]ret$/.test(row.mnemonic)) return undefined;
    if (writesInteger(instruction) && operands.rd === RA) return undefined;
    pc = plus(pc, length);
  }
  return undefined;
}

/** `sp = 0x80210000`. */
export const registerText = (register: number, value: bigint) => `${integerNames[register]} = ${hex(value)}`;
