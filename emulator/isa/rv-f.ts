// Unprivileged manual, chapter '"F" Extension for Single-Precision Floating-Point'.

import { arithmeticRows, compareRows, convertRows, type FloatFormat, memoryRows, moveRows } from './fp-rows.ts';
import type { InstructionRow } from './row.ts';

export const single: FloatFormat = { extension: 'F', suffix: 's', fmt: 0, precision: 'single-precision' };

export const rvF: readonly InstructionRow[] = [
  ...memoryRows(single, 4),
  ...arithmeticRows(single),
  ...convertRows(single, 'w', 'to'),
  ...convertRows(single, 'w', 'from'),
  ...convertRows(single, 'l', 'to'),
  ...convertRows(single, 'l', 'from'),
  ...moveRows(single, 'w', 'any'),
  ...compareRows(single),
];
