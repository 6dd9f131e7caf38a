// What the code behind a satp write does with a register first.

import { type VirtAddr, virt } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import type { Format, Instruction } from '../../emulator/isa/row.ts';
import type { Regime } from '../../emulator/mmu/walk.ts';
import { path, written } from './path.ts';

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
  /** satp is written again first. */
  | { readonly kind: 'remapped'; readonly pc: VirtAddr; readonly text: string }
  /** Where the code goes is not known; nothing used it until then. */
  | { readonly kind: 'unknown' };

const RA = 1;
const SATP = 0x180;

const bases: readonly Format[] = ['load', 'S', 'amo', 'amo-pair', 'lr', 'cbo', 'fp-load', 'fp-store'];
const stores: readonly Format[] = ['S', 'amo', 'amo-pair', 'fp-store', 'cbo'];
const withRs2: readonly Format[] = ['R', 'S', 'B', 'amo', 'amo-pair'];
const withoutRs1: readonly Format[] = ['U', 'J', 'csri', 'none', 'fence'];

const reads = ({ row, operands }: Instruction, register: number) =>
  (!withoutRs1.includes(row.format) && operands.rs1 === register) ||
  (withRs2.includes(row.format) && operands.rs2 === register);

const setsSatp = ({ row, operands }: Instruction) => row.host === 'csr' && operands.imm === SATP;

/** The first use of `register` from `start` on, fetched under `regime`. */
export function firstUse(
  machine: Inspection,
  hart: HartView,
  regime: Regime,
  start: VirtAddr,
  register: number,
): RegisterUse {
  for (const { pc, instruction, text, value } of path(machine, hart, regime, start)) {
    const { row, operands } = instruction;
    if (setsSatp(instruction)) return { kind: 'remapped', pc, text };
    if (bases.includes(row.format) && operands.rs1 === register) {
      const base = value(register);
      if (base === undefined) return { kind: 'unknown' };
      const address = virt(BigInt.asUintN(machine.xlen, base + BigInt(operands.imm)));
      return { kind: 'used', pc, text, address, store: stores.includes(row.format) };
    }
    if (written(instruction) === register && !reads(instruction, register)) return { kind: 'reloaded', pc, text };
  }
  return { kind: 'unknown' };
}

/** Where the code from `start` returns to by the ra that it has now; undefined when it does not, as far as can be seen. */
export function returnFrom(machine: Inspection, hart: HartView, regime: Regime, start: VirtAddr): VirtAddr | undefined {
  for (const { instruction } of path(machine, hart, regime, start)) {
    const { row, operands } = instruction;
    if (setsSatp(instruction)) return undefined;
    if (row.format === 'jalr' && operands.rs1 === RA && operands.rd === 0) return virt(hart.x(RA));
    if (written(instruction) === RA) return undefined;
  }
  return undefined;
}
