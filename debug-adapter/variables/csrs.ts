// The CSRs that the machine has, in groups, each with its fields.

import { type CsrRow, privilegeOf } from '../../emulator/csr/row.ts';
import { csrs } from '../../emulator/csr/table.ts';
import { load } from '../expressions/index.ts';
import type { CsrValueRow } from '../protocol/requests.ts';
import { type Children, locationRow, type Row, type View } from './row.ts';
import { translationRow } from './translation.ts';

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
  return locationRow(view, row.name, { kind: 'csr', row }, { type: row.text, children: csrChildren(row) });
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
            evaluateName: `${row.name}.${field.name}`,
            type: `${high === low ? `bit ${low}` : `bits ${high}:${low}`}: ${field.text}`,
          },
        );
      });
      const { bits } = load(view.scope, { kind: 'csr', row });
      if (bits === 0n || !/(tvec|epc|tval)$/.test(row.name)) return fields;
      const address = row.name.endsWith('tvec') ? bits & ~3n : bits;
      const access = row.name.endsWith('tval') ? 'load' : 'fetch';
      return [...fields, translationRow(view, 'translation', { bits: address }, access)];
    },
  };
}
