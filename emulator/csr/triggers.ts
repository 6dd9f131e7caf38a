// Debug triggers (debug specification, "Trigger Module Registers"). This machine has none, and says so the way software
// asks: tselect takes only 0, and no type of trigger is there. Breakpoints of the debugger need no triggers.

import { whole } from './fields.ts';
import type { CsrRow } from './row.ts';

function register(name: string, number: number, text: string, reset?: bigint): CsrRow {
  const row: CsrRow = { name, number, extension: 'Sdtrig', fields: whole(name, 'RO', 'fixed'), text };
  return reset === undefined ? row : { ...row, reset };
}

export const triggerCsrs: readonly CsrRow[] = [
  register('tselect', 0x7a0, 'Which trigger the other registers show; there is none, so always 0.'),
  register('tdata1', 0x7a1, 'Type and settings of the selected trigger; 0 = no trigger.'),
  register('tdata2', 0x7a2, 'Data of the selected trigger; always 0.'),
  register('tdata3', 0x7a3, 'More data of the selected trigger; always 0.'),
  register('tinfo', 0x7a4, 'Types that the selected trigger can have; bit 0 = none.', 1n),
];
