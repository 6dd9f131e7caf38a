// The CSRs that the machine has, in groups, each with its fields.

import { type CsrRow, privilegeOf } from '../../emulator/csr/row.ts';
import { csrs } from '../../emulator/csr/table.ts';
import { Privilege } from '../../emulator/inspection.ts';
import { holdsAddress, load } from '../expressions/index.ts';
import { fieldWord } from '../expressions/names.ts';
import type { CsrValueRow } from '../protocol/requests.ts';
import { type Children, locationRow, type Row, type View } from './row.ts';
import { walkAs, walkRow } from './translation.ts';

const MSTATUS = 0x300;

export type CsrGroup = CsrValueRow['group'];

export const csrGroups: readonly CsrGroup[] = ['Supervisor', 'Machine', 'Counters', 'Floating point', 'PMP'];

export function groupOf({ name, number }: CsrRow): CsrGroup {
  if (number <= 3) return 'Floating point';
  if (name.startsWith('pmp')) return 'PMP';
  const counters = (number >= 0xc00 && number < 0xca0) || (number >= 0xb00 && number < 0xba0);
  if (counters || (number >= 0x320 && number < 0x340)) return 'Counters';
  return privilegeOf(number) === 1 ? 'Supervisor' : 'Machine';
}

/** The rows of the table that exist on this machine. */
export function presentCsrs({ scope: { machine, hart } }: View): CsrRow[] {
  return csrs.filter((row) => (row.xlen ?? machine.xlen) === machine.xlen && hart.csr(row.number) !== undefined);
}

export function csrGroupRows(view: View): Row[] {
  const present = presentCsrs(view);
  return csrGroups.flatMap((group) => {
    const rows = present.filter((row) => groupOf(row) === group);
    if (rows.length === 0) return [];
    const children: Children = { rows: (now) => rows.map((row) => csrRow(now, row)) };
    return [{ name: group, value: `${rows.length} registers`, children }];
  });
}

function csrRow(view: View, row: CsrRow): Row {
  const { bits } = load(view.scope, { kind: 'csr', row });
  const code = /tvec$/.test(row.name) ? bits & ~3n : /epc$/.test(row.name) ? bits : 0n;
  const more = { type: row.text, children: csrChildren(row), ...(code !== 0n && { code }) };
  return locationRow(view, row.name, { kind: 'csr', row }, more);
}

/** The fields, the highest bits first as the manual draws them; of a register that holds an address also its translation. */
export function csrChildren(row: CsrRow): Children {
  return {
    rows(view) {
      const fields = [...row.fields].reverse().map((field) => {
        const [high, low] = field.bits;
        return locationRow(
          view,
          field.name,
          { kind: 'field', row, field },
          {
            evaluateName: `${row.name}.${fieldWord(field)}`,
            type: `${high === low ? `bit ${low}` : `bits ${high}:${low}`}: ${field.text}`,
          },
        );
      });
      const { bits } = load(view.scope, { kind: 'csr', row });
      if (bits === 0n || !holdsAddress(row)) return fields;
      const address = row.name.endsWith('tvec') ? bits & ~3n : bits;
      const access = row.name.endsWith('tval') ? 'load' : 'fetch';
      const make = (now: View) => walkAs(now, privilegeAt(now, row), address, access);
      return [...fields, walkRow(view, 'translation', make)];
    },
  };
}

/** The privilege at which the address in a trap CSR is used: a vector's own, else that of what was interrupted. */
function privilegeAt({ scope: { hart } }: View, { name }: CsrRow): Privilege {
  const status = hart.csr(MSTATUS) ?? 0n;
  if (name.startsWith('s')) return name === 'stvec' || (status >> 8n) & 1n ? Privilege.S : Privilege.U;
  return name === 'mtvec' ? Privilege.M : (Number((status >> 11n) & 3n) as Privilege);
}
