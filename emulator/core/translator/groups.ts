// Accesses of a block by the same base, which are checked together: where the first of them finds the whole range on one
// cached page, the others need no look at the TLB. A base is a register's value, and what constants were added to it.

import type { PlacedInstruction } from './blocks.ts';
import { effectsOfOne, registersIn } from './registers.ts';

export interface Group {
  /** Offset from the base of the range's first byte; a multiple of `align`. */
  readonly anchor: number;
  /** Bytes from there to the end of the last access. */
  readonly length: number;
  /** What the range's address must be a multiple of: 1, 2, 4 or 8. */
  readonly align: number;
  /** One of them stores. */
  readonly stores: boolean;
  /** The register whose value as the block begins is the base, if it is one's. */
  readonly base: number | undefined;
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

/** An access that is to be checked together with others. */
function accessOf(placed: PlacedInstruction): Access | undefined {
  if (placed.besideWatched) return undefined;
  const { row, operands } = placed.instruction;
  const stores = row.format === 'S' || row.format === 'fp-store';
  if (!stores && row.format !== 'load' && row.format !== 'fp-load') return undefined;
  const size = sizes[/^f?[ls]([bhwd])u?$/.exec(row.mnemonic)?.[1] ?? ''];
  return size === undefined ? undefined : { placed, offset: operands.imm, size, stores };
}

/** A member of a group, and its offset from the group's base: that of its register's value then is `offset - imm`. */
export interface Member {
  readonly group: Group;
  readonly offset: number;
}

/** A register's value: some value, whatever it is, and a constant. */
interface Value {
  readonly root: number;
  readonly plus: number;
}

/** Values of registers, as far as they differ by constants. */
class Values {
  /** By root the register that it is the first value of. */
  readonly firsts = new Map<number, number>();
  private readonly known = new Map<number, Value>();
  private roots = 0;

  of(register: number): Value {
    const known = this.known.get(register);
    if (known) return known;
    const value = { root: this.roots++, plus: 0 };
    this.firsts.set(value.root, register);
    this.known.set(register, value);
    return value;
  }

  /** Follows an instruction. */
  after(placed: PlacedInstruction): void {
    const { row, operands } = placed.instruction;
    const { rd, rs1, rs2, imm } = operands;
    const written = effectsOfOne(placed).writes.x;
    if (!written) return;
    if (placed.arms) {
      for (const register of registersIn(written)) this.known.set(register, { root: this.roots++, plus: 0 });
      return;
    }
    const adds = row.mnemonic === 'addi' && rs1 !== 0;
    const moves = row.mnemonic === 'add' && rs1 === 0 && rs2 !== 0;
    const { root, plus } = adds ? this.of(rs1) : moves ? this.of(rs2) : { root: this.roots++, plus: 0 };
    this.known.set(rd, { root, plus: adds ? plus + imm : plus });
  }
}

/** The groups of a block, by each instruction that belongs to one. */
export function groupsOf(instructions: readonly PlacedInstruction[]): ReadonlyMap<PlacedInstruction, Member> {
  const found = new Map<PlacedInstruction, Member>();
  const open = new Map<number, Access[]>();
  const values = new Values();
  const close = (root: number) => {
    const members = open.get(root) ?? [];
    open.delete(root);
    const group = groupOf(members, values.firsts.get(root));
    if (group) for (const { placed, offset } of members) found.set(placed, { group, offset });
  };
  for (const placed of instructions) {
    const { rs1 } = placed.instruction.operands;
    const access = accessOf(placed);
    if (access && rs1) {
      const { root, plus } = values.of(rs1);
      const member = { ...access, offset: access.offset + plus };
      if (member.offset % member.size === 0) {
        const members = open.get(root) ?? [];
        if (members.length && !groupOf([...members, member], undefined)) close(root);
        open.set(root, [...(open.get(root) ?? []), member]);
      }
    }
    values.after(placed);
  }
  for (const root of [...open.keys()]) close(root);
  return found;
}

function groupOf(members: readonly Access[], base: number | undefined): Group | undefined {
  const [first] = members;
  if (!first || members.length < 2) return undefined;
  const align = Math.max(...members.map(({ size }) => size));
  const low = Math.min(...members.map(({ offset }) => offset));
  const anchor = Math.floor(low / align) * align;
  const length = Math.max(...members.map(({ offset, size }) => offset + size)) - anchor;
  if (length > MAX_LENGTH) return undefined;
  return { anchor, length, align, stores: members.some(({ stores }) => stores), base };
}
