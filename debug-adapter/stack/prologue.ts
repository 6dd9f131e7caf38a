// What a function's prologue has done by the time pc is reached: how far it has moved sp, and where below the frame's
// top (the caller's sp) it has put ra and s0.

import { plus, type VirtAddr } from '../../emulator/address.ts';
import type { Instruction } from '../../emulator/isa/row.ts';
import { changesFlow } from '../run-control/code.ts';

export interface Prologue {
  /** Bytes that sp has been moved down. */
  readonly size: bigint;
  /** Offsets from the frame's top; undefined where the register has not been saved. */
  readonly ra: bigint | undefined;
  readonly fp: bigint | undefined;
  /** s0 holds the frame's top. */
  readonly usesFp: boolean;
  /** Nothing but the prologue has run: ra is still the caller's if it has not been saved. */
  readonly straight: boolean;
}

const LONGEST = 64;
const ra = 1;
const sp = 2;
const s0 = 8;

/** Reads from the function's first instruction on, by `instructionAt`, up to `pc`, its first jump or the end of patience. */
export function readPrologue(
  instructionAt: (address: VirtAddr) => Instruction | undefined,
  start: VirtAddr | undefined,
  pc: VirtAddr,
): Prologue {
  let size = 0n;
  let usesFp = false;
  const saved = new Map<number, bigint>();
  let at = start ?? pc;
  for (let count = 0; at < pc && count < LONGEST; count += 1) {
    const instruction = instructionAt(at);
    if (!instruction || changesFlow(instruction)) break;
    const { row, operands } = instruction;
    const { rd, rs1, rs2, imm } = operands;
    if (row.mnemonic === 'addi' && rd === sp && rs1 === sp) {
      // Moving up again is an epilogue that lies before pc; what follows is not this path's.
      if (imm > 0) break;
      size -= BigInt(imm);
    } else if (row.mnemonic === 'addi' && rd === s0 && rs1 === sp) {
      usesFp = BigInt(imm) === size;
    } else if ((row.mnemonic === 'sd' || row.mnemonic === 'sw') && rs1 === sp && (rs2 === ra || rs2 === s0)) {
      if (!saved.has(rs2)) saved.set(rs2, BigInt(imm) - size);
    }
    at = plus(at, instruction.length);
  }
  return { size, ra: saved.get(ra), fp: saved.get(s0), usesFp, straight: start !== undefined && at >= pc };
}
