// Short forward branches without a branch: what is skipped, or either side of an if with an else, is computed in any case,
// and the condition chooses between the results. A branch on data that nobody can predict then costs the host nothing.

import { type Block, isCall, type PlacedInstruction, straddles } from './blocks.ts';

/** What a branch chooses between. No instruction in it can do anything but write a register. */
export interface Arms {
  readonly taken: readonly PlacedInstruction[];
  readonly fallen: readonly PlacedInstruction[];
}

/** Most instructions of both arms; the jump at the end of one is not counted. */
const MAX_INSTRUCTIONS = 4;

/** An arm, and where both ways come together. */
interface Arm {
  readonly instructions: readonly PlacedInstruction[];
  readonly join: number;
}

/** Blocks with the same meaning, ascending by address; what follows a branch with arms is part of the branch's block. */
export function withArms(blocks: readonly Block[], entries: readonly number[]): readonly Block[] {
  const found = new Map(blocks.map((block) => [block.start, block]));
  const ways = new Map<number, number>();
  const come = (to: number, more: number) => ways.set(to, (ways.get(to) ?? 0) + more);
  for (const entry of entries) come(entry, 2);
  for (const { successors } of blocks) for (const successor of successors) come(successor, 1);
  const hasOneWay = (start: number) => ways.get(start) === 1;

  const armAt = (start: number): Arm | undefined => {
    const block = hasOneWay(start) ? found.get(start) : undefined;
    const [join, ...others] = block?.successors ?? [];
    if (!block || join === undefined || others.length > 0 || block.calls) return undefined;
    const { instructions } = block;
    return instructions.every(isPlain) ? { instructions, join } : undefined;
  };

  for (const { start } of blocks) {
    for (let block = found.get(start); block; block = found.get(start)) {
      const last = block.instructions.at(-1) as PlacedInstruction;
      const { row, operands, length } = last.instruction;
      if (row.format !== 'B' || last.arms) break;
      const [to, next] = [last.offset + operands.imm, last.offset + length];
      const chosen = armsOf(armAt(to), to, armAt(next), next);
      if (!chosen || weightOf(chosen.arms) > MAX_INSTRUCTIONS) break;
      const { arms, join } = chosen;
      if (arms.taken.length) found.delete(to);
      if (arms.fallen.length) found.delete(next);
      come(join, -1);
      const instructions = [...block.instructions.slice(0, -1), { ...last, arms }];
      found.set(start, { ...block, instructions, end: join, successors: [join] });
      const after = found.get(join);
      if (!after || join <= start || !hasOneWay(join)) break;
      found.delete(join);
      found.set(start, { ...after, start, instructions: [...instructions, ...after.instructions] });
    }
  }
  return [...found.values()].sort((a, b) => a.start - b.start);
}

function armsOf(
  taken: Arm | undefined,
  to: number,
  fallen: Arm | undefined,
  next: number,
): { readonly arms: Arms; readonly join: number } | undefined {
  if (fallen?.join === to) return { arms: { taken: [], fallen: fallen.instructions }, join: to };
  if (taken?.join === next) return { arms: { taken: taken.instructions, fallen: [] }, join: next };
  if (!taken || taken.join !== fallen?.join || to === next) return undefined;
  return { arms: { taken: taken.instructions, fallen: fallen.instructions }, join: taken.join };
}

const isJump = ({ instruction }: PlacedInstruction) => instruction.row.format === 'J';
const weightOf = ({ taken, fallen }: Arms) => [...taken, ...fallen].filter((placed) => !isJump(placed)).length;

/** It writes a register and cannot fail, and takes no longer than a wrong guess of the host's would. */
function isPlain(placed: PlacedInstruction): boolean {
  const { row } = placed.instruction;
  if (placed.arms || straddles(placed) || /^(div|rem)/.test(row.mnemonic)) return false;
  if (isJump(placed)) return !isCall(placed.instruction);
  return ['R', 'I', 'shift', 'unary', 'U'].includes(row.format) && !row.host;
}
