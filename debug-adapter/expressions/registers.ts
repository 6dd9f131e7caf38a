// Registers as expressions name them.

import { registerNamed as fileRegister, floatNames, integerNames } from '../../emulator/isa/registers.ts';
import type { Location } from './value.ts';

/** `a0`, `x10`, `fa0`, `f10`, `fp`, `pc`. */
export function registerNamed(name: string): Location | undefined {
  if (name === 'pc') return { kind: 'pc' };
  const register = fileRegister(name);
  return register && { kind: register.file, index: register.index };
}

/** The names that are offered. */
export const registerNames: readonly string[] = ['pc', ...integerNames, 'fp', ...floatNames];
