// Physical memory protection (privileged manual, "Physical Memory Protection CSRs"). All 64 entries are data here; a
// machine implements the first few, the rest read as zero.

import { field } from './fields.ts';
import type { CsrField, CsrRow } from './row.ts';

const lock = 0x80;
const matching = ['OFF', 'TOR', 'NA4', 'NAPOT'];

/** The legal values of a configuration byte with their names; W without R is reserved (rule pmp_rwx_warl). */
const configurations: Readonly<Record<number, string>> = Object.fromEntries(
  Array.from({ length: 256 }, (_, byte) => byte)
    .filter((byte) => (byte & 0x60) === 0 && (byte & 3) !== 2)
    .map((byte) => [byte, configurationText(byte)]),
);

/** `NAPOT RWX locked`. */
function configurationText(byte: number): string {
  const permissions = `${byte & 1 ? 'R' : '-'}${byte & 2 ? 'W' : '-'}${byte & 4 ? 'X' : '-'}`;
  return `${matching[(byte >> 3) & 3]} ${permissions}${byte & lock ? ' locked' : ''}`;
}

function configurationFields(first: number, count: number): CsrField[] {
  return Array.from({ length: count }, (_, index) =>
    field(
      `pmp${first + index}cfg`,
      [index * 8 + 7, index * 8],
      'WARL',
      `matching, permissions and lock of entry ${first + index}`,
      configurations,
    ),
  );
}

/** pmpcfgN; RV64 has only the even ones, of eight entries each. */
function configurationRow(index: number, xlen: 32 | 64): CsrRow {
  const count = xlen / 8;
  return {
    name: `pmpcfg${index}`,
    number: 0x3a0 + index,
    extension: 'PMP',
    xlen,
    fields: configurationFields(index * 4, count),
    text: `Configuration of PMP entries ${index * 4} to ${index * 4 + count - 1}.`,
    rule: xlen === 64 ? 'pmp_cfg_rv64_layout' : 'pmp_cfg_rv32_layout',
  };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

export const pmpCsrs: readonly CsrRow[] = [
  ...upTo(16).map((index) => configurationRow(index, 32)),
  ...upTo(8).map((index) => configurationRow(index * 2, 64)),
  ...upTo(64).map((index) => ({
    name: `pmpaddr${index}`,
    number: 0x3b0 + index,
    extension: 'PMP',
    fields: [field('address', [53, 0], 'WARL', 'bits 55 to 2 of a physical address')],
    text: `Address of PMP entry ${index}.`,
    rule: 'pmp_addr_registers',
  })),
];

/**
 * Whether pmpaddr of `entry` ignores writes: its entry is locked, or the next one is locked and begins there (TOR).
 * `configuration` gives the configuration byte of an entry (rule pmp_l_bit_write_protection).
 */
export function pmpAddressLocked(entry: number, configuration: (entry: number) => number): boolean {
  const next = entry < 63 ? configuration(entry + 1) : 0;
  return (configuration(entry) & lock) !== 0 || ((next & lock) !== 0 && ((next >> 3) & 3) === 1);
}

/** A configuration register after a write: locked entries stay, an illegal byte stays, the rest is taken. */
export function legalisePmpConfiguration(row: CsrRow, old: bigint, written: bigint, entries: number): bigint {
  const first = Number(row.fields[0]?.name.match(/\d+/)?.[0]);
  let held = 0n;
  row.fields.forEach((_, index) => {
    if (first + index >= entries) return;
    const shift = BigInt(index * 8);
    const before = Number((old >> shift) & 0xffn);
    const wanted = Number((written >> shift) & 0xffn) & ~0x60;
    const kept = before & lock || !(wanted in configurations) ? before : wanted;
    held |= BigInt(kept) << shift;
  });
  return held;
}
