// CSRs: by group, each with its reading, and its fields below it.

import type { CsrFieldRow, CsrValueRow } from '../../../debug-adapter/protocol/requests.ts';
import { code, factTable, type Row } from '../row.ts';
import { short } from '../text.ts';

/** CSRs whose value is an address that the memory document can show. */
const addresses = /^([sm](tvec|epc|tval|scratch))$/;

function fieldRow(csr: CsrValueRow, field: CsrFieldRow): Row<never> {
  const bits = field.bits.includes(':') ? `bits ${field.bits}` : `bit ${field.bits}`;
  return {
    id: `${csr.name}.${field.name}`,
    label: field.name,
    description: `${field.text}  ${bits}`,
    tooltip: factTable([
      ['Field', `${csr.name}.${field.name}, ${bits}`],
      ['Value', `${code(short(field.value))}${field.text === short(field.value) ? '' : ` ${field.text}`}`],
      ['Meaning', field.meaning],
    ]),
    icon: 'symbol-field',
    mark: field.changed ? 'changed' : undefined,
    value: short(field.value),
  };
}

function csrRow(csr: CsrValueRow): Row<never> {
  const address = addresses.test(csr.name) && BigInt(csr.value) !== 0n ? short(csr.value) : undefined;
  return {
    id: csr.name,
    label: csr.name,
    description: [short(csr.value), csr.summary]
      .filter((text, index, all) => text && all.indexOf(text) === index)
      .join('  '),
    tooltip: [
      `**${csr.name}** (CSR 0x${csr.number.toString(16).padStart(3, '0')}) ${csr.meaning}`,
      factTable([
        ['Value', code(csr.value)],
        ['Reads as', csr.summary],
        ...csr.fields.map((field) => [`${field.name} [${field.bits}]`, field.text] as const),
      ]),
    ].join('\n\n'),
    icon: 'symbol-constant',
    mark: csr.changed ? 'changed' : undefined,
    value: csr.value,
    ...(address && { memory: address, virtual: address }),
    children: csr.fields.map((field) => fieldRow(csr, field)),
  };
}

/** What paging depends on comes first. */
const groups: readonly CsrValueRow['group'][] = ['Supervisor', 'Machine', 'PMP', 'Counters', 'Floating point'];

/** One row for each group that has CSRs. */
export function groupRows(csrs: readonly CsrValueRow[]): Row<never>[] {
  return groups.flatMap((group) => {
    const members = csrs.filter((csr) => csr.group === group);
    if (!members.length) return [];
    const changed = members.filter((csr) => csr.changed).length;
    return {
      id: `group-${group}`,
      label: group,
      description: changed ? `${changed} changed` : `${members.length}`,
      tooltip: `${members.length} registers, ${changed} changed since the last stop`,
      children: members.map(csrRow),
      expanded: group === 'Supervisor',
    };
  });
}
