// How the registers that accesses are based on move in loops. Those that stay, or go on by small steps, stay on one page
// for long; those that depend on what was loaded make one load wait for the other.

import type { Block, PlacedInstruction } from './blocks.ts';
import { chainsOf, type Lead } from './chains.ts';
import { effectsOfOne } from './registers.ts';
import type { Loop } from './structure.ts';

export interface Motion {
  /** Registers that mostly stay on a page, as bits. */
  readonly steady: number;
  /** The accesses that are where chains of loads lead. */
  readonly chains: ReadonlyMap<PlacedInstruction, Lead>;
}

const FARTHEST_STEP = 512;
/** ra, t0–t2, a0–a7, t3–t6: calls may change them. */
const callerSaved = (1 << 1) | (7 << 5) | (0xff << 10) | (0xf << 28);

/** For each block what moves in the innermost loop around it; undefined outside loops. */
export function motionOf(blocks: readonly Block[], loops: readonly Loop[]): readonly (Motion | undefined)[] {
  const motions = loops.map(({ first, last }) => motionIn(blocks.slice(first, last + 1)));
  return blocks.map((_, index) => {
    const around = loops.filter(({ first, last }) => index >= first && index <= last);
    const innermost = around.sort((a, b) => a.last - a.first - (b.last - b.first))[0];
    return innermost && motions[loops.indexOf(innermost)];
  });
}

function motionIn(blocks: readonly Block[]): Motion {
  const instructions = blocks.flatMap((block) => block.instructions);
  let moved = blocks.some(({ calls }) => calls) ? callerSaved : 0;
  for (const placed of instructions) {
    const { row, operands } = placed.instruction;
    const steps = row.mnemonic === 'addi' && operands.rd === operands.rs1 && Math.abs(operands.imm) <= FARTHEST_STEP;
    if (!steps) moved |= effectsOfOne(placed).writes.x;
  }
  return { steady: ~moved, chains: chainsOf(blocks) };
}
