// How often generated code did what costs time, for profiles. A machine that does not count has no code for it.

import { type I32, i32, i64, type Statement, sequence } from '../wasm/code.ts';
import type { GuestMemory } from './guest-memory.ts';
import { shared } from './layout.ts';

/** What is counted, in the order of linear memory. */
export const countNames = [
  /** Translated code: entries, instructions in it, and exits because of an instruction that it leaves to the interpreter. */
  'regionEntries',
  'regionInstructions',
  'regionSlowExits',
  /** Jumps that looked their target up in the translation table. */
  'fetches',
  /** Walks of the page tables in generated code. */
  'walks',
  /** Loads and stores off the fast path. */
  'slowLoads',
  'slowStores',
  /** Stores into pages with decoded instructions. */
  'codeStores',
  /** Calls of TypeScript. */
  'decode',
  'straddle',
  'fetchPage',
  'execute',
  'load',
  'store',
] as const;

export type CountName = (typeof countNames)[number];

/** Counts up; nothing where `enabled` is false. */
export type Count = (name: CountName, by?: I32) => Statement;

export function counting(enabled: boolean): Count {
  return (name, by = i32.const(1)) => {
    if (!enabled) return sequence();
    const at = shared.counts + countNames.indexOf(name) * 8;
    const before = i64.load(i32.const(0), at);
    return i64.store(i32.const(0), i64.add(before, i64.extendU(by)), at);
  };
}

export function countsOf(guest: GuestMemory): Readonly<Record<CountName, number>> {
  const counts = countNames.map((name, index) => [name, Number(guest.quads[shared.counts / 8 + index])]);
  return Object.fromEntries(counts);
}
