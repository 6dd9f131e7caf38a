// The jump cache: where the translated code for a virtual address is, for each hart and privilege. It holds only what the
// fetch table could confirm, so whatever empties translations empties it too.

import type { Code, ValueType } from '../wasm/code.ts';
import {
  block,
  br,
  brIf,
  type I32,
  type I64,
  i32,
  i64,
  type Label,
  type Local,
  label,
  loop,
  type Statement,
  sequence,
  unlessSame,
} from '../wasm/code.ts';
import type { Declared } from '../wasm/module.ts';
import { hartOffset, jumpEntries, jumpEntryBytes, jumpField } from './layout.ts';

/** (hart, budget, address of the page, block to begin with, how deep calls may nest) → where to go on. */
export const regionParams = ['i32', 'i32', 'i64', 'i32', 'i32'] as const;

/** Bit 0 of a region's result: the instruction there is one for the interpreter. What is left is in the hart's block. */
export const SLOW = 1;

/** Calls that may nest in translated code. */
export const MAX_DEPTH = 200;

/** A region's function in a module that is being made. */
export type DeclaredRegion = Declared<'i64', [...typeof regionParams]>;

export type EnterRegion = (slot: I32, ...args: Code<ValueType>[]) => I64;

/** Address of the entry for `target`, an even address. */
export function jumpEntryOf(cache: I32, target: I64): I32 {
  const shift = Math.log2(jumpEntryBytes) - 1;
  const offset = i32.and(i32.shl(i32.wrap(target), i32.const(shift)), i32.const((jumpEntries - 1) * jumpEntryBytes));
  return i32.add(cache, offset);
}

interface Following {
  readonly hart: Local<'i32'>;
  readonly budget: Local<'i32'>;
  /** Where to go; afterwards where to go on. */
  readonly target: Local<'i64'>;
  readonly cache: I32;
  /** Free for use. */
  readonly entry: Local<'i32'>;
  readonly depth: I32;
  readonly enter: EnterRegion;
  /** The call of the region at `target`, where it is known. */
  readonly direct?: I64 | undefined;
}

/**
 * Goes from region to region, beginning at `target`. Control comes to the end when `until` is reached; when there is no
 * translated code for where to go on, or not now (SLOW), it goes to `leave`.
 */
export function follow(at: Following, leave: Label, until: I64 | undefined): Statement {
  const { hart, budget, target, cache, entry, depth, enter, direct } = at;
  const again = label('follow');
  const reached = label('reached');
  const visit = (call: I64) =>
    sequence(
      target.set(call),
      budget.set(i32.load(hart.get, hartOffset.left)),
      until ? brIf(reached, i64.eq(target.get, until)) : sequence(),
      brIf(leave, i32.and(i32.wrap(target.get), i32.const(SLOW))),
    );
  const slot = i32.load(entry.get, jumpField.slot);
  const page = i64.and(target.get, i64.const(~0xfffn));
  const found = enter(slot, hart.get, budget.get, page, i32.load(entry.get, jumpField.block), depth);
  return block(
    reached,
    direct ? visit(direct) : sequence(),
    loop(
      again,
      entry.set(jumpEntryOf(cache, target.get)),
      unlessSame(i64.load(entry.get, jumpField.address), target.get, br(leave)),
      visit(found),
      br(again),
    ),
  );
}
