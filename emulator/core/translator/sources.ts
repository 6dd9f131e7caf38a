// Which loaded values become the bases of a loop's accesses.

import type { Block, PlacedInstruction } from './blocks.ts';
import { effectsOfOne, registersIn } from './registers.ts';

/** The register that was loaded, and what a base is made of it by, but for constants that are added: nothing for pointers. */
export interface Source {
  readonly register: number;
  readonly steps: string;
}

/** The most that a loaded number is shifted by on its way: those that are alike but for their low byte are on one page, or two. */
const MAX_SHIFT = 4;

/**
 * By access where its base comes from, if it is a load with no more than shifts and sums on the way. As a block begins each register
 * that the loop loads is held to be as it was loaded. Of one register no two ways are told.
 */
export function sourcesOf(blocks: readonly Block[]): ReadonlyMap<PlacedInstruction, Source> {
  const found = new Map<PlacedInstruction, Source>();
  const firsts = new Map<number, Source>();
  const all = blocks.flatMap(({ instructions }) => instructions);
  const loaded = new Set(all.filter(isLoad).map(({ instruction }) => instruction.operands.rd));
  loaded.delete(0);
  for (const { instructions } of blocks) {
    const sources = new Map([...loaded].map((register) => [register, { register, steps: '' }]));
    for (const placed of instructions) {
      const { row, operands } = placed.instruction;
      const base = sources.get(operands.rs1);
      if (base && accesses.has(row.format)) {
        const first = firsts.get(base.register) ?? base;
        firsts.set(base.register, first);
        if (first.steps === base.steps) found.set(placed, base);
      }
      follow(placed, sources);
    }
  }
  return found;
}

const accesses = new Set(['load', 'S', 'fp-load', 'fp-store']);
const isLoad = ({ instruction: { row } }: PlacedInstruction) => row.format === 'load';

/** What registers hold after the instruction. */
function follow(placed: PlacedInstruction, sources: Map<number, Source>): void {
  const { rd } = placed.instruction.operands;
  const made = isLoad(placed) ? { register: rd, steps: '' } : madeBy(placed, sources);
  for (const register of registersIn(effectsOfOne(placed).writes.x)) sources.delete(register);
  if (isLoad(placed)) for (const [register, of] of [...sources]) if (of.register === rd) sources.delete(register);
  if (rd && made) sources.set(rd, made);
}

function madeBy({ instruction, arms }: PlacedInstruction, sources: ReadonlyMap<number, Source>): Source | undefined {
  const { row, operands } = instruction;
  const { rs1, rs2, imm } = operands;
  if (arms) return undefined;
  const [one, other] = [sources.get(rs1), sources.get(rs2)];
  const after = (source: Source | undefined, step: string) => source && { ...source, steps: source.steps + step };
  switch (row.mnemonic) {
    case 'addi':
    case 'addiw':
    case 'andi':
      return one;
    case 'slli':
    case 'slli.uw':
      return imm <= MAX_SHIFT ? after(one, `<<${imm}`) : undefined;
    case 'add':
      if (!rs1 || !rs2) return one ?? other;
      return one && other ? undefined : (after(one, `+x${rs2}`) ?? after(other, `+x${rs1}`));
    case 'sh1add':
    case 'sh2add':
    case 'sh3add':
      return other ? undefined : after(one, `${row.mnemonic} x${rs2}`);
    default:
      return undefined;
  }
}
