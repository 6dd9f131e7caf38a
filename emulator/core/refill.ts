// A TLB miss in a region: the fast walk fills the entry, and the region goes on. What is not plain success is the interpreter's.

import { type I32, type I64, i32, i64, ret, type Statement, sequence, when } from '../wasm/code.ts';
import type { FunctionHandle, ModuleBuilder } from '../wasm/module.ts';
import type { Counter } from './counts.ts';
import { DEVICE, hartOffset, tlbField, WATCHED } from './layout.ts';
import { emptyTag, entryOf, type Range } from './tlb-entry.ts';
import { Wanted } from './translate.ts';

export interface Missed extends Range {
  /** Offset of the tag that is needed: see tlbField. */
  readonly tag: number;
  /** The region still uses what it found in other entries. */
  readonly others: boolean;
}

const packed = { length: 0, align: 9, tag: 13, others: 31 } as const;

/** Calls `refill` of the module. */
export function callRefill(refill: FunctionHandle<'i32'>, hart: I32, address: I64, missed: Missed) {
  const { length, align, tag, others } = missed;
  const what =
    (length << packed.length) | (align << packed.align) | (tag << packed.tag) | (Number(others) << packed.others);
  return refill.call(hart, address, i32.const(what));
}

/** The bit of a page in `remembered`. Pages with one entry have one bit. */
const bitOf = (page: I64) => i64.shl(i64.const(1), i64.shrU(page, i64.const(12)));

/** A region remembers the entry of the page. */
export function noteRemembered(hart: I32, page: I64): Statement {
  return i64.store(hart, i64.or(i64.load(hart, hartOffset.remembered), bitOf(page)), hartOffset.remembered);
}

/** No instruction's address. */
const NOWHERE = 1n;

/** Regions are about to be entered by the interpreter: none is there that remembers anything, or has given an instruction back. */
export const beginRegions = (hart: I32): Statement =>
  sequence(
    i64.store(hart, i64.const(0), hartOffset.remembered),
    i64.store(hart, i64.const(NOWHERE), hartOffset.givenBack),
  );

/**
 * Defines `refill(hart, address, missed)` → whether the entry has the tag now; see `Missed`.
 *
 * It looks for what a load needs, whatever the access is: that fills the tag for stores, too, where they need nothing else, and
 * has no effect that could be seen. An entry that some region remembers stays, so that translations do not outlive theirs.
 */
export function defineRefill(module: ModuleBuilder, translate: FunctionHandle<'i32'>, count: Counter): void {
  module.function('refill', ['i32', 'i64', 'i32'], 'i32', ([hart, address, missed], locals) => {
    const entry = locals.fresh('i32');
    const length = locals.fresh('i32');
    const held = locals.fresh('i64');
    const field = (name: 'length' | 'align' | 'tag', bits: number) =>
      i32.and(i32.shrU(missed.get, i32.const(packed[name])), i32.const((1 << bits) - 1));
    const table = i32.load(hart.get, hartOffset.dataTlb);
    const offset = i32.and(i32.wrap(address.get), i32.const(0xfff));
    const page = i64.and(address.get, i64.const(~0xfffn));
    const isRemembered = i64.ne(i64.and(i64.load(hart.get, hartOffset.remembered), bitOf(address.get)), i64.const(0));
    const no = ret(i32.const(0));
    return sequence(
      length.set(field('length', 9)),
      when(i32.gtU(i32.add(offset, length.get), i32.const(4096)), no),
      when(i32.and(offset, i32.sub(field('align', 4), i32.const(1))), no),
      entry.set(entryOf(table, address.get)),
      held.set(i64.load(entry.get, tlbField.read)),
      when(
        i64.ne(held.get, emptyTag(i32.eq(entry.get, table))),
        sequence(
          // The page's own entry does not do: it holds watched bytes, a device, code, or is not to be written yet.
          ...[0, WATCHED, DEVICE].map((mark) => when(i64.eq(held.get, i64.xor(page, i64.const(mark))), no)),
          when(i32.or(i32.shrU(missed.get, i32.const(packed.others)), isRemembered), no),
        ),
      ),
      when(i32.eqz(translate.call(hart.get, table, address.get, i32.const(Wanted.load), length.get)), no),
      count.up('refills'),
      ret(i64.eq(i64.load(i32.add(entry.get, field('tag', 5))), page)),
    ) as never;
  });
}
