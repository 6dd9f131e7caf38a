// Register names: by number and by the calling convention (RISC-V ABIs Specification, "Register Convention").

import type { Location } from './value.ts';

/** x0–x31 by their ABI names. */
export const integerNames: readonly string[] = (
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 ' + 's2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'
).split(' ');

/** f0–f31 by their ABI names. */
export const floatNames: readonly string[] = (
  'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 ' +
  'fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11'
).split(' ');

const locations = new Map<string, Location>([
  ['pc', { kind: 'pc' }],
  ['fp', { kind: 'x', index: 8 }],
]);
for (let index = 0; index < 32; index += 1) {
  for (const name of [`x${index}`, integerNames[index] as string]) locations.set(name, { kind: 'x', index });
  for (const name of [`f${index}`, floatNames[index] as string]) locations.set(name, { kind: 'f', index });
}

/** `a0`, `x10`, `fa0`, `f10`, `fp`, `pc`. */
export function registerNamed(name: string): Location | undefined {
  return locations.get(name);
}

export const registerNames: readonly string[] = [...locations.keys()];
