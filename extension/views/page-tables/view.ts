// The Page Tables view.

import type { SessionTracker } from '../../debug/session.ts';
import { Views } from '../../manifest.ts';
import { LazyTree } from '../tree.ts';
import { rootRow, type TableQuery, tableRow } from './rows.ts';

export function pageTablesView(tracker: SessionTracker): LazyTree<TableQuery> {
  return new LazyTree<TableQuery>(Views.pageTables, tracker, async (table) => {
    if (!table) return (await tracker.ask('pagewalk/roots', {})).roots.map(rootRow);
    const { rows } = await tracker.ask('pagewalk/table', table);
    return rows.map((row) => tableRow(row, { root: table.root, mode: table.mode }));
  });
}
