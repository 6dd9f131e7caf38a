// Global pages (PTE bit G, at whatever level), which are the same in every address space: what the walk of one came to is kept
// for all of them, and outlives an sfence.vma with an ASID (privileged manual, "Supervisor Memory-Management Fence
// Instruction"). Those of another satp.MODE are others.

import { type I32, type I64, i32, i64, type Local, type Statement, sequence } from '../wasm/code.ts';
import { noteFilled } from './filled.ts';
import { Filled, globalEntries, globalEntryBytes, globalField, hartOffset } from './layout.ts';

const pageMask = i64.const(~0xfffn);

/** Where the page of `address` has its place. */
export function globalEntryOf(hart: I32, address: I64): I32 {
  const shift = 12 - Math.log2(globalEntryBytes);
  const offset = i32.and(
    i32.wrap(i64.shrU(address, i64.const(shift))),
    i32.const((globalEntries - 1) * globalEntryBytes),
  );
  return i32.add(i32.add(hart, i32.const(hartOffset.tlb)), offset);
}

export interface GlobalPage {
  /** Whether the page is kept; `leaf` and `keep` may be used afterwards. */
  readonly isKept: I32;
  /** The physical page, and the leaf's flags: without W where D is missing. */
  readonly leaf: I64;
  keep(physical: I64, flags: I32): Statement;
}

/** The page of `address` under the mode in force; `entry` is free for use. */
export function globalPageAt(hart: I32, address: I64, entry: Local<'i32'>): GlobalPage {
  const tag = i64.or(i64.and(address, pageMask), i64.extendU(i32.load(hart, hartOffset.levels)));
  return {
    isKept: i64.eq(i64.load(entry.tee(globalEntryOf(hart, address)), globalField.tag), tag),
    leaf: i64.load(entry.get, globalField.leaf),
    keep: (physical, flags) =>
      sequence(
        entry.set(globalEntryOf(hart, address)),
        i64.store(entry.get, tag, globalField.tag),
        i64.store(
          entry.get,
          i64.or(i64.and(physical, pageMask), i64.extendU(i32.and(flags, i32.const(0xff)))),
          globalField.leaf,
        ),
        noteFilled(hart, i32.add(entry.get, i32.const(globalField.tag)), i32.const(Filled.global)),
      ),
  };
}
