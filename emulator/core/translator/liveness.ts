// Which registers a region must have in locals where. Memory always has them all, so this is about what to load.

import type { Block } from './blocks.ts';
import { both, type Effects, effectsOf, isSame, NO_REGISTERS, type Registers, without } from './registers.ts';

export interface Liveness {
  /** For each block the registers whose value at its beginning is read before it is written. */
  readonly atStart: readonly Registers[];
  /** All registers that are read or written somewhere. */
  readonly used: Registers;
}

/** After a call nothing in locals counts: what is needed is loaded anew. */
export function livenessOf(
  blocks: readonly Block[],
  entries: readonly number[],
  indexOf: ReadonlyMap<number, number>,
): Liveness {
  const effects = blocks.map(({ instructions }) => effectsOf(instructions));
  const used = effects.reduce((all, { reads, writes }) => both(all, both(reads, writes)), NO_REGISTERS);
  const atStart = effects.map(({ reads }) => reads);
  for (let changed = true; changed; ) {
    changed = false;
    for (let index = blocks.length - 1; index >= 0; index -= 1) {
      const { successors, calls, switches } = blocks[index] as Block;
      const { reads, writes } = effects[index] as Effects;
      let after = NO_REGISTERS;
      if (!calls) {
        for (const offset of switches ? entries : successors) {
          after = both(after, atStart[indexOf.get(offset) ?? -1] ?? NO_REGISTERS);
        }
      }
      const live = both(reads, without(after, writes));
      if (isSame(live, atStart[index] as Registers)) continue;
      atStart[index] = live;
      changed = true;
    }
  }
  return { atStart, used };
}
