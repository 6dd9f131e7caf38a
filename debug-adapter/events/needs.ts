// What a point needs to be told of, so that nothing else is made.

import type { EventKind, Interest } from '../../emulator/events.ts';
import { ExpectedTraps, type MappingsWanted, type WatchedFrames, type WatchedRange } from '../../kernel/index.ts';
import type { OccurrenceKind } from './occurrence.ts';

const SATP = 0x180;

export interface Needs {
  readonly kinds: readonly OccurrenceKind[];
  /** Of csr-write and csr-pending: which CSRs; absent = all. */
  readonly csrs?: readonly number[];
  readonly range?: WatchedRange;
  readonly frames?: WatchedFrames;
  /** The first use of the range's mapping, rather than its changes. */
  readonly use?: boolean;
  /** Of exceptions of U-mode whose handler is mapped it needs to hear no more at once than that so many, one after the other,
   * made no progress; absent = of each. */
  readonly patience?: number;
  /** Where the user has given no condition it is over when user space has run for the first time. */
  readonly untilUser?: boolean;
  /** A text to be printed. */
  readonly text?: { readonly id: number; readonly text: string };
}

/** The machine's events from which the others are made. */
const sources: Partial<Record<OccurrenceKind, readonly EventKind[]>> = {
  privilege: ['trap', 'trap-return'],
  'paging-start': ['csr-write', 'trap', 'trap-return'],
  'jump-unmapped': ['trap'],
  'pte-write': ['csr-write', 'table-write'],
  'map-change': ['csr-write', 'table-write'],
  'map-frame': ['csr-write', 'table-write'],
  'map-wx': ['csr-write', 'table-write'],
  'map-malformed': ['csr-write', 'table-write'],
  'first-use': ['csr-write', 'table-write', 'page-use'],
  console: [],
};

/** Whether nobody of `needs` has to hear of writes to satp at once. */
export function maySatpWait(needs: readonly Needs[]): boolean {
  const isWrite = (kind: EventKind) => kind === 'csr-write' || kind === 'csr-pending';
  return needs.every(
    ({ kinds, csrs }) =>
      !kinds.some((kind) => (sources[kind] ?? [kind as EventKind]).some(isWrite)) ||
      (csrs !== undefined && !csrs.includes(SATP)),
  );
}

/** How many such exceptions may be told of later for all of `needs`; undefined = none. */
export function patienceOf(needs: readonly Needs[]): number | undefined {
  const isTrap = (kind: EventKind) => kind === 'trap' || kind === 'trap-return';
  const ofTraps = needs.filter(({ kinds }) =>
    kinds.some((kind) => (sources[kind] ?? [kind as EventKind]).some(isTrap)),
  );
  const most = Math.min(...ofTraps.map(({ patience }) => patience ?? 0));
  return most > 0 ? most : undefined;
}

/** What the machine has to tell for all of `needs`, and in any case of what judging traps needs (and `always`). */
export function interestOf(needs: readonly Needs[], always: readonly EventKind[]): Interest {
  const kinds = new Set<EventKind>(['csr-write', ...always]);
  let everyCsr = false;
  const csrs = new Set<number>(ExpectedTraps.csrs);
  for (const { kinds: wanted, csrs: named } of needs) {
    for (const kind of wanted) for (const source of sources[kind] ?? [kind as EventKind]) kinds.add(source);
    if (!wanted.includes('csr-write') && !wanted.includes('csr-pending')) continue;
    if (named) for (const csr of named) csrs.add(csr);
    else everyCsr = true;
  }
  return { kinds: [...kinds], ...(!everyCsr && { csrs: [...csrs] }) };
}

export function mappingsOf(needs: readonly Needs[]): MappingsWanted {
  const wants = (kind: OccurrenceKind) => needs.some(({ kinds }) => kinds.includes(kind));
  return {
    ranges: needs.flatMap(({ range }) => (range ? [range] : [])),
    frames: needs.flatMap(({ frames }) => (frames ? [frames] : [])),
    writes: wants('pte-write'),
    writableAndExecutable: wants('map-wx'),
    malformed: wants('map-malformed'),
  };
}
