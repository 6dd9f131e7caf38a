// State enables (Smstateen, Ssstateen): what the levels below may reach of the state that extensions added. Here the
// environment configuration is the only such state.

import { bit } from './fields.ts';
import type { CsrField, CsrRow } from './row.ts';

const indices = [0, 1, 2, 3];

/** Bits 63 and 62 of register 0 and bit 63 of the others, seen in 64 bits or in the upper half. */
function switches(index: number, top: 31 | 63): readonly CsrField[] {
  const next = bit('SE', top, 'WARL', `S-mode may access sstateen${index}`);
  return index === 0 ? [next, bit('ENVCFG', top - 1, 'WARL', 'S-mode may access senvcfg')] : [next];
}

export const stateEnableCsrs: readonly CsrRow[] = indices.flatMap((index): CsrRow[] => {
  const machine = {
    name: `mstateen${index}`,
    number: 0x30c + index,
    extension: 'Smstateen',
    text: `State that the levels below M-mode may reach, register ${index}.`,
  } as const;
  return [
    { ...machine, xlen: 64, fields: switches(index, 63) },
    { ...machine, xlen: 32, fields: [] },
    {
      ...machine,
      name: `mstateen${index}h`,
      number: 0x31c + index,
      xlen: 32,
      fields: switches(index, 31),
      text: `The upper half of mstateen${index} on RV32.`,
    },
    {
      name: `sstateen${index}`,
      number: 0x10c + index,
      extension: 'Ssstateen',
      fields: [],
      text: `State that U-mode may reach, register ${index}; nothing of it is in this machine.`,
    },
  ];
});
