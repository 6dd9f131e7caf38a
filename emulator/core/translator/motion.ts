// How the registers that accesses are based on move in loops. Those that stay, or go on by small steps, stay on one page
// for long; those that depend on what was loaded make one access wait for the other.

import type { Block, PlacedInstruction } from './blocks.ts';
import { effectsOfOne } from './registers.ts';
import { type Source, sourcesOf } from './sources.ts';
import type { Loop } from './structure.ts';

/** Registers of a loop, as bits. */
export interface Motion {
  /** Mostly on the page where they were. */
  readonly steady: number;
  /** What they hold comes from memory, each time anew. */
  readonly chased: number;
  /** By access what its base is made of. */
  readonly sources: ReadonlyMap<PlacedInstruction, Source>;
  /** The same by the register that was loaded. */
  readonly loaded: ReadonlyMap<number, Source>;
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
  let chased = 0;
  for (const placed of instructions) {
    const { row, operands } = placed.instruction;
    const steps = row.mnemonic === 'addi' && operands.rd === operands.rs1 && Math.abs(operands.imm) <= FARTHEST_STEP;
    if (!steps) moved |= effectsOfOne(placed).writes.x;
    if (row.format === 'load') chased |= effectsOfOne(placed).writes.x;
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const placed of instructions) {
      const { reads, writes } = effectsOfOne(placed);
      if (!(reads.x & chased) || (chased & writes.x) === writes.x) continue;
      chased |= writes.x;
      changed = true;
    }
  }
  const sources = sourcesOf(blocks);
  const loaded = new Map([...sources.values()].map((source) => [source.register, source]));
  return { steady: ~moved, chased, sources, loaded };
}
