// Supervisor-level CSRs (privileged manual, chapters "Supervisor-Level ISA" and "Sstc").

import { cacheBlockSwitches } from './environment.ts';
import { bit, field, whole } from './fields.ts';
import type { CsrRow } from './row.ts';
import { supervisorTrapCsrs } from './traps.ts';

const satp = {
  name: 'satp',
  number: 0x180,
  extension: 'S',
  text: 'The root page table of S-mode and U-mode, the mode of translation and the address space. A write of an unsupported MODE has no effect at all.',
  rule: 'satp',
} as const;

const root = 'physical page number of the root page table';
const asid = 'address-space identifier';
const mode = 'mode of translation';

export const supervisorCsrs: readonly CsrRow[] = [
  ...supervisorTrapCsrs,
  {
    name: 'senvcfg',
    number: 0x10a,
    extension: 'S',
    fields: [bit('FIOM', 0, 'RW', "U-mode's fences of I/O also order memory"), ...cacheBlockSwitches],
    text: 'Switches of the environment of U-mode.',
    rule: 'senvcfg',
  },
  {
    ...satp,
    xlen: 32,
    fields: [
      field('PPN', [21, 0], 'WARL', root),
      field('ASID', [30, 22], 'WARL', asid),
      bit('MODE', 31, 'WARL', mode, { 0: 'Bare', 1: 'Sv32' }),
    ],
  },
  {
    ...satp,
    xlen: 64,
    fields: [
      field('PPN', [43, 0], 'WARL', root),
      field('ASID', [59, 44], 'WARL', asid),
      field('MODE', [63, 60], 'WARL', mode, { 0: 'Bare', 8: 'Sv39', 9: 'Sv48', 10: 'Sv57' }),
    ],
  },
  {
    name: 'stimecmp',
    number: 0x14d,
    extension: 'Sstc',
    fields: whole('stimecmp', 'RW', 'ticks of time'),
    text: 'The supervisor timer interrupt is pending while time is at least this.',
    rule: 'stimecmp_stimecmph_sz_acc',
  },
  {
    name: 'stimecmph',
    number: 0x15d,
    extension: 'Sstc',
    xlen: 32,
    fields: [field('stimecmph', [31, 0], 'RW', 'ticks of time, upper half')],
    text: 'The upper half of stimecmp on RV32.',
    rule: 'stimecmp_stimecmph_sz_acc',
  },
];
