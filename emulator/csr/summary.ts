// A CSR's value in words: field by field, and in one line.

import { hex, paText, phys } from '../address.ts';
import { causeText, exceptionNames, interruptNames } from './causes.ts';
import { maskOf } from './fields.ts';
import type { CsrField, CsrRow } from './row.ts';

export interface FieldValue {
  readonly field: CsrField;
  readonly value: bigint;
  /** The value's name, where it has one. */
  readonly name?: string;
}

/** The fields of a value, in the table's order (ascending bits). */
export function readFields(row: CsrRow, value: bigint): FieldValue[] {
  return row.fields.map((field) => {
    const content = (value & maskOf(field)) >> BigInt(field.bits[1]);
    const name = isCause(row) && field.policy === 'WLRL' ? causeName(row, value) : field.values?.[Number(content)];
    return { field, value: content, ...(name !== undefined && { name }) };
  });
}

/** One line: `Sv39, ASID 0, root pa:0x80210000`; `MPP=S MPIE SUM FS=Dirty`; `store page fault (15)`; `direct, 0x…`. */
export function summaryOf(row: CsrRow, value: bigint): string {
  if (row.name === 'satp') return satpText(row, value);
  if (row.name === 'misa') return misaText(row, value);
  if (isCause(row)) return causeText(value, row.xlen ?? 64);
  if (row.name.endsWith('tvec')) return `${named(row, value, 'MODE')}, ${hex(value & ~3n)}`;
  if (row.name.startsWith('pmpaddr')) return paText(phys(value << 2n));
  if (row.name.startsWith('pmpcfg')) return pmpText(row, value);
  if (row.name.endsWith('status')) return statusText(row, value);
  const [first] = row.fields;
  if (row.fields.length === 1 && first && first.bits[0] !== first.bits[1]) return named(row, value, first.name);
  return row.fields.length === 0 ? hex(value) : setFields(readFields(row, value)) || 'none';
}

const isCause = (row: CsrRow) => row.name === 'mcause' || row.name === 'scause';

function causeName(row: CsrRow, value: bigint): string | undefined {
  const top = 1n << BigInt((row.xlen ?? 64) - 1);
  return (value & top ? interruptNames : exceptionNames)[Number(value & (top - 1n))];
}

/** The value of a field by name, or in hexadecimal. */
function named(row: CsrRow, value: bigint, name: string): string {
  const found = readFields(row, value).find(({ field }) => field.name === name);
  return found?.name ?? hex(found?.value ?? value);
}

/** `SUM FS=Dirty`: names of bits that are 1, and of wider fields with their values where these are not 0. */
function setFields(fields: readonly FieldValue[]): string {
  return fields
    .filter(({ value }) => value !== 0n)
    .map((each) => (each.field.bits[0] === each.field.bits[1] && !each.name ? each.field.name : withValue(each)))
    .join(' ');
}

function withValue({ field, value, name }: FieldValue): string {
  return `${field.name}=${name ?? hex(value)}`;
}

/** Modes of traps first, what never varies not at all. */
function statusText(row: CsrRow, value: bigint): string {
  const order = [
    'MPP',
    'MPIE',
    'MIE',
    'SPP',
    'SPIE',
    'SIE',
    'MPRV',
    'SUM',
    'MXR',
    'TVM',
    'TW',
    'TSR',
    'FS',
    'VS',
    'XS',
  ];
  const fields = readFields(row, value);
  const sorted = order.flatMap((name) => fields.filter(({ field }) => field.name === name));
  const [first, ...others] = sorted;
  if (!first) return setFields(fields) || 'little-endian';
  return [withValue(first), setFields(others)].filter(Boolean).join(' ');
}

function satpText(row: CsrRow, value: bigint): string {
  const [ppn, asid, mode] = readFields(row, value);
  if (!ppn || !asid || !mode || mode.value === 0n) return 'Bare';
  return `${mode.name ?? `reserved mode ${mode.value}`}, ASID ${asid.value}, root ${paText(phys(ppn.value << 12n))}`;
}

/** `RV64IMAFDCSU`: the letters in the order of the ISA naming conventions. */
function misaText(row: CsrRow, value: bigint): string {
  const canonical = 'IEMAFDQCBVXSUH';
  const set = new Set(readFields(row, value).flatMap(({ field, value: content }) => (content ? [field.name] : [])));
  return `RV${named(row, value, 'MXL')}${[...canonical].filter((letter) => set.has(letter)).join('')}`;
}

function pmpText(row: CsrRow, value: bigint): string {
  const active = readFields(row, value).filter((each) => each.value !== 0n);
  return (
    active.map(({ field, name, value: content }) => `${field.name} ${name ?? hex(content)}`).join(', ') || 'all off'
  );
}
