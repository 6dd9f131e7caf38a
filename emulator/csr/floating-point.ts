// Floating-point control and status (unprivileged manual, "Floating-Point Control and Status Register").
// fflags and frm are parts of fcsr.

import { roundingModes } from '../isa/rounding.ts';
import { bit, field } from './fields.ts';
import type { CsrRow } from './row.ts';

const flags = [
  bit('NX', 0, 'RW', 'a result was inexact'),
  bit('UF', 1, 'RW', 'a result underflowed'),
  bit('OF', 2, 'RW', 'a result overflowed'),
  bit('DZ', 3, 'RW', 'something was divided by zero'),
  bit('NV', 4, 'RW', 'an operation was invalid'),
];

const rounding = (low: number) => field('frm', [low + 2, low], 'RW', 'dynamic rounding mode', roundingModes);

export const floatingPointCsrs: readonly CsrRow[] = [
  { name: 'fflags', number: 0x001, extension: 'F', fields: flags, text: 'The accrued exception flags of fcsr.' },
  { name: 'frm', number: 0x002, extension: 'F', fields: [rounding(0)], text: 'The dynamic rounding mode of fcsr.' },
  {
    name: 'fcsr',
    number: 0x003,
    extension: 'F',
    fields: [...flags, rounding(5)],
    text: 'Accrued exception flags and dynamic rounding mode of floating point.',
  },
];
