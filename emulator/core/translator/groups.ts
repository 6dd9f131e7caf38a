// Accesses of a block by the same base register, which are checked together: where the first of them finds the whole
// range on one cached page, the others need no look at the TLB.

import type { PlacedInstruction } from './blocks.ts';
import { writtenBy } from './liveness.ts';

export interface Group {
  /** Offset from the base register of the range's first byte; a multiple of `align`. */
  readonly anchor: number;
  /** Bytes from there to the end of the last access. */
  readonly length: number;
  /** What the range's address must be a multiple of: 2, 4 or 8. */
  readonly align: number;
  /** One of them stores. */
  readonly stores: boolean;
  readonly leader: PlacedInstruction;
}

/** Longest range, in bytes: where a page ends in it, the accesses are left to the interpreter. */
const MAX_LENGTH = 256;
const sizes: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, d: 8 };

interface Access {
  readonly placed: PlacedInstruction;
  readonly offset: number;
  readonly size: number;
  readonly stores: boolean;
}

function accessOf(placed: PlacedInstruction): Access | undefined {
  const { row, operands } = placed.instruction;
  const stores = row.format === 'S' || row.format === 'fp-store';
  if (!stores && row.format !== 'load' && row.format !== 'fp-load') return undefined;
  const size = sizes[/^f?[ls]([bhwd])u?$/.exec(row.mnemonic)?.[1] ?? ''];
  return size === undefined ? undefined : { placed, offset: operands.imm, size, stores };
}

/** The groups of a block, by each instruction that belongs to one. */
export function groupsOf(instructions: readonly PlacedInstruction[]): ReadonlyMap<PlacedInstruction, Group> {
  const groups = new Map<PlacedInstruction, Group>();
  const open = new Map<number, Access[]>();
  const close = (base: number) => {
    const members = open.get(base) ?? [];
    open.delete(base);
    const group = groupOf(members);
    if (group) for (const { placed } of members) groups.set(placed, group);
  };
  for (const placed of instructions) {
    const { rs1 } = placed.instruction.operands;
    const access = accessOf(placed);
    if (access && rs1 && access.offset % access.size === 0) {
      const members = open.get(rs1) ?? [];
      if (members.length && !groupOf([...members, access])) close(rs1);
      open.set(rs1, [...(open.get(rs1) ?? []), access]);
    }
    const written = writtenBy(placed.instruction);
    for (const base of open.keys()) if (written & (1 << base)) close(base);
  }
  for (const base of [...open.keys()]) close(base);
  return groups;
}

function groupOf(members: readonly Access[]): Group | undefined {
  const [first] = members;
  if (!first || members.length < 2) return undefined;
  const align = Math.max(...members.map(({ size }) => size));
  const low = Math.min(...members.map(({ offset }) => offset));
  const anchor = Math.floor(low / align) * align;
  const length = Math.max(...members.map(({ offset, size }) => offset + size)) - anchor;
  // An empty entry's tag is odd, and must not pass for a page where nothing asks for alignment.
  if (align === 1 || length > MAX_LENGTH) return undefined;
  return { anchor, length, align, stores: members.some(({ stores }) => stores), leader: first.placed };
}
