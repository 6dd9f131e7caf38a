// How often generated code did what costs time, for profiles. A machine that does not count has no code for it.

import type { InstructionRow } from '../isa/row.ts';
import { type I32, i32, i64, type Statement, sequence, when } from '../wasm/code.ts';
import type { GuestMemory } from './guest-memory.ts';
import { shared } from './layout.ts';
import { type Operations, Special } from './operations.ts';

/** What is counted, in the order of linear memory. */
export const countNames = [
  /** Translated code: entries, instructions in it, and exits because of an instruction that it leaves to the interpreter. */
  'regionEntries',
  'regionInstructions',
  'regionSlowExits',
  /** Of these, with nothing left of the budget. */
  'exitsOutOfBudget',
  /** Of these, loads and stores: whose page had to be walked for, was there (misaligned), was for TypeScript. */
  'exitsMissed',
  'exitsMisaligned',
  'exitsToHost',
  /** Jumps that looked their target up in the translation table. */
  'fetches',
  /** Walks of the page tables in generated code. */
  'walks',
  /** Entries of the TLB that regions had filled. */
  'refills',
  /** Loads and stores off the fast path. */
  'slowLoads',
  'slowStores',
  /** Accesses to pages with watched bytes that touched none, and those of translated code that were asked about. */
  'besideWatched',
  'besideWatchedInRegions',
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

const nothing = i32.const(0);
const sideExit = i32.load(nothing, shared.sideExit);
const setSideExit = (value: number) => i32.store(nothing, i32.const(value), shared.sideExit);
const at = (name: CountName) => shared.counts + countNames.indexOf(name) * 8;

/** Statements that count; none where `enabled` is false. */
export class Counter {
  private readonly enabled: boolean;

  constructor(enabled: boolean) {
    this.enabled = enabled;
  }

  up(name: CountName, by: I32 = i32.const(1)): Statement {
    if (!this.enabled) return sequence();
    return i64.store(nothing, i64.add(i64.load(nothing, at(name)), i64.extendU(by)), at(name));
  }

  /** Translated code has left an instruction to the interpreter, which has this budget. */
  sideExit(budget: I32): Statement {
    if (!this.enabled) return sequence();
    return sequence(this.up('regionSlowExits'), when(budget, setSideExit(1), this.up('exitsOutOfBudget')));
  }

  /** The interpreter is about to do `operation`. */
  dispatch(operation: I32): Statement {
    if (!this.enabled) return sequence();
    const place = i32.shl(operation, i32.const(3));
    const noted = sequence(
      i64.store(place, i64.add(i64.load(place, shared.sideExits), i64.const(1)), shared.sideExits),
      setSideExit(2),
    );
    const first = when(i32.ne(operation, i32.const(Special.region)), noted);
    return when(sideExit, when(i32.eq(sideExit, i32.const(1)), first, setSideExit(0)));
  }

  /** The load or store under way turned out to be this; counted where translated code had left it. */
  access(name: 'exitsMissed' | 'exitsMisaligned' | 'exitsToHost'): Statement {
    return this.enabled ? when(i32.eq(sideExit, i32.const(2)), this.up(name)) : sequence();
  }
}

export function countsOf(guest: GuestMemory): Readonly<Record<CountName, number>> {
  const counts = countNames.map((name) => [name, Number(guest.quads[at(name) / 8])]);
  return Object.fromEntries(counts);
}

/** Why translated code was left: for where it jumped to, or by what the instruction is that it left to the interpreter. */
export function sideExitsOf(guest: GuestMemory, operations: Operations): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  const add = (operation: number, reason: string) => {
    const count = Number(guest.quads[shared.sideExits / 8 + operation]);
    if (count) sums[`exits: ${reason}`] = (sums[`exits: ${reason}`] ?? 0) + count;
  };
  const jumps = countsOf(guest).regionEntries - countsOf(guest).regionSlowExits;
  if (jumps) sums['exits: jump to what is not translated'] = jumps;
  const { exitsOutOfBudget } = countsOf(guest);
  if (exitsOutOfBudget) sums[`exits: ${OUT_OF_BUDGET}`] = exitsOutOfBudget;
  add(Special.undecoded, 'not decoded yet');
  add(Special.pageEnd, 'end of the page');
  add(Special.breakpoint, 'breakpoint');
  add(Special.straddle, 'goes on in the next page');
  for (const { row, length } of operations.rows) add(operations.numberOf(row, length) as number, reasonOf(row));
  for (const length of [2, 4] as const) add(operations.hostOf(length), 'no semantics in generated code');
  return sums;
}

const OUT_OF_BUDGET = 'end of the budget, and checks made early';

function reasonOf({ format, host, mnemonic }: InstructionRow): string {
  if (/^(load|S|fp-load|fp-store)$/.test(format)) return 'loads and stores';
  if (/^(amo|amo-pair|lr)$/.test(format)) return 'atomics';
  if (host === 'fp') return 'floating point';
  if (host === 'csr') return 'CSRs';
  if (host === 'system' || host === 'cbo' || format === 'fence') return mnemonic;
  // A check was made before its access, for several of them or out of a loop; or a block takes more than the budget.
  return OUT_OF_BUDGET;
}
