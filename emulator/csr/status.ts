// mstatus, mstatush and sstatus (privileged manual, "Machine Status (mstatus and mstatush) Registers" and "Supervisor
// Status (sstatus) Register"). Endianness is fixed little, XLEN is the same in every mode, vectors are absent.

import { bit, field, maskOfAll } from './fields.ts';
import type { CsrField, CsrRow } from './row.ts';

const contextStates = { 0: 'Off', 1: 'Initial', 2: 'Clean', 3: 'Dirty' };
const widths = { 1: '32', 2: '64' };

const SIE = bit('SIE', 1, 'RW', 'interrupts are enabled in S-mode');
const SPIE = bit('SPIE', 5, 'RW', 'SIE before the last trap to S-mode');
const UBE = bit('UBE', 6, 'RO', 'U-mode data is big-endian');
const SPP = bit('SPP', 8, 'WARL', 'mode before the last trap to S-mode', { 0: 'U', 1: 'S' });
const VS = field('VS', [10, 9], 'RO', 'state of the vector registers', contextStates);
const FS = field(
  'FS',
  [14, 13],
  'WARL',
  'state of the floating-point registers; Off makes their use illegal',
  contextStates,
);
const XS = field('XS', [16, 15], 'RO', 'state of further extensions', contextStates);
const SUM = bit('SUM', 18, 'RW', 'S-mode loads and stores may use user pages');
const MXR = bit('MXR', 19, 'RW', 'loads may read pages that are only executable');
const UXL = field('UXL', [33, 32], 'RO', 'XLEN of U-mode', widths);
const dirty = (at: number) => bit('SD', at, 'RO', 'FS, VS or XS is Dirty');

const machineOnly: readonly CsrField[] = [
  bit('MIE', 3, 'RW', 'interrupts are enabled in M-mode'),
  bit('MPIE', 7, 'RW', 'MIE before the last trap to M-mode'),
  field('MPP', [12, 11], 'WARL', 'mode before the last trap to M-mode', { 0: 'U', 1: 'S', 3: 'M' }),
  bit('MPRV', 17, 'RW', 'loads and stores are made with the privilege in MPP'),
  bit('TVM', 20, 'RW', 'S-mode may not touch satp nor execute sfence.vma'),
  bit('TW', 21, 'RW', 'wfi below M-mode is illegal where it would wait'),
  bit('TSR', 22, 'RW', 'S-mode may not execute sret'),
];

const endianness = (sbe: number) => [
  bit('SBE', sbe, 'RO', 'S-mode data is big-endian'),
  bit('MBE', sbe + 1, 'RO', 'M-mode data is big-endian'),
];

const common = [SIE, SPIE, UBE, SPP, VS, FS, XS, SUM, MXR];
const supervisor32 = [...common, dirty(31)];
const supervisor64 = [...common, UXL, dirty(63)];
const machine32 = inOrder([...supervisor32, ...machineOnly]);
const machine64 = inOrder([
  ...supervisor64,
  ...machineOnly,
  field('SXL', [35, 34], 'RO', 'XLEN of S-mode', widths),
  ...endianness(36),
]);

function inOrder(fields: readonly CsrField[]): readonly CsrField[] {
  return [...fields].sort((a, b) => a.bits[1] - b.bits[1]);
}

const machine = {
  name: 'mstatus',
  number: 0x300,
  extension: 'M',
  text: 'Interrupt enables, the stack of modes of traps, and switches of memory privilege.',
  rule: 'mstatus_sz_acc',
} as const;

const supervisor = {
  name: 'sstatus',
  number: 0x100,
  extension: 'S',
  text: 'The part of mstatus that S-mode sees.',
  rule: 'sstatus',
} as const;

const bothTo64 = 0xa_0000_0000n;

export const statusCsrs: readonly CsrRow[] = [
  { ...supervisor, xlen: 32, fields: supervisor32, viewOf: { csr: 'mstatus', mask: maskOfAll(supervisor32) } },
  {
    ...supervisor,
    xlen: 64,
    fields: supervisor64,
    viewOf: { csr: 'mstatus', mask: maskOfAll(supervisor64) },
    reset: 0x2_0000_0000n,
  },
  { ...machine, xlen: 32, fields: machine32 },
  { ...machine, xlen: 64, fields: machine64, reset: bothTo64 },
  {
    name: 'mstatush',
    number: 0x310,
    extension: 'M',
    xlen: 32,
    fields: endianness(4),
    text: 'The upper half of mstatus on RV32.',
    rule: 'mstatush_sz_acc',
  },
];
