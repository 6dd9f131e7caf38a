// The addresses that an entry covers (DWARF 5, section 2.17 "Code Addresses, Ranges and Base Addresses").

import { At } from './constants.ts';
import { Cursor, DwarfError, within } from './cursor.ts';
import type { Entry } from './entry.ts';
import type { Unit } from './unit.ts';

/** From `start` up to, not including, `end`. */
export interface Span {
  readonly start: bigint;
  readonly end: bigint;
}

/** More spans than any entry has. */
const maxSpans = 1 << 18;

/** The entry's spans in the order in which they are told, without empty ones. */
export function spansOf(entry: Entry): Span[] {
  const list = entry.list(At.ranges);
  if (list) return spansOfList(entry.unit, list);
  const start = entry.address(At.lowPc);
  if (start === undefined) return [];
  const end = entry.address(At.highPc) ?? start + (entry.constant(At.highPc) ?? 0n);
  return start < end ? [{ start, end }] : [];
}

/** The spans of a list that an entry of the unit refers to, likewise. */
export function spansOfList(unit: Unit, list: { readonly offset: number } | { readonly index: number }): Span[] {
  const isNew = unit.version >= 5;
  const spans = within(isNew ? '.debug_rnglists' : '.debug_ranges', () =>
    isNew ? rangeList(unit, list) : oldRangeList(unit, list),
  );
  return spans.filter(({ start, end }) => start < end);
}

export function covers(spans: readonly Span[], address: bigint): boolean {
  return spans.some(({ start, end }) => address >= start && address < end);
}

/** .debug_ranges, before DWARF 5. */
function oldRangeList(unit: Unit, list: { readonly offset: number } | { readonly index: number }): Span[] {
  const { addressSize, skeleton } = unit;
  const offset = 'offset' in list ? list.offset : 0;
  // GNU's split units count from a base that only their skeleton knows.
  const base = skeleton?.root.number(At.gnuRangesBase) ?? 0;
  const section = (skeleton ?? unit).sections.ahead('.debug_ranges');
  const select = addressSize === 8 ? 0xffffffffffffffffn : 0xffffffffn;
  return withMore(
    (size) => new Cursor(section.read(base + offset, size)),
    (cursor) => {
      const spans: Span[] = [];
      for (let from = unit.baseAddress; ; ) {
        const start = cursor.address(addressSize);
        const end = cursor.address(addressSize);
        if (start === 0n && end === 0n) return spans;
        if (start === select) from = end;
        else spans.push({ start: from + start, end: from + end });
      }
    },
  );
}

/** DW_RLE_*. */
const Kind = { end: 0, basex: 1, startxEndx: 2, startxLength: 3, offsets: 4, base: 5, startEnd: 6, startLength: 7 };

/** .debug_rnglists, since DWARF 5. */
function rangeList(unit: Unit, list: { readonly offset: number } | { readonly index: number }): Span[] {
  const section = unit.sections.ahead('.debug_rnglists');
  let at: number;
  if ('offset' in list) at = list.offset;
  else {
    const base = unit.listsBase(At.rnglistsBase);
    at = base + listOffset(section.read(base + list.index * unit.offsetSize, unit.offsetSize));
  }
  const { addressSize } = unit;
  // Lists are short: most end within the first bytes.
  return withMore(
    (size) => new Cursor(section.read(at, size)),
    (cursor) => {
      const spans: Span[] = [];
      for (let from = unit.baseAddress; spans.length < maxSpans; ) {
        const kind = cursor.u8();
        if (kind === Kind.end) return spans;
        if (kind === Kind.basex) from = indexed(unit, cursor);
        else if (kind === Kind.base) from = cursor.address(addressSize);
        else if (kind === Kind.offsets) {
          const start = from + cursor.uleb64();
          spans.push({ start, end: from + cursor.uleb64() });
        } else if (kind === Kind.startxEndx) {
          const start = indexed(unit, cursor);
          spans.push({ start, end: indexed(unit, cursor) });
        } else if (kind === Kind.startxLength) {
          const start = indexed(unit, cursor);
          spans.push({ start, end: start + cursor.uleb64() });
        } else if (kind === Kind.startEnd) {
          const start = cursor.address(addressSize);
          spans.push({ start, end: cursor.address(addressSize) });
        } else if (kind === Kind.startLength) {
          const start = cursor.address(addressSize);
          spans.push({ start, end: start + cursor.uleb64() });
        } else throw new DwarfError(`range list entry ${kind} is not known`);
      }
      throw new DwarfError('a range list is too long');
    },
  );
}

export function listOffset(bytes: Uint8Array): number {
  return Number(new Cursor(bytes).address(bytes.length));
}

export function indexed(unit: Unit, cursor: Cursor): bigint {
  const address = unit.addressOf(cursor.uleb());
  if (address === undefined) throw new DwarfError('an address index leads nowhere');
  return address;
}

/** Reads with few bytes first, and with many where those were not enough. */
export function withMore<T>(open: (size: number) => Cursor, read: (cursor: Cursor) => T): T {
  try {
    return read(open(1 << 10));
  } catch (error) {
    if (!(error instanceof DwarfError)) throw error;
    return read(open(1 << 22));
  }
}
