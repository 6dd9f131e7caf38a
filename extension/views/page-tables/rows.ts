// Page Tables: every root that a satp has held, and below it the present entries, level by level.

import type { ArgumentsOf, RootRow, TableRow } from '../../../debug-adapter/protocol/requests.ts';
import { code, factTable, type Row } from '../row.ts';
import { countText, inSpace, rangeText, short, sizeText } from '../text.ts';

export type TableQuery = ArgumentsOf<'pagewalk/table'>;

export function rootRow(root: RootRow): Row<TableQuery> {
  const active = root.harts.length > 0;
  const harts = `hart${root.harts.length === 1 ? '' : 's'} ${root.harts.join(', ')}`;
  const named = root.name !== '' && !root.name.startsWith('0x') && !root.name.startsWith('pa:');
  const place = `pa:${short(root.root)}`;
  return {
    id: root.id,
    label: named ? root.name : place,
    description: [root.mode, ...(named ? [place] : []), ...(active ? [harts] : [])].join(' · '),
    tooltip: factTable([
      ['Root', `${code(place)}${named ? ` (${root.name})` : ''}`],
      ['Mode', root.mode],
      ['ASIDs', root.asids.join(', ')],
      ['In satp of', active ? harts : 'no hart now'],
      ['First seen', `at instruction ${countText(root.firstSeen)}`],
    ]),
    icon: active ? 'type-hierarchy' : 'history',
    mark: root.changed ? 'changed' : undefined,
    memory: place,
    value: short(root.root),
    physical: short(root.root),
    root: { root: root.root, mode: root.mode },
    more: { root: root.root, mode: root.mode },
    expanded: active,
  };
}

/** The icon for what a leaf allows. */
export function permissionIcon(executable: boolean, writable: boolean): string {
  if (executable && writable) return 'warning';
  return executable ? 'code' : writable ? 'edit' : 'eye';
}

export function tableRow(row: TableRow, space: { readonly root: string; readonly mode: string }): Row<TableQuery> {
  const leaf = row.kind === 'leaf';
  const executable = leaf && row.flags.includes('X');
  const writable = leaf && row.flags.includes('W');
  const run = row.lastIndex > row.firstIndex;
  const count = BigInt(row.lastIndex - row.firstIndex + 1);
  const reference = inSpace(row.va, space);
  const target = `pa:${short(row.target)}`;
  const detail = leaf
    ? [row.name, row.flags, run ? `${count} × ${sizeText(row.pageSize)}` : sizeText(row.pageSize), `→ ${target}`]
    : row.kind === 'pointer'
      ? [row.name, `→ table ${target}`]
      : [row.name];
  const common: Row<TableQuery> = {
    id: row.id,
    label: `[${row.firstIndex}${run ? `–${row.lastIndex}` : ''}] ${short(row.va)}`,
    description: detail.filter(Boolean).join('  '),
    tooltip: factTable([
      ['Virtual', code(rangeText(row.va, row.vaEnd))],
      [leaf ? 'Physical' : row.kind === 'pointer' ? 'Next table' : '', leaf || row.children ? code(target) : undefined],
      ['Size', leaf ? `${sizeText(BigInt(row.pageSize) * count)} in leaves of ${sizeText(row.pageSize)}` : undefined],
      ['Flags', code(row.flags)],
      ['PTE', `${code(row.pte)} at ${code(`pa:${short(row.pteAddress)}`)}`],
      ['Level', `${row.level}, entry ${row.firstIndex}${run ? ` to ${row.lastIndex}` : ''}`],
      [leaf ? 'Maps' : row.kind === 'pointer' ? 'Below' : 'Malformed', row.name],
      ['', row.changed ? 'Changed since the last stop' : undefined],
    ]),
    icon: leaf ? permissionIcon(executable, writable) : row.kind === 'pointer' ? 'table' : 'error',
    mark: row.kind === 'malformed' || (executable && writable) ? 'danger' : row.changed ? 'changed' : undefined,
    entry: `pa:${short(row.pteAddress)}`,
    value: row.pte,
    virtual: short(row.va),
    physical: short(row.target),
    mapping: `${short(row.va)}+0x${(BigInt(row.vaEnd) - BigInt(row.va) + 1n).toString(16)}`,
  };
  if (row.children) return { ...common, memory: target, more: { ...space, ...row.children } };
  if (!leaf) return common;
  return {
    ...common,
    memory: reference,
    ...(executable && { code: reference }),
    click: executable ? 'code' : 'memory',
  };
}
