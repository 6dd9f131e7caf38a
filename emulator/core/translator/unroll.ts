// Loops of one block over arrays, several rounds at once: what is looked at before a round (the budget, the pages) is looked
// at once for all of them, and registers are written once.

import { type Block, type PlacedInstruction, straddles } from './blocks.ts';
import { groupsOf, type Member } from './groups.ts';
import { lengthOf } from './structure.ts';

export interface Unrolled {
  /** The instructions of each round. */
  readonly rounds: readonly (readonly PlacedInstruction[])[];
  /** By access: nothing in the rounds can fail but the branches at their ends, if these lie on pages that are cached. */
  readonly groups: ReadonlyMap<PlacedInstruction, Member>;
}

/** Most instructions of all rounds together. */
const MAX_INSTRUCTIONS = 40;

/** Undefined unless the block goes to itself, and its accesses are known to lie where its bases lie as it begins. */
export function unroll({ start, instructions, calls }: Block): Unrolled | undefined {
  const last = instructions.at(-1);
  if (calls || !last || last.arms || straddles(last) || last.instruction.row.format !== 'B') return undefined;
  if (last.offset + last.instruction.operands.imm !== start || !instructions.every(isPlain)) return undefined;
  for (let count = 4; count > 1; count /= 2) {
    if (count * lengthOf(instructions) > MAX_INSTRUCTIONS) continue;
    const rounds = Array.from({ length: count }, () => instructions.map((placed) => ({ ...placed })));
    const groups = groupsOf(rounds.flat());
    const accesses = rounds.flat().filter(isAccess);
    if (accesses.every((placed) => groups.get(placed)?.group.base !== undefined)) return { rounds, groups };
  }
  return undefined;
}

const isAccess = ({ instruction: { row } }: PlacedInstruction) => row.format === 'load' || row.format === 'S';

/** An access, or what can only write a register. */
function isPlain({ instruction: { row } }: PlacedInstruction): boolean {
  return ['R', 'I', 'shift', 'unary', 'U', 'B', 'load', 'S'].includes(row.format) && !row.host;
}
