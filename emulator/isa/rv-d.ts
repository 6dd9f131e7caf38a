// Unprivileged manual, chapter '"D" Extension for Double-Precision Floating-Point'.

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
import { single } from './rv-f.ts';

export const double: FloatFormat = { extension: 'D', suffix: 'd', fmt: 1, precision: 'double-precision' };

export const rvD: readonly InstructionRow[] = [
  ...memoryRows(double, 8),
  ...arithmeticRows(double),
  ...convertRows(double, 'w', 'to'),
  ...convertRows(double, 'w', 'from'),
  ...convertRows(double, 'l', 'to'),
  ...convertRows(double, 'l', 'from'),
  convertFormat(single, double, 'D'),
  convertFormat(double, single, 'D'),
  ...moveRows(double, 'd', 64),
  ...compareRows(double),
];
