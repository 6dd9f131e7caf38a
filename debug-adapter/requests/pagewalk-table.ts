// One page table as rows of the Page Tables view.

import { hex64, virt } from '../../emulator/address.ts';
import { UserError } from '../../emulator/user-error.ts';
import { type AddressSpace, listTable, malformationText, rootTable, type TableEntry } from '../../kernel/index.ts';
import type { Layout } from '../../kernel/layouts/index.ts';
import { markChanges } from '../changes.ts';
import type { ArgumentsOf, BodyOf } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';
import { layoutOf } from '../variables/index.ts';
import { numberFrom, physicalFrom, spaceMeant } from './pagewalk-space.ts';

export function pagewalkTable(
  session: SessionContext,
  { root, mode, table, level, va }: ArgumentsOf<'pagewalk/table'>,
): BodyOf<'pagewalk/table'> {
  const { machine, stop } = session;
  const hart = session.hart();
  const space = spaceMeant(session, hart, root, mode);
  if (!space) throw new UserError('"root" is missing: name the page table to read.');
  const whole = rootTable(space);
  const place =
    table === undefined
      ? whole
      : {
          table: physicalFrom('table', table),
          level: Math.min(Math.max(level ?? 0, 0), whole.level),
          va: virt(va === undefined ? 0n : numberFrom('va', va)),
        };
  const layout = layoutOf(session, hart);
  const rows = listTable(machine, space, place).map((entry) => toRow(entry, space, layout, place.table));
  return { stop, rows: markChanges(session, `table ${space.mode.name} ${space.root} ${place.table}`, rows) };
}

function toRow(entry: TableEntry, space: AddressSpace, layout: Layout, table: bigint) {
  const { kind, level, firstIndex, lastIndex, pteAddress, pte, va, vaEnd, target, pageSize, flags } = entry;
  return {
    id: `${space.mode.name}@${hex64(space.root)}/${hex64(table)}/${hex64(va)}/${firstIndex}`,
    kind,
    level,
    firstIndex,
    lastIndex,
    pteAddress: hex64(pteAddress),
    pte: hex64(pte.raw),
    va: hex64(va),
    vaEnd: hex64(vaEnd),
    target: hex64(target),
    pageSize: hex64(pageSize),
    flags,
    name: nameOf(entry, space, layout),
    ...(entry.kind === 'pointer' && {
      children: { table: hex64(entry.children.table), level: entry.children.level, va: hex64(entry.children.va) },
    }),
  };
}

function nameOf(entry: TableEntry, space: AddressSpace, layout: Layout): string {
  if (entry.kind === 'malformed')
    return malformationText(entry.reason, entry.pte, entry.level, space.mode) ?? entry.reason;
  const { va, vaEnd, target, pte, pageSize } = entry;
  if (entry.kind === 'leaf') return layout.nameOf({ va, pa: target, size: vaEnd - va + 1n, u: pte.u, pageSize });
  return layout.regionAt(va);
}
