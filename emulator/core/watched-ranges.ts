// What the fast walk does of watched bytes: accesses that touch them are for the host; others in their page go on, but it is
// not cached, where only stores are watched at least not for stores.

import {
  block,
  br,
  brIf,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  label,
  loop,
  type Statement,
  sequence,
  when,
} from '../wasm/code.ts';
import type { hartOffset, shared } from './layout.ts';

/** Bytes of the longest access, a block of zeros. */
const LONGEST = 64;
/** The greatest of `Wanted` that is no fetch and no AMO. */
const STORE = 1;

export interface WatchedLocals {
  /** See Wanted of translate.ts. */
  readonly wanted: Local<'i32'>;
  /** Become 0 where the page must not be cached, or not for stores. */
  readonly cached: Local<'i32'>;
  readonly storable: Local<'i32'>;
  /** Free for use. */
  readonly rest: Local<'i32'>;
  readonly range: Local<'i32'>;
  readonly watchesLoads: Local<'i32'>;
}

/** Of an access that begins at `start`, by the ranges that lie `at` so far from `base`. */
export function heedWatched(locals: WatchedLocals, giveUp: Statement) {
  const { wanted, cached, storable, rest, range, watchesLoads } = locals;
  return (base: I32, at: typeof hartOffset | typeof shared, start: I64): Statement => {
    const again = label('ranges');
    const none = label('no-ranges');
    const first = i64.load(range.get, at.watches);
    const last = i64.load(range.get, at.watches + 8);
    const reaches = (to: I64, lower: I64, upper: I64) => i32.and(i64.geU(to, lower), i32.eqz(i64.gtU(start, upper)));
    const pageMask = i64.const(~0xfffn);
    const page = i64.and(start, pageMask);
    const writes = i32.and(wanted.get, i32.const(1));
    return block(
      none,
      rest.set(i32.load(base, at.watchCount)),
      watchesLoads.set(i32.load(base, at.watchesLoads)),
      range.set(base),
      loop(
        again,
        brIf(none, i32.eqz(rest.get)),
        when(
          i32.and(i64.geU(page, i64.and(first, pageMask)), i32.eqz(i64.gtU(page, last))),
          sequence(
            when(i32.gtU(wanted.get, i32.const(STORE)), giveUp),
            when(
              i32.or(writes, i32.and(watchesLoads.get, i32.const(1))),
              when(reaches(i64.add(start, i64.const(LONGEST - 1)), first, last), giveUp),
            ),
            when(i32.and(watchesLoads.get, i32.const(1)), cached.set(i32.const(0))),
            storable.set(i32.const(0)),
          ),
        ),
        range.set(i32.add(range.get, i32.const(16))),
        watchesLoads.set(i32.shrU(watchesLoads.get, i32.const(1))),
        rest.set(i32.sub(rest.get, i32.const(1))),
        br(again),
      ),
    );
  };
}
