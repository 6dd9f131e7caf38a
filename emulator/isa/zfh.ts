// Unprivileged manual, chapter '"Zfh" and "Zfhmin" Extensions for Half-Precision Floating-Point'.

import {
  arithmeticRows,
  compareRows,
  convertFormat,
  convertRows,
  type FloatFormat,
  memoryRows,
  moveRows,
} from './fp-rows.ts';
import type { InstructionRow } from './row.ts';
import { double } from './rv-d.ts';
import { single } from './rv-f.ts';

export const half: FloatFormat = { extension: 'Zfh', suffix: 'h', fmt: 2, precision: 'half-precision' };
const minimal: FloatFormat = { ...half, extension: 'Zfhmin' };

export const zfh: readonly InstructionRow[] = [
  ...memoryRows(minimal, 2),
  ...moveRows(minimal, 'h', 'any'),
  convertFormat(single, half, 'Zfhmin'),
  convertFormat(half, single, 'Zfhmin'),
  { ...convertFormat(double, half, 'Zfhmin'), alsoNeeds: 'D' },
  { ...convertFormat(half, double, 'Zfhmin'), alsoNeeds: 'D' },
  ...arithmeticRows(half),
  ...convertRows(half, 'w', 'to'),
  ...convertRows(half, 'w', 'from'),
  ...convertRows(half, 'l', 'to'),
  ...convertRows(half, 'l', 'from'),
  ...compareRows(half),
];
