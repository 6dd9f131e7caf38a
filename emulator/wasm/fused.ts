// Whether the host multiplies and adds with one rounding. Relaxed SIMD leaves that to the processor, and V8 has relaxed SIMD
// from version 11.4 on, before that behind a flag.

import { f64 } from './code.ts';
import { compile, createMemory, isValid, link } from './host.ts';
import { ModuleBuilder } from './module.ts';

let known: boolean | undefined;

/** `f64.relaxedMadd` is there, and rounds once. */
export function fusesProducts(): boolean {
  known ??= probe();
  return known;
}

function probe(): boolean {
  const module = new ModuleBuilder();
  module.function('madd', ['f64', 'f64', 'f64'], 'f64', ([a, b, c]) => f64.relaxedMadd(a.get, b.get, c.get));
  const bytes = module.bytes();
  if (!isValid(bytes)) return false;
  const { madd } = link(compile(bytes), createMemory(1), {}) as { madd: (a: number, b: number, c: number) => number };
  // (1 + e)² = 1 + 2e + e², whose last part is lost where the product is rounded.
  const e = 2 ** -30;
  return madd(1 + e, 1 + e, -(1 + 2 * e)) === e * e;
}
