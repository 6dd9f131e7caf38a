// Kernel Address Map: what one root maps, in runs that are contiguous in virtual and physical addresses.

import type { BodyOf, MapRow } from '../../../debug-adapter/protocol/requests.ts';
import { Commands } from '../../manifest.ts';
import { permissionIcon } from '../page-tables/rows.ts';
import { code, factTable, type Row } from '../row.ts';
import { countText, inSpace, rangeText, short, sizeText } from '../text.ts';

type Space = { readonly root: string; readonly mode: string };

export function mapRow(row: MapRow, space: Space): Row<never> {
  const executable = row.permissions.includes('X');
  const writable = row.permissions.includes('W');
  const reference = inSpace(row.va, space);
  const letters = `${row.permissions}${row.user ? ' U' : ''}`;
  return {
    id: row.id,
    label: rangeText(row.va, row.vaEnd),
    description: [row.region, letters, sizeText(row.size), `→ pa:${short(row.pa)}`].filter(Boolean).join('  '),
    tooltip: factTable([
      ['Region', row.region],
      ['Virtual', code(rangeText(row.va, row.vaEnd))],
      ['Physical', code(rangeText(row.pa, `0x${(BigInt(row.pa) + BigInt(row.size) - 1n).toString(16)}`))],
      ['Size', `${sizeText(row.size)} in leaves of ${sizeText(row.pageSize)}`],
      ['Permissions', `${code(letters)}${row.writableAndExecutable ? ': writable and executable' : ''}`],
      ['Flags', [row.global && 'global', row.accessed && 'accessed', row.dirty && 'dirty'].filter(Boolean).join(', ')],
      ['Memory type', row.memoryType],
      ['', row.changed ? 'Changed since the last stop' : undefined],
    ]),
    icon: permissionIcon(executable, writable),
    mark: row.writableAndExecutable ? 'danger' : row.changed ? 'changed' : undefined,
    memory: reference,
    ...(executable && { code: reference }),
    value: `${rangeText(row.va, row.vaEnd)} → pa:${short(row.pa)} ${letters} ${row.region}`,
    virtual: short(row.va),
    physical: short(row.pa),
    mapping: `${short(row.va)}+${short(row.size)}`,
    click: executable ? 'code' : 'memory',
  };
}

/** The row that asks for the rest. */
function moreRow(left: number): Row<never> {
  const text = `${countText(left)} more runs`;
  return { id: 'more', label: `Show more (${text})`, tooltip: text, icon: 'ellipsis', click: Commands.showMoreOfMap };
}

/** Rows of one answer, and one for what it left off. */
export function mapRows(body: BodyOf<'pagewalk/map'>): Row<never>[] {
  const rows = body.rows.map((row) => mapRow(row, body));
  return body.next === undefined ? rows : [...rows, moreRow(body.total - rows.length)];
}

/** What stands beside the view's title: which root, and the filter. */
export function mapTitle(body: BodyOf<'pagewalk/map'> | undefined, filter: string): string {
  const space = body?.total || body?.rows.length ? `${body.mode} · pa:${short(body.root)}` : '';
  return [space, filter && `“${filter}”`].filter(Boolean).join(' · ');
}
