// Sets of registers, and which of them an instruction reads and writes.

import { floatOperands, type Instruction } from '../../isa/row.ts';
import type { PlacedInstruction } from './blocks.ts';

/** Bit n of `x` for xn, of `f` for fn; x0 is in no set. */
export interface Registers {
  readonly x: number;
  readonly f: number;
}

export const NO_REGISTERS: Registers = { x: 0, f: 0 };
export const both = (a: Registers, b: Registers): Registers => ({ x: a.x | b.x, f: a.f | b.f });
export const without = (a: Registers, b: Registers): Registers => ({ x: a.x & ~b.x, f: a.f & ~b.f });
export const isSame = (a: Registers, b: Registers): boolean => a.x === b.x && a.f === b.f;

/** What instructions in a row read before they write it, and write. */
export interface Effects {
  readonly reads: Registers;
  readonly writes: Registers;
}

export function effectsOf(instructions: readonly PlacedInstruction[]): Effects {
  let [reads, writes] = [NO_REGISTERS, NO_REGISTERS];
  for (const placed of instructions) {
    const effects = effectsOfOne(placed);
    reads = both(reads, without(effects.reads, writes));
    writes = both(writes, effects.writes);
  }
  return { reads, writes };
}

/** Of an instruction and its arms: what an arm writes may stay as it was, so that it is read too. */
export function effectsOfOne({ instruction, arms }: PlacedInstruction): Effects {
  const alone = { reads: readBy(instruction), writes: writtenBy(instruction) };
  if (!arms) return alone;
  const [taken, fallen] = [effectsOf(arms.taken), effectsOf(arms.fallen)];
  const writes = both(taken.writes, fallen.writes);
  return {
    reads: both(both(alone.reads, writes), both(taken.reads, fallen.reads)),
    writes: both(alone.writes, writes),
  };
}

function readBy({ row, operands: { rd, rs1, rs2 }, word }: Instruction): Registers {
  // It compares with rd.
  if (row.mnemonic.startsWith('amocas')) return { x: bit(rd) | bit(rs1) | bit(rs2), f: 0 };
  const inF = floatOperands(row.format);
  const third = row.format === 'fp-R4' ? 1 << (word >>> 27) : 0;
  const f = (inF.rs1 ? 1 << rs1 : 0) | (inF.rs2 ? 1 << rs2 : 0) | third;
  switch (row.format) {
    case 'U':
    case 'J':
      return NO_REGISTERS;
    case 'I':
    case 'load':
    case 'shift':
    case 'jalr':
    case 'fp-load':
    case 'fp-store':
      return { x: bit(rs1), f };
    default:
      return { x: (inF.rs1 ? 0 : bit(rs1)) | (inF.rs2 ? 0 : bit(rs2)), f };
  }
}

function writtenBy({ row, operands: { rd } }: Instruction): Registers {
  const none = ['S', 'B', 'fp-store', 'fence', 'none', 'cbo', 'prefetch'];
  if (none.includes(row.format)) return NO_REGISTERS;
  return floatOperands(row.format).rd ? { x: 0, f: 1 << rd } : { x: bit(rd), f: 0 };
}

const bit = (register: number) => (register ? 1 << register : 0);

/** The numbers in one half of a set. */
export function registersIn(bits: number): number[] {
  const found: number[] = [];
  for (let left = bits; left; left &= left - 1) found.push(31 - Math.clz32(left & -left));
  return found;
}
