// Counters and their switches (unprivileged manual, "Zicntr" and "Zihpm"; privileged manual, "Hardware Performance
// Monitor", "Machine Counter-Enable (mcounteren) Register", "Machine Counter-Inhibit (mcountinhibit) Register").
// The event counters 3–31 read as zero.

import { bit, field, whole } from './fields.ts';
import type { CsrField, CsrRow } from './row.ts';

/** The upper halves are 0x80 above. */
const upperDistance = 0x80;

/** A counter and, on RV32, its upper half. */
function counter(row: Omit<CsrRow, 'fields'>, policy: CsrField['policy'], unit: string): CsrRow[] {
  const upper = { ...row, name: `${row.name}h`, number: row.number + upperDistance };
  return [
    { ...row, fields: whole(row.name, policy, unit) },
    {
      ...upper,
      xlen: 32,
      fields: [field(upper.name, [31, 0], policy, `${unit}, upper half`)],
      text: `The upper half of ${row.name} on RV32.`,
      ...(row.viewOf && { viewOf: { ...row.viewOf, csr: `${row.viewOf.csr}h` } }),
    },
  ];
}

const all = (1n << 64n) - 1n;
const eventIndices = Array.from({ length: 29 }, (_, index) => index + 3);

/** What U-mode sees. */
const unprivileged = [
  ...counter(
    {
      name: 'cycle',
      number: 0xc00,
      extension: 'Zicntr',
      viewOf: { csr: 'mcycle', mask: all },
      text: 'Cycles that this hart has run; here one for each retired instruction.',
    },
    'RO',
    'cycles',
  ),
  ...counter(
    { name: 'time', number: 0xc01, extension: 'Zicntr', text: 'The real-time clock, the same for every hart.' },
    'RO',
    'ticks',
  ),
  ...counter(
    {
      name: 'instret',
      number: 0xc02,
      extension: 'Zicntr',
      viewOf: { csr: 'minstret', mask: all },
      text: 'Instructions that this hart has retired.',
    },
    'RO',
    'instructions',
  ),
  ...eventIndices.flatMap((index) =>
    counter(
      {
        name: `hpmcounter${index}`,
        number: 0xc00 + index,
        extension: 'Zihpm',
        viewOf: { csr: `mhpmcounter${index}`, mask: all },
        text: `Event counter ${index}; counts nothing in this machine.`,
      },
      'RO',
      'events',
    ),
  ),
];

const enables = (below: string): readonly CsrField[] => [
  bit('CY', 0, 'WARL', `${below} may read cycle`),
  bit('TM', 1, 'WARL', `${below} may read time`),
  bit('IR', 2, 'WARL', `${below} may read instret`),
  field('HPM', [31, 3], 'WARL', `${below} may read hpmcounter3 to hpmcounter31, a bit each`),
];

export const counterCsrs: readonly CsrRow[] = [
  ...unprivileged,
  ...eventIndices.map(
    (index): CsrRow => ({
      name: `mhpmevent${index}h`,
      number: 0x720 + index,
      extension: 'Sscofpmf',
      xlen: 32,
      fields: [field('event', [31, 0], 'RO', 'no event')],
      text: `The upper half of mhpmevent${index} on RV32.`,
    }),
  ),
  {
    name: 'scountovf',
    number: 0xda0,
    extension: 'Sscofpmf',
    fields: [field('OF', [31, 3], 'RO', 'an event counter has overflowed, a bit each')],
    text: 'Which event counters have overflowed; they count nothing here, so none.',
  },
  {
    name: 'scounteren',
    number: 0x106,
    extension: 'S',
    fields: enables('U-mode'),
    text: 'Which counters U-mode may read.',
    rule: 'scounteren',
  },
  {
    name: 'mcounteren',
    number: 0x306,
    extension: 'M',
    fields: enables('the next lower mode'),
    text: 'Which counters the modes below M-mode may read.',
    rule: 'mcounteren_sz',
  },
  {
    name: 'mcountinhibit',
    number: 0x320,
    extension: 'M',
    fields: [
      bit('CY', 0, 'WARL', 'mcycle stands still'),
      bit('IR', 2, 'WARL', 'minstret stands still'),
      field('HPM', [31, 3], 'WARL', 'mhpmcounter3 to mhpmcounter31 stand still, a bit each'),
    ],
    text: 'Which counters stand still. time cannot be stopped: bit 1 is 0.',
    rule: 'mcountinhibit_sz_warl_op1',
  },
  ...counter(
    { name: 'mcycle', number: 0xb00, extension: 'M', text: 'cycle, writable.', rule: 'mcycle_op' },
    'RW',
    'cycles',
  ),
  ...counter(
    { name: 'minstret', number: 0xb02, extension: 'M', text: 'instret, writable.', rule: 'minstret_op' },
    'RW',
    'instructions',
  ),
  ...eventIndices.flatMap((index) => [
    ...counter(
      {
        name: `mhpmcounter${index}`,
        number: 0xb00 + index,
        extension: 'M',
        text: `Event counter ${index}; reads as zero.`,
        rule: 'mhpmcounter_mandatory',
      },
      'RO',
      'events',
    ),
    {
      name: `mhpmevent${index}`,
      number: 0x320 + index,
      extension: 'M',
      fields: whole('event', 'RO', 'no event'),
      text: `What event counter ${index} counts; reads as zero.`,
      rule: 'mhpmevent_sz_warl_op',
    },
  ]),
];
