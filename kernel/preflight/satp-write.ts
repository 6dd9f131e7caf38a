// A write of satp that is about to be made.

import { plus, type VirtAddr } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { regimeOf } from '../../emulator/mmu/regime.ts';
import { instructionAt } from '../fault/instruction.ts';

export interface PendingSatp {
  /** The instruction that writes. */
  readonly pc: VirtAddr;
  /** The instruction behind it: the first one under the new value. */
  readonly next: VirtAddr;
  readonly before: bigint;
  readonly written: bigint;
}

const SATP = 0x180;

/** The satp write that the hart stands at; undefined when the instruction at pc is none. */
export function satpWriteAt(machine: Inspection, hart: HartView): PendingSatp | undefined {
  const { instruction } = instructionAt(machine, hart, regimeOf(machine, hart, 'fetch'), hart.pc, () => undefined);
  if (instruction?.row.host !== 'csr' || instruction.operands.imm !== SATP) return undefined;
  const { row, operands, length } = instruction;
  const kind = row.mnemonic.charAt(4);
  if (kind !== 'w' && operands.rs1 === 0) return undefined;
  const before = hart.csr(SATP) ?? 0n;
  const operand = row.format === 'csri' ? BigInt(operands.rs1) : hart.x(operands.rs1);
  const wanted = kind === 'w' ? operand : kind === 's' ? before | operand : before & ~operand;
  return { pc: hart.pc, next: plus(hart.pc, length), before, written: BigInt.asUintN(machine.xlen, wanted) };
}

/** How many bytes the instruction at `pc` has; 4 where it cannot be read. */
export function lengthAt(machine: Inspection, hart: HartView, pc: VirtAddr): number {
  return instructionAt(machine, hart, regimeOf(machine, hart, 'fetch'), pc, () => undefined).instruction?.length ?? 4;
}

/** Whether the code behind the write reads satp back soon: then it only tries out whether a mode is supported. */
export function readsBack(machine: Inspection, hart: HartView, { next }: PendingSatp): boolean {
  const regime = regimeOf(machine, hart, 'fetch');
  let pc = next;
  for (let count = 0; count < 8; count += 1) {
    const { instruction } = instructionAt(machine, hart, regime, pc, () => undefined);
    if (!instruction) return false;
    if (instruction.row.host === 'csr' && instruction.operands.imm === SATP && instruction.operands.rd !== 0)
      return true;
    pc = plus(pc, instruction.length);
  }
  return false;
}
