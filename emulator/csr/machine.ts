// Machine-level CSRs (privileged manual, chapter "Machine-Level ISA"), without status, traps, counters and PMP.

import { cacheBlockSwitches } from './environment.ts';
import { bit, field, whole } from './fields.ts';
import type { CsrField, CsrRow } from './row.ts';

const letters: readonly [letter: string, text: string][] = [
  ['A', 'atomic instructions'],
  ['B', 'bit manipulation'],
  ['C', 'compressed instructions'],
  ['D', 'double-precision floating point'],
  ['E', 'sixteen integer registers'],
  ['F', 'single-precision floating point'],
  ['H', 'hypervisor'],
  ['I', 'base integer instructions'],
  ['M', 'multiplication and division'],
  ['Q', 'quad-precision floating point'],
  ['S', 'S-mode'],
  ['U', 'U-mode'],
  ['V', 'vectors'],
  ['X', 'non-standard extensions'],
];

const extensionFields = letters.map(([letter, text]) => bit(letter, letter.charCodeAt(0) - 65, 'RO', text));
const widths = { 1: '32', 2: '64' };

function misa(xlen: 32 | 64): CsrRow {
  return {
    name: 'misa',
    number: 0x301,
    extension: 'M',
    xlen,
    fields: [...extensionFields, field('MXL', [xlen - 1, xlen - 2], 'RO', 'XLEN of M-mode', widths)],
    text: 'XLEN and the single-letter extensions; fixed in this machine.',
    rule: 'misa_acc',
  };
}

function constant(name: string, number: number, text: string, rule: string): CsrRow {
  return { name, number, extension: 'M', fields: whole(name, 'RO', 'fixed'), text, rule };
}

const environment = (base: number): readonly CsrField[] => [
  bit('ADUE', base - 3, 'WARL', 'hardware sets the A and D bits of PTEs (Svadu)'),
  bit('PBMTE', base - 2, 'WARL', 'PTEs carry memory types (Svpbmt)'),
  bit('STCE', base - 1, 'WARL', 'S-mode may use stimecmp (Sstc)'),
];

const fiom = bit('FIOM', 0, 'RW', "S-mode's and U-mode's fences of I/O also order memory");

const menvcfg = {
  name: 'menvcfg',
  number: 0x30a,
  extension: 'M',
  text: 'Switches of the environment of modes below M-mode.',
  rule: 'menvcfg_sz_acc',
} as const;

export const machineCsrs: readonly CsrRow[] = [
  constant('mvendorid', 0xf11, 'JEDEC code of the vendor; 0 = none.', 'mvendorid_sz_acc_op'),
  constant('marchid', 0xf12, 'The microarchitecture; 0 = not told.', 'marchid_sz_acc_op'),
  constant('mimpid', 0xf13, 'Version of the implementation; 0 = not told.', 'mimpid_op'),
  constant('mhartid', 0xf14, 'Number of this hart.', 'mhartid_sz_acc_op'),
  constant('mconfigptr', 0xf15, 'Address of a description of the machine; 0 = none.', 'mconfigptr_sz_acc'),
  misa(32),
  misa(64),
  { ...menvcfg, xlen: 32, fields: [fiom, ...cacheBlockSwitches] },
  { ...menvcfg, xlen: 64, fields: [fiom, ...cacheBlockSwitches, ...environment(64)] },
  {
    name: 'menvcfgh',
    number: 0x31a,
    extension: 'M',
    xlen: 32,
    fields: environment(32),
    text: 'The upper half of menvcfg on RV32.',
    rule: 'menvcfg_sz_acc',
  },
];
