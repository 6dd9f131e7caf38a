// The instructions that stepping and unwinding look at.

import type { VirtAddr } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { decode, lengthOf } from '../../emulator/isa/decode.ts';
import type { Instruction } from '../../emulator/isa/row.ts';
import { fetched, readSpace } from '../memory/space.ts';

/** The instruction at `address` as `hart` would fetch it; undefined where nothing is mapped or nothing decodes. */
export function instructionAt(machine: Inspection, hart: HartView, address: VirtAddr): Instruction | undefined {
  return decoded(readSpace(machine, hart, fetched, address, 4), machine.xlen);
}

/** The instruction that up to four bytes begin with. */
export function decoded(bytes: Uint8Array, xlen: 32 | 64): Instruction | undefined {
  if (bytes.length < 2) return undefined;
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0] = bytes;
  const half = b0 | (b1 << 8);
  if (lengthOf(half) === 2) return decode(half, xlen);
  return bytes.length < 4 ? undefined : decode((half | (b2 << 16) | (b3 << 24)) >>> 0, xlen);
}

/** x1 (ra) and x5 (t0) are the link registers of the calling convention. */
function isLink(register: number): boolean {
  return register === 1 || register === 5;
}

function isJump({ row }: Instruction): boolean {
  return row.mnemonic === 'jal' || row.mnemonic === 'jalr';
}

/** A jump that leaves a return address. */
export function isCall(instruction: Instruction): boolean {
  return isJump(instruction) && isLink(instruction.operands.rd);
}

/** A jump back to a return address. */
export function isReturn({ row, operands }: Instruction): boolean {
  return row.mnemonic === 'jalr' && operands.rd === 0 && isLink(operands.rs1);
}

/** A jump or branch of any kind. */
export function changesFlow(instruction: Instruction): boolean {
  return isJump(instruction) || instruction.row.format === 'B';
}
