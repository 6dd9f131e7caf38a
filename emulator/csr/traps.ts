// The trap registers, which M-mode and S-mode have alike: xtvec, xepc, xcause, xtval, xscratch; and the interrupt bits.

import { exceptionNames, interruptNames } from './causes.ts';
import { bit, field, maskOfAll, whole } from './fields.ts';
import type { CsrField, CsrRow } from './row.ts';

interface Level {
  readonly letter: 'm' | 's';
  readonly extension: 'M' | 'S';
  /** Number of xtvec; the others follow at fixed distances. */
  readonly base: number;
  readonly mode: string;
}

const M: Level = { letter: 'm', extension: 'M', base: 0x305, mode: 'M-mode' };
const S: Level = { letter: 's', extension: 'S', base: 0x105, mode: 'S-mode' };

const tvecFields: readonly CsrField[] = [
  field('MODE', [1, 0], 'WARL', 'whether interrupts enter at BASE or at BASE + 4 × cause', {
    0: 'direct',
    1: 'vectored',
  }),
  field('BASE', [63, 2], 'WARL', 'address of the handler, without its low two bits'),
];

const causeFields = (xlen: 32 | 64): readonly CsrField[] => [
  field('Exception Code', [xlen - 2, 0], 'WLRL', 'which exception or interrupt'),
  bit('Interrupt', xlen - 1, 'RW', 'the trap was an interrupt'),
];

/** The vector register of a level. */
function tvec({ letter, extension, base, mode }: Level): CsrRow {
  return {
    name: `${letter}tvec`,
    number: base,
    extension,
    fields: tvecFields,
    text: `Where traps to ${mode} enter.`,
    rule: letter === 'm' ? 'mtvec_sz_warl_acc' : 'stvec',
  };
}

/** Scratch, epc, cause and tval of a level, in the order of their numbers. */
function trapState({ letter, extension, base, mode }: Level): CsrRow[] {
  const rule = (name: string, machineRule: string) => (letter === 'm' ? machineRule : `s${name}`);
  const cause = {
    name: `${letter}cause`,
    number: base + 0x3d,
    extension,
    text: `What caused the last trap to ${mode}.`,
    rule: rule('cause', 'mcause_sz_acc'),
  };
  return [
    {
      name: `${letter}scratch`,
      number: base + 0x3b,
      extension,
      fields: whole('scratch', 'RW', 'anything'),
      text: `A word for the trap handler of ${mode}, often a pointer to the hart's own data.`,
      rule: rule('scratch', 'mscratch_sz_acc'),
    },
    {
      name: `${letter}epc`,
      number: base + 0x3c,
      extension,
      fields: whole('epc', 'WARL', 'virtual address; bit 0 is always 0'),
      text: `Address of the instruction that the last trap to ${mode} interrupted; the return goes there.`,
      rule: rule('epc', 'mepc_sz_acc'),
    },
    { ...cause, xlen: 32, fields: causeFields(32) },
    { ...cause, xlen: 64, fields: causeFields(64) },
    {
      name: `${letter}tval`,
      number: base + 0x3e,
      extension,
      fields: whole('tval', 'WARL', 'address, instruction bits or 0'),
      text: `What the last trap to ${mode} was about: the faulting address, the bits of an illegal instruction, or 0.`,
      rule: rule('tval', 'mtval_sz_acc'),
    },
  ];
}

/** Which kinds of interrupt: S is every mode's, M only M-mode's. */
const interrupts = [
  { code: 1, name: 'SS' },
  { code: 3, name: 'MS' },
  { code: 5, name: 'ST' },
  { code: 7, name: 'MT' },
  { code: 9, name: 'SE' },
  { code: 11, name: 'ME' },
];

const supervisorInterrupts = interrupts.filter(({ name }) => name.startsWith('S'));

const enables = (list: typeof interrupts) =>
  list.map(({ code, name }) => bit(`${name}IE`, code, 'RW', `${interruptNames[code]} enabled`));

/** Pending bits; those of `writable` may be written. */
const pendings = (list: typeof interrupts, writable: RegExp) =>
  list.map(({ code, name }) =>
    bit(`${name}IP`, code, writable.test(name) ? 'RW' : 'RO', `${interruptNames[code]} pending`),
  );

const supervisorMask = maskOfAll(enables(supervisorInterrupts));

/** Exceptions that may be delegated: a call from M-mode never (rule medeleg_enc_txt). */
const delegable = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15];

export const supervisorTrapCsrs: readonly CsrRow[] = [
  {
    name: 'sie',
    number: 0x104,
    extension: 'S',
    fields: enables(supervisorInterrupts),
    viewOf: { csr: 'mie', mask: supervisorMask },
    text: 'Which interrupts of S-mode are enabled; of those that mideleg does not delegate it shows 0.',
    rule: 'sie_acc',
  },
  tvec(S),
  ...trapState(S),
  {
    name: 'sip',
    number: 0x144,
    extension: 'S',
    fields: pendings(supervisorInterrupts, /SS/),
    viewOf: { csr: 'mip', mask: supervisorMask },
    text: 'Which interrupts of S-mode are pending; of those that mideleg does not delegate it shows 0.',
    rule: 'sip_acc',
  },
];

export const machineTrapCsrs: readonly CsrRow[] = [
  {
    name: 'medeleg',
    number: 0x302,
    extension: 'S',
    fields: delegable.map((code) => bit(`EX${code}`, code, 'WARL', `${exceptionNames[code]} goes to S-mode`)),
    text: 'Which exceptions below M-mode go to S-mode.',
    rule: 'medeleg_sz_acc',
  },
  {
    name: 'medelegh',
    number: 0x312,
    extension: 'S',
    xlen: 32,
    fields: [],
    text: 'The upper half of medeleg on RV32; there is no exception of these codes here.',
    rule: 'medelegh_sz_acc_enc_xlen32',
  },
  {
    name: 'mideleg',
    number: 0x303,
    extension: 'S',
    fields: supervisorInterrupts.map(({ code, name }) =>
      bit(`${name}I`, code, 'WARL', `${interruptNames[code]} goes to S-mode`),
    ),
    text: 'Which interrupts go to S-mode.',
    rule: 'mideleg_sz_acc',
  },
  {
    name: 'mie',
    number: 0x304,
    extension: 'M',
    fields: enables(interrupts),
    text: 'Which interrupts are enabled.',
    rule: 'mie_sz_acc',
  },
  tvec(M),
  ...trapState(M),
  {
    name: 'mip',
    number: 0x344,
    extension: 'M',
    fields: pendings(interrupts, /S[STE]/),
    text: 'Which interrupts are pending. STIP cannot be written while menvcfg.STCE lets stimecmp drive it.',
    rule: 'mip_sz_acc',
  },
];
