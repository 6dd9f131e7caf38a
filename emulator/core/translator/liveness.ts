// Which x registers a region must have in locals where. Memory always has them all, so this is about what to load.

import { floatOperands, type Instruction } from '../../isa/row.ts';
import type { Block, PlacedInstruction } from './blocks.ts';

/** What instructions in a row read before they write it, and write. */
interface Effects {
  readonly reads: number;
  readonly writes: number;
}

function effectsOf(instructions: readonly PlacedInstruction[]): Effects {
  let [reads, writes] = [0, 0];
  for (const placed of instructions) {
    reads |= readBy(placed) & ~writes;
    writes |= writtenBy(placed);
  }
  return { reads, writes };
}

/** The x registers that an instruction and its arms read; bit n for xn. What an arm writes may stay as it was. */
export function readBy({ instruction, arms }: PlacedInstruction): number {
  const read = readAlone(instruction);
  if (!arms) return read;
  const [taken, fallen] = [effectsOf(arms.taken), effectsOf(arms.fallen)];
  return read | taken.reads | fallen.reads | taken.writes | fallen.writes;
}

/** The x registers that it and its arms write. */
export function writtenBy({ instruction, arms }: PlacedInstruction): number {
  const written = writtenAlone(instruction);
  return arms ? written | effectsOf(arms.taken).writes | effectsOf(arms.fallen).writes : written;
}

function readAlone({ row, operands: { rd, rs1, rs2 } }: Instruction): number {
  // It compares with rd.
  if (row.mnemonic.startsWith('amocas')) return bit(rd) | bit(rs1) | bit(rs2);
  switch (row.format) {
    case 'U':
    case 'J':
      return 0;
    case 'I':
    case 'load':
    case 'shift':
    case 'jalr':
    case 'fp-load':
    case 'fp-store':
      return bit(rs1);
    default: {
      const inF = floatOperands(row.format);
      return (inF.rs1 ? 0 : bit(rs1)) | (inF.rs2 ? 0 : bit(rs2));
    }
  }
}

function writtenAlone({ row, operands: { rd } }: Instruction): number {
  const none = ['S', 'B', 'fp-store', 'fence', 'none', 'cbo', 'prefetch'];
  return none.includes(row.format) || floatOperands(row.format).rd ? 0 : bit(rd);
}

const bit = (register: number) => (register ? 1 << register : 0);

export function registersIn(bits: number): number[] {
  return Array.from({ length: 32 }, (_, index) => index).filter((index) => (bits >>> index) & 1);
}

export interface Liveness {
  /** For each block the registers whose value at its beginning is read before it is written. */
  readonly atStart: readonly number[];
  /** All registers that are read or written somewhere. */
  readonly used: number;
}

/** After a call nothing in locals counts: what is needed is loaded anew. */
export function livenessOf(
  blocks: readonly Block[],
  entries: readonly number[],
  indexOf: ReadonlyMap<number, number>,
): Liveness {
  let used = 0;
  const effects = blocks.map(({ instructions }) => effectsOf(instructions));
  for (const { reads, writes } of effects) used |= reads | writes;
  const atStart = effects.map(({ reads }) => reads);
  for (let changed = true; changed; ) {
    changed = false;
    for (let index = blocks.length - 1; index >= 0; index -= 1) {
      const { successors, calls, switches } = blocks[index] as Block;
      const { reads, writes } = effects[index] as Effects;
      let after = 0;
      if (!calls)
        for (const offset of switches ? entries : successors) after |= atStart[indexOf.get(offset) ?? -1] ?? 0;
      const live = reads | (after & ~writes);
      if (live === atStart[index]) continue;
      atStart[index] = live;
      changed = true;
    }
  }
  return { atStart, used };
}
