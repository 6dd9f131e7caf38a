// The entropy source (unprivileged manual, chapter "Entropy Source") and the switches of who may read it.

import { bit, field } from './fields.ts';
import type { CsrRow } from './row.ts';

const states = { 0: 'BIST', 1: 'WAIT', 2: 'ES16', 3: 'DEAD' };

export const zkrCsrs: readonly CsrRow[] = [
  {
    name: 'seed',
    number: 0x015,
    extension: 'Zkr',
    fields: [
      field('entropy', [15, 0], 'RO', '16 bits of entropy, in state ES16'),
      field('OPST', [31, 30], 'RO', 'state of the source', states),
    ],
    text: 'Entropy for seeding random number generators; only instructions that write may access it.',
  },
  {
    name: 'mseccfg',
    number: 0x747,
    extension: 'Zkr',
    fields: [bit('USEED', 8, 'RW', 'U-mode may access seed'), bit('SSEED', 9, 'RW', 'S-mode may access seed')],
    text: 'Security switches of the machine level.',
  },
  {
    name: 'mseccfgh',
    number: 0x757,
    extension: 'Zkr',
    xlen: 32,
    fields: [],
    text: 'The upper half of mseccfg on RV32.',
  },
];
