// Every instruction that a hart may have executed since it entered the function it stands in: all that can be reached from
// the function's first instruction and from which the hart's place can be reached. With each what sp and s0 are then.

import { plus, type VirtAddr } from '../../emulator/address.ts';
import type { Instruction } from '../../emulator/isa/row.ts';
import { FP, SP } from '../stack/frame.ts';
import { isCall, isReturn } from './code.ts';

/** Bytes from sp on entry to a register; undefined where it holds something else. */
export interface Stance {
  readonly sp: number | undefined;
  readonly fp: number | undefined;
}

export interface Done extends Stance {
  readonly pc: VirtAddr;
  readonly instruction: Instruction;
  /** It is executed once, before anything can branch. */
  readonly first: boolean;
}

export interface Way {
  /** Ascending. */
  readonly done: readonly Done[];
  /** What the registers are where the hart stands. */
  readonly here: Stance;
}

interface Node extends Stance {
  readonly instruction: Instruction;
  readonly next: readonly VirtAddr[];
}

/** More instructions than functions have whose beginning can be understood. */
const MOST = 4096;

/** Undefined where the code cannot be followed from `entry` to `pc`. `fetch` gives the function's own instructions alone. */
export function wayFromEntry(
  entry: VirtAddr,
  pc: VirtAddr,
  fetch: (pc: VirtAddr) => Instruction | undefined,
): Way | undefined {
  const nodes = explore(entry, pc, fetch);
  const here = nodes?.get(pc);
  if (!nodes || !here) return undefined;
  const before = new Map<VirtAddr, VirtAddr[]>();
  for (const [at, { next }] of nodes) for (const to of next) before.set(to, [...(before.get(to) ?? []), at]);
  const leading = new Set<VirtAddr>();
  const wanted = [pc];
  for (let at = wanted.pop(); at !== undefined; at = wanted.pop()) {
    for (const from of before.get(at) ?? []) {
      if (leading.has(from)) continue;
      leading.add(from);
      wanted.push(from);
    }
  }
  const straight = straightRun(entry, nodes, before);
  const done = [...leading]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((at) => {
      const { instruction, sp, fp } = nodes.get(at) as Node;
      return { pc: at, instruction, sp, fp, first: straight.has(at) };
    });
  return { done, here };
}

/** The instructions from the entry on that are executed once, and all of them before any other. */
function straightRun(
  entry: VirtAddr,
  nodes: ReadonlyMap<VirtAddr, Node>,
  before: ReadonlyMap<VirtAddr, readonly VirtAddr[]>,
): ReadonlySet<VirtAddr> {
  const run = new Set<VirtAddr>();
  for (let at: VirtAddr | undefined = entry; at !== undefined && !run.has(at); ) {
    const ways: number = before.get(at)?.length ?? 0;
    if (ways > (at === entry ? 0 : 1)) break;
    run.add(at);
    const next: readonly VirtAddr[] = nodes.get(at)?.next ?? [];
    at = next.length === 1 ? next[0] : undefined;
  }
  return run;
}

/** The function's instructions by address; undefined where there are too many. */
function explore(entry: VirtAddr, pc: VirtAddr, fetch: (pc: VirtAddr) => Instruction | undefined) {
  const nodes = new Map<VirtAddr, Node>();
  const wanted: [VirtAddr, Stance][] = [[entry, { sp: 0, fp: undefined }]];
  for (let each = wanted.pop(); each; each = wanted.pop()) {
    const [at, stance] = each;
    const known = nodes.get(at);
    const sp = !known || known.sp === stance.sp ? stance.sp : undefined;
    const fp = !known || known.fp === stance.fp ? stance.fp : undefined;
    if (known && known.sp === sp && known.fp === fp) continue;
    const instruction = known?.instruction ?? fetch(at);
    if (!instruction) continue;
    const next = known?.next ?? successors(at, instruction, pc);
    nodes.set(at, { instruction, next, sp, fp });
    if (nodes.size > MOST) return undefined;
    const after = stanceAfter(instruction, { sp, fp });
    for (const to of next) wanted.push([to, after]);
  }
  return nodes;
}

function successors(at: VirtAddr, instruction: Instruction, pc: VirtAddr): VirtAddr[] {
  const { row, operands, length } = instruction;
  const behind = plus(at, length);
  if (row.format === 'B') return [behind, plus(at, operands.imm)];
  if (isCall(instruction)) return [behind];
  if (row.mnemonic === 'jal') return [plus(at, operands.imm)];
  if (isReturn(instruction)) return [];
  // A jump through a register leads anywhere in the function.
  if (row.mnemonic === 'jalr') return [pc];
  return [behind];
}

function stanceAfter({ row, operands }: Instruction, { sp, fp }: Stance): Stance {
  const { rd, rs1, imm } = operands;
  if (!writesInteger(row.format) || (rd !== SP && rd !== FP)) return { sp, fp };
  const base = rs1 === SP ? sp : rs1 === FP ? fp : undefined;
  const value = row.mnemonic === 'addi' && base !== undefined ? base + imm : undefined;
  return rd === SP ? { sp: value, fp } : { sp, fp: value };
}

/** Whether rd is an integer register that instructions of a format write. */
export function writesInteger(format: Instruction['row']['format']): boolean {
  return ['R', 'I', 'shift', 'unary', 'U', 'load', 'J', 'jalr'].includes(format);
}
