// How control flows in one physical page, and the basic blocks that a region is translated from. Calls are not followed, and
// nothing outside the page is looked at.

import type { Instruction } from '../../isa/row.ts';
import type { Arms } from './arms.ts';

/** Bytes of a page. */
export const PAGE = 4096;

export interface PlacedInstruction {
  /** Byte offset in the page. */
  readonly offset: number;
  readonly instruction: Instruction;
  /** Of a branch that is none: what its condition chooses between. */
  readonly arms?: Arms;
  /** It often accesses a page with watched bytes. */
  readonly besideWatched?: boolean;
  /** An access whose page often is not in the TLB: it fills that. */
  readonly refills?: boolean;
}

/** Whether the instruction goes on in the next page, which may be any: the region must look at each time. */
export const straddles = ({ offset, instruction }: PlacedInstruction) => offset + instruction.length > PAGE;

/** Straight-line code. What follows its last instruction is in that instruction, or is simply the next address. */
export interface Block {
  readonly start: number;
  readonly instructions: readonly PlacedInstruction[];
  /** Offset behind the last instruction. */
  readonly end: number;
  /** Offsets in the page where it may go on; not necessarily blocks of the region. */
  readonly successors: readonly number[];
  /** It ends with a call, which comes back to its successor. */
  readonly calls: boolean;
  /** It ends with a jump to an address in a register that is no return: likely to another entry of the region. */
  readonly switches: boolean;
  /** The instruction at `end` is one for the interpreter. */
  readonly leaves: boolean;
}

/** ra and t0: jumps by them are returns. */
const links = [1, 5];

/** Whether a region can hold the instruction; all others are left to the interpreter. */
export function isTranslatable({ row, operands }: Instruction, compressed: boolean): boolean {
  if (!row.semantics || (row.host && row.host !== 'fp')) return false;
  const jumps = row.format === 'B' || row.format === 'J';
  return compressed || !jumps || (operands.imm & 2) === 0;
}

/** The callee is a region of its own. */
export const isCall = ({ row, operands }: Instruction) =>
  (row.format === 'J' || row.format === 'jalr') && operands.rd !== 0;

/** A jump to an address in a register that is no return. */
export const isSwitch = ({ row, operands }: Instruction) =>
  row.format === 'jalr' && operands.rd === 0 && !links.includes(operands.rs1);

export interface Flow {
  /** Control does not simply go to the next instruction. */
  readonly ends: boolean;
  /** Offsets in the page where it may go on; of a call where it comes back. */
  readonly successors: readonly number[];
  readonly calls: boolean;
  /** Of a call the offset in the page that it goes to. */
  readonly callee?: number | undefined;
}

export function flowOf({ offset, instruction }: PlacedInstruction): Flow {
  const { row, operands, length } = instruction;
  const next = offset + length;
  const within = (targets: number[]) => targets.filter((target) => target >= 0 && target < PAGE);
  if (isCall(instruction)) {
    const callee = row.format === 'J' ? within([offset + operands.imm])[0] : undefined;
    return { ends: true, successors: within([next]), calls: true, callee };
  }
  const calls = false;
  if (row.format === 'B') return { ends: true, successors: within([offset + operands.imm, next]), calls };
  if (row.format === 'J') return { ends: true, successors: within([offset + operands.imm]), calls };
  if (row.format === 'jalr') return { ends: true, successors: [], calls };
  return { ends: false, successors: within([next]), calls };
}

/** The blocks that instructions of one page make, ascending by address. */
export function blocksOf(placed: readonly PlacedInstruction[], entries: readonly number[]): readonly Block[] {
  const found = new Map(placed.map((each) => [each.offset, each]));
  const leaders = new Set(entries);
  for (const each of placed) {
    const { ends, successors } = flowOf(each);
    if (ends) for (const successor of successors) leaders.add(successor);
  }
  const starts = [...leaders].filter((start) => found.has(start)).sort((a, b) => a - b);
  return starts.map((start) => blockAt(start, found, leaders));
}

function blockAt(start: number, found: ReadonlyMap<number, PlacedInstruction>, leaders: ReadonlySet<number>): Block {
  const instructions: PlacedInstruction[] = [];
  let offset = start;
  for (;;) {
    const placed = found.get(offset);
    if (!placed)
      return { start, instructions, end: offset, successors: [], calls: false, switches: false, leaves: offset < PAGE };
    instructions.push(placed);
    offset += placed.instruction.length;
    const { ends, successors } = flowOf(placed);
    if (!ends && !leaders.has(offset)) continue;
    const calls = isCall(placed.instruction);
    const switches = isSwitch(placed.instruction);
    return { start, instructions, end: offset, successors, calls, switches, leaves: false };
  }
}
