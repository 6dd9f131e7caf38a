// What regions cannot do by themselves and the host is to know of roughly: which instructions it happens at, and whether often.

import { drop, type I32, i32, type Statement, sequence, when } from '../wasm/code.ts';
import type { FunctionHandle } from '../wasm/module.ts';

/** How many there are for one that the host is told of. */
const EACH = 61;

/** Tells the host of one of so many. `untold`: offset of how many more are left until then. */
export function tellOfOne(hart: I32, untold: number, tell: FunctionHandle<'i32'>): Statement {
  const left = i32.load(hart, untold);
  return when(
    left,
    i32.store(hart, i32.sub(left, i32.const(1)), untold),
    sequence(i32.store(hart, i32.const(EACH - 1), untold), drop(tell.call(hart))),
  );
}
