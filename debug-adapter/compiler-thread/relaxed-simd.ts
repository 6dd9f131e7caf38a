// Node 20's V8 (11.3) knows the instructions for vectors whose rounding is the processor's, as V8 has them from 11.4 on,
// but only takes them when told to. One of them is a product and a sum with one rounding. Under other flags than it started
// with Node's own JavaScript is compiled anew, which makes the start of a thread half as long again: so it is told late.

import { setFlagsFromString } from 'node:v8';
import { fusesProducts } from '../../emulator/index.ts';

const [major, minor] = process.versions.v8.split('.').map(Number);

/** Before the first module is made that uses them. */
export function allowRelaxedSimd(): void {
  if (major === 11 && minor === 3) setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/** Whether the host fuses products. Asked for the first of them: before, nothing changes the flags, which are the process's. */
export function fusesWhenAllowed(): boolean {
  allowRelaxedSimd();
  return fusesProducts();
}
