// Node 20's V8 (11.3) knows the instructions for vectors whose rounding is the processor's, as V8 has them from 11.4 on,
// but only takes them when told to. One of them is a product and a sum with one rounding.

import { setFlagsFromString } from 'node:v8';

const [major, minor] = process.versions.v8.split('.').map(Number);

/** Before the first module is made that may use them. */
export function allowRelaxedSimd(): void {
  if (major === 11 && minor === 3) setFlagsFromString('--experimental-wasm-relaxed-simd');
}
