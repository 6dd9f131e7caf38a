// One region as one function. A call goes to the callee's region as a call in WebAssembly, and comes back here if the
// callee returns to where it should.

import {
  block,
  br,
  brIf,
  brTable,
  type I32,
  type I64,
  i32,
  i64,
  type Label,
  type Local,
  label,
  loop,
  ret,
  type Statement,
  sequence,
  unlessSame,
  when,
} from '../../wasm/code.ts';
import { type DeclaredRegion, type EnterRegion, follow, jumpEntryOf, SLOW } from '../jumps.ts';
import { hartOffset, jumpField } from '../layout.ts';
import type { Block, PlacedInstruction } from './blocks.ts';
import { groupsOf } from './groups.ts';
import { type Liveness, livenessOf } from './liveness.ts';
import { type Motion, motionOf } from './motion.ts';
import { RegionEmitter, type RegionFeatures } from './region-emitter.ts';
import { RegionRegisters } from './region-registers.ts';
import { both, NO_REGISTERS } from './registers.ts';
import { type Loop, lengthOf, type Structure, structureOf } from './structure.ts';
import { unroll } from './unroll.ts';

/** Blocks in a row, some of them put together as loops; `label` is where an item begins. */
interface Item {
  readonly first: number;
  readonly last: number;
  readonly loop: Loop | undefined;
  readonly label: Label;
}

interface List {
  readonly items: readonly Item[];
  /** The loop whose body this is, and what starts it over. */
  readonly own: Loop | undefined;
  readonly again: Label | undefined;
  current: number;
}

/** An entry of a region of the same module. */
export interface Callee {
  readonly region: DeclaredRegion;
  readonly block: number;
}

export interface RegionPlan {
  readonly blocks: readonly Block[];
  /** Page offsets of blocks that may be entered. */
  readonly entries: readonly number[];
  /** Where it will be in the function table. */
  readonly slot: number;
  /**
   * By page offset, what of this page the module holds. It may be called without a look whether it is there: what changes
   * one region of a page drops them all, and a page has one mapping.
   */
  readonly callees: ReadonlyMap<number, Callee>;
}

/** Defines the region's function. */
export function defineRegion(
  region: DeclaredRegion,
  { blocks, entries, slot, callees }: RegionPlan,
  features: RegionFeatures,
  enter: EnterRegion,
): void {
  const structure = structureOf(blocks, entries);
  const liveness = livenessOf(blocks, entries, structure.indexOf);
  region.define(([hart, budget, page, entry, depth], locals) => {
    const registers = new RegionRegisters(hart, locals, liveness.used);
    const writer = new RegionWriter(blocks, structure, liveness, {
      registers,
      enter,
      hart,
      budget,
      page,
      entry,
      depth,
      jump: locals.fresh('i32'),
      dataTlb: locals.fresh('i32'),
      info: locals.fresh('i32'),
      target: locals.fresh('i64'),
      slow: label('slow'),
      exit: label('exit'),
      top: label('top'),
      slot,
      callees,
    });
    writer.emitter = new RegionEmitter(features, writer.at, registers, locals);
    const code = writer.function;
    return sequence(
      writer.load(entries.map((offset) => structure.indexOf.get(offset) as number)),
      writer.at.dataTlb.set(i32.load(hart.get, hartOffset.dataTlb)),
      code,
    ) as never;
  });
}

class RegionWriter {
  readonly at: {
    readonly hart: Local<'i32'>;
    readonly budget: Local<'i32'>;
    readonly page: Local<'i64'>;
    readonly registers: RegionRegisters;
    readonly enter: EnterRegion;
    /** The block to go to, for dispatches. */
    readonly entry: Local<'i32'>;
    readonly depth: Local<'i32'>;
    readonly jump: Local<'i32'>;
    readonly dataTlb: Local<'i32'>;
    readonly info: Local<'i32'>;
    readonly target: Local<'i64'>;
    readonly slow: Label;
    readonly exit: Label;
    /** Dispatches anew. */
    readonly top: Label;
    readonly slot: number;
    readonly callees: ReadonlyMap<number, Callee>;
  };
  emitter!: RegionEmitter;
  private readonly blocks: readonly Block[];
  private readonly structure: Structure;
  private readonly liveness: Liveness;
  private readonly motion: readonly (Motion | undefined)[];
  private readonly lists: List[] = [];

  constructor(blocks: readonly Block[], structure: Structure, liveness: Liveness, at: RegionWriter['at']) {
    this.blocks = blocks;
    this.structure = structure;
    this.liveness = liveness;
    this.motion = motionOf(blocks, structure.loops);
    this.at = at;
  }

  get function(): Statement {
    const { hart, budget, info, target, slow, exit, top } = this.at;
    const all = this.list(0, this.blocks.length - 1, undefined, true);
    return sequence(
      block(
        exit,
        block(slow, this.blocks.some(({ switches }) => switches) ? loop(top, all) : all),
        budget.set(i32.add(budget.get, i32.shrU(info.get, i32.const(16)))),
        target.set(this.offset(i64.extendU(i32.or(i32.and(info.get, i32.const(0xffff)), i32.const(SLOW))))),
      ),
      i32.store(hart.get, budget.get, hartOffset.left),
      ret(target.get),
    );
  }

  /** Loads the registers that one of the blocks needs as it begins. */
  load(blocks: readonly number[]): Statement {
    const { atStart } = this.liveness;
    return this.at.registers.load(
      blocks.reduce((all, index) => both(all, atStart[index] ?? NO_REGISTERS), NO_REGISTERS),
    );
  }

  private offset(value: I64): I64 {
    const sum = i64.add(this.at.page.get, value);
    return this.emitter.xlen === 64 ? sum : i64.and(sum, i64.const(0xffffffffn));
  }

  /** Blocks `first` to `last`; `own`: the loop whose body they are. */
  private list(first: number, last: number, own: Loop | undefined, dispatches: boolean, again?: Label): Statement {
    const items: Item[] = [];
    for (let index = first; index <= last; ) {
      const inner = this.structure.loops.find((candidate) => candidate.first === index && candidate !== own);
      const end = inner?.last ?? index;
      items.push({ first: index, last: end, loop: inner, label: label(`item${index}`) });
      index = end + 1;
    }
    const list: List = { items, own, again, current: 0 };
    this.lists.push(list);
    let code: Statement = dispatches ? this.dispatch(first, last, items) : sequence();
    for (const [index, item] of items.entries()) {
      list.current = index;
      code = sequence(block(item.label, code), this.item(item));
    }
    this.lists.pop();
    return code;
  }

  private item({ first, last, loop: own }: Item): Statement {
    if (!own) return this.block(first);
    const again = label(`loop${first}`);
    return loop(again, this.list(first, last, own, own.dispatches, again));
  }

  private dispatch(first: number, last: number, items: readonly Item[]): Statement {
    const targets: Label[] = [];
    for (const item of items) for (let index = item.first; index <= item.last; index += 1) targets.push(item.label);
    const head = items[0]?.label as Label;
    return targets.length === 1 || first === last
      ? sequence()
      : brTable(i32.sub(this.at.entry.get, i32.const(first)), targets, head);
  }

  private block(index: number): Statement {
    const { instructions, start } = this.blocks[index] as Block;
    const { budget, info, slow } = this.at;
    const count = instructions.length;
    const reserve = this.structure.reserves[index] as number;
    const statements: Statement[] = [this.unrolled(index)];
    if (reserve) {
      const leave = sequence(info.set(i32.const(start)), br(slow));
      statements.push(when(i32.ltS(budget.get, i32.const(reserve)), leave));
    }
    statements.push(budget.set(i32.sub(budget.get, i32.const(count))));
    this.emitter.begin(groupsOf(instructions), this.motion[index]);
    for (const [position, placed] of instructions.entries()) {
      statements.push(this.instruction(placed, count - position));
    }
    statements.push(this.at.registers.settle, this.end(index));
    return sequence(...statements);
  }

  /** Several rounds of a block that is a loop, if the budget and the pages allow them; else nothing. */
  private unrolled(index: number): Statement {
    const { instructions, start, end } = this.blocks[index] as Block;
    const { budget, registers } = this.at;
    const { rounds, groups } = unroll(this.blocks[index] as Block) ?? {};
    if (!rounds || !groups) return sequence();
    const [single, done] = [label('single'), label('done')];
    this.emitter.begin(groups, this.motion[index]);
    const ahead = this.emitter.accesses.lookAhead(single);
    const spend = (count: number) => budget.set(i32.sub(budget.get, i32.const(count * instructions.length)));
    let written = sequence();
    const code = rounds.map((round, number) => {
      const statements = round.map((placed) => this.instruction(placed, 0));
      const condition = this.emitter.condition as I32;
      if (number < rounds.length - 1) {
        return sequence(...statements, when(i32.eqz(condition), sequence(spend(number + 1), br(done))));
      }
      written = registers.settle;
      return sequence(
        ...statements,
        spend(number + 1),
        when(condition, sequence(written, this.go(index, start, true))),
      );
    });
    const needs = (this.structure.reserves[index] as number) + (rounds.length - 1) * lengthOf(instructions);
    return block(
      single,
      brIf(single, i32.ltS(budget.get, i32.const(needs))),
      ahead,
      block(done, ...code),
      written,
      this.go(index, end, true),
    );
  }

  private instruction(placed: PlacedInstruction, refund: number): Statement {
    const code = this.emitter.emit(placed, refund);
    return placed.arms ? sequence(code, this.emitter.choose(placed.arms)) : code;
  }

  private end(index: number): Statement {
    const { instructions, end, leaves, calls, switches } = this.blocks[index] as Block;
    const { instruction, offset, arms } = instructions.at(-1) as PlacedInstruction;
    const { row, operands } = instruction;
    const { exit, info, slow, target, callees } = this.at;
    if (row.format === 'jalr') return calls ? this.call(index, end) : switches ? this.switch : br(exit);
    if (row.format === 'J') {
      const to = offset + operands.imm;
      if (calls) return sequence(target.set(this.offset(i64.const(to))), this.call(index, end, callees.get(to)));
      return this.go(index, to);
    }
    const condition = this.emitter.condition;
    if (row.format === 'B' && condition && !arms) {
      return sequence(when(condition, this.go(index, offset + operands.imm, true)), this.go(index, end));
    }
    if (leaves) return sequence(info.set(i32.const(end)), br(slow));
    return this.go(index, end);
  }

  /** To `target`, which is `callee` if that is known, and on at the page offset `back` when control has come back there. */
  private call(from: number, back: number, callee?: Callee): Statement {
    const { hart, budget, page, target, jump, depth, enter, exit } = this.at;
    const to = this.structure.indexOf.get(back);
    if (to === undefined) return br(exit);
    const cache = i32.load(hart.get, hartOffset.fetchTlb);
    const deeper = i32.sub(depth.get, i32.const(1));
    const until = this.offset(i64.const(back));
    const direct = callee?.region.call(hart.get, budget.get, page.get, i32.const(callee.block), deeper);
    return sequence(
      // Never negative; V8 lays out what an equality with 0 leads to before what follows.
      brIf(exit, i32.ltS(depth.get, i32.const(1))),
      follow({ hart, budget, target, cache, entry: jump, depth: deeper, enter, direct }, exit, until),
      this.load([to]),
      this.go(from, back),
    );
  }

  /** To `target`, which often is in this region. */
  private get switch(): Statement {
    const { hart, page, target, entry, jump, slot, exit, top } = this.at;
    return sequence(
      jump.set(jumpEntryOf(i32.load(hart.get, hartOffset.fetchTlb), target.get)),
      unlessSame(i64.load(jump.get, jumpField.address), target.get, br(exit)),
      unlessSame(i32.load(jump.get, jumpField.slot), i32.const(slot), br(exit)),
      page.set(i64.and(target.get, i64.const(~0xfffn))),
      entry.set(i32.load(jump.get, jumpField.block)),
      this.dispatchAgain,
      br(top),
    );
  }

  /** To the block `entry` by the innermost loop that dispatches, if the block is in it. */
  private get dispatchAgain(): Statement {
    const around = this.lists.filter(({ own }) => own?.dispatches).at(-1);
    if (!around?.own || !around.again) return sequence();
    const { first, last } = around.own;
    const within = i32.ltU(i32.sub(this.at.entry.get, i32.const(first)), i32.const(last - first + 1));
    return brIf(around.again, within);
  }

  /** To an address outside the region. */
  private leaveTo(offset: number): Statement {
    const { target, exit } = this.at;
    return sequence(target.set(this.offset(i64.const(offset))), br(exit));
  }

  /** From a block to a page offset. `nested`: inside a conditional, where nothing can be fallen through to. */
  private go(from: number, offset: number, nested = false): Statement {
    const { entry } = this.at;
    const to = this.structure.indexOf.get(offset);
    if (to === undefined) return this.leaveTo(offset);
    const setEntry = this.passesDispatch(from, to) ? entry.set(i32.const(to)) : sequence();
    for (let depth = this.lists.length - 1; depth >= 0; depth -= 1) {
      const list = this.lists[depth] as List;
      const position = list.items.findIndex(({ first, last }) => to >= first && to <= last);
      if (position < 0) continue;
      const innermost = depth === this.lists.length - 1;
      if (position > list.current) {
        const falls = innermost && position === list.current + 1 && !nested;
        return falls ? setEntry : sequence(setEntry, br((list.items[position] as Item).label));
      }
      return sequence(setEntry, br(list.again as Label));
    }
    throw new Error(`no way from block ${from} to block ${to}`);
  }

  /** Whether a dispatching loop is entered, or started over, on the way. */
  private passesDispatch(from: number, to: number): boolean {
    return this.structure.loops.some(({ first, last, dispatches }) => {
      const contains = (index: number) => index >= first && index <= last;
      return dispatches && contains(to) && (!contains(from) || to <= from);
    });
  }
}
