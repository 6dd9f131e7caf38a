// The Kernel Address Map: merged runs of a root, filtered and page by page.

import { hex64, plus } from '../../emulator/address.ts';
import { sizeText } from '../../emulator/mmu/modes.ts';
import { permissionsText } from '../../emulator/mmu/pte.ts';
import { type AddressSpace, type MapRun, mappings, rootId } from '../../kernel/index.ts';
import type { Layout } from '../../kernel/layouts/index.ts';
import { markChanges } from '../changes.ts';
import type { ArgumentsOf, BodyOf } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';
import { layoutOf } from '../variables/index.ts';
import { spaceMeant } from './pagewalk-space.ts';

/** Rows of one answer, unless the client asks for another number. */
const PAGE = 1000;

/** `filter` keeps the rows in whose addresses, sizes, permissions or names it occurs. */
export function pagewalkMap(
  session: SessionContext,
  { root, mode, cursor = 0, count = PAGE, filter = '' }: ArgumentsOf<'pagewalk/map'>,
): BodyOf<'pagewalk/map'> {
  const { machine, stop } = session;
  const hart = session.hart();
  const space = spaceMeant(session, hart, root, mode);
  if (!space) return { stop, root: hex64(0n), mode: 'Bare', rows: [], total: 0 };
  const layout = layoutOf(session, hart);
  const rows = [...mappings(machine, space)].map((run) => toRow(run, space, layout));
  const marked = markChanges(session, `map ${rootId(space.mode, space.root)}`, rows);
  const kept = filter ? marked.filter((row) => matches(row, filter.toLowerCase())) : marked;
  const end = cursor + count;
  return {
    stop,
    root: hex64(space.root),
    mode: space.mode.name,
    rows: kept.slice(cursor, end),
    ...(end < kept.length && { next: end }),
    total: kept.length,
  };
}

function toRow(run: MapRun, space: AddressSpace, layout: Layout) {
  const { va, pa, size, pageSize, u, g, accessed, dirty, memoryType, w, x } = run;
  return {
    id: `${rootId(space.mode, space.root)}/${hex64(va)}`,
    va: hex64(va),
    vaEnd: hex64(plus(va, size - 1n)),
    pa: hex64(pa),
    size: hex64(size),
    pageSize: hex64(pageSize),
    permissions: permissionsText(run),
    user: u,
    global: g,
    accessed: accessed !== 'none',
    dirty: dirty !== 'none',
    memoryType,
    region: layout.nameOf(run),
    writableAndExecutable: w && x,
  };
}

function matches(row: ReturnType<typeof toRow>, text: string): boolean {
  const { va, vaEnd, pa, size, permissions, memoryType, region } = row;
  const words = [va, vaEnd, pa, sizeText(BigInt(size)), permissions, memoryType, region];
  return words.some((word) => word.toLowerCase().includes(text));
}
