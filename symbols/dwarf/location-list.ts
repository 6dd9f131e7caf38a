// Location lists: where a variable is depends on where the code is (DWARF 5, section 2.6.2 "Location Lists").

import { At } from './constants.ts';
import { Cursor, DwarfError, within } from './cursor.ts';
import { indexed, listOffset, withMore } from './ranges.ts';
import type { Unit } from './unit.ts';

/** An expression, and the addresses at which it holds; no addresses = wherever no other one does. */
export interface LocationSpan {
  readonly start: bigint;
  readonly end: bigint;
  readonly expression: Uint8Array;
  readonly isDefault: boolean;
}

type List = { readonly offset: number } | { readonly index: number };

/** The expression of a list that holds at an address. */
export function expressionAt(unit: Unit, list: List, address: bigint): Uint8Array | undefined {
  let otherwise: Uint8Array | undefined;
  return (
    read(unit, list, ({ start, end, expression, isDefault }) => {
      if (isDefault) otherwise = expression;
      return !isDefault && address >= start && address < end ? expression : undefined;
    }) ?? otherwise
  );
}

/** Every span of a list, in its order. */
export function locationSpans(unit: Unit, list: List): LocationSpan[] {
  let spans: LocationSpan[] = [];
  read(unit, list, (span, isFirst) => {
    if (isFirst) spans = [];
    spans.push(span);
    return undefined;
  });
  return spans;
}

type Visit = (span: LocationSpan, isFirst: boolean) => Uint8Array | undefined;

/** Visits the spans until one is accepted. */
function read(unit: Unit, list: List, visit: Visit): Uint8Array | undefined {
  return within(unit.version >= 5 ? '.debug_loclists' : '.debug_loc', () => readList(unit, list, visit));
}

function readList(unit: Unit, list: List, visit: Visit): Uint8Array | undefined {
  const format = unit.version >= 5 ? newFormat : unit.skeleton ? splitFormat : oldFormat;
  const section = unit.sections.open(unit.version >= 5 ? '.debug_loclists' : '.debug_loc');
  let at: number;
  if ('offset' in list) at = list.offset;
  else {
    const base = unit.listsBase(At.loclistsBase);
    at = base + listOffset(section.read(base + list.index * unit.offsetSize, unit.offsetSize));
  }
  return withMore(
    (size) => new Cursor(section.read(at, size)),
    (cursor) => {
      let isFirst = true;
      for (let from = unit.baseAddress; ; ) {
        const entry = format(unit, cursor, from);
        if (entry === undefined) return undefined;
        if (typeof entry === 'bigint') from = entry;
        else {
          const accepted = visit(entry, isFirst);
          if (accepted) return accepted;
          isFirst = false;
        }
      }
    },
  );
}

/** Reads one entry: a span, a new base address, or undefined at the end. */
type Format = (unit: Unit, cursor: Cursor, base: bigint) => LocationSpan | bigint | undefined;

/** .debug_loc, before DWARF 5. */
function oldFormat({ addressSize }: Unit, cursor: Cursor, base: bigint): LocationSpan | bigint | undefined {
  const start = cursor.address(addressSize);
  const end = cursor.address(addressSize);
  if (start === 0n && end === 0n) return undefined;
  if (start === (addressSize === 8 ? 0xffffffffffffffffn : 0xffffffffn)) return end;
  return { start: base + start, end: base + end, expression: cursor.take(cursor.u16()), isDefault: false };
}

/** .debug_loc.dwo, GNU's for DWARF 4. */
function splitFormat(unit: Unit, cursor: Cursor, base: bigint): LocationSpan | bigint | undefined {
  const kind = cursor.u8();
  if (kind === 0) return undefined;
  if (kind === 1) return indexed(unit, cursor);
  let [start, end] = [base, base];
  if (kind === 2) {
    start = indexed(unit, cursor);
    end = indexed(unit, cursor);
  } else if (kind === 3) {
    start = indexed(unit, cursor);
    end = start + BigInt(cursor.u32());
  } else if (kind === 4) {
    start = base + BigInt(cursor.u32());
    end = base + BigInt(cursor.u32());
  } else throw new DwarfError(`location list entry ${kind} is not known`);
  return { start, end, expression: cursor.take(cursor.u16()), isDefault: false };
}

/** DW_LLE_*. */
const Kind = {
  end: 0,
  basex: 1,
  startxEndx: 2,
  startxLength: 3,
  offsets: 4,
  otherwise: 5,
  base: 6,
  startEnd: 7,
  startLength: 8,
  viewPair: 9,
};

/** .debug_loclists, since DWARF 5. */
const newFormat: Format = (unit, cursor, base) => {
  let kind = cursor.u8();
  // GNU's: numbers of views, of no use without a table of lines that has them.
  for (; kind === Kind.viewPair; kind = cursor.u8()) {
    cursor.skipLeb();
    cursor.skipLeb();
  }
  const { addressSize } = unit;
  if (kind === Kind.end) return undefined;
  if (kind === Kind.basex) return indexed(unit, cursor);
  if (kind === Kind.base) return cursor.address(addressSize);
  let [start, end] = [0n, 0n];
  if (kind === Kind.startxEndx) {
    start = indexed(unit, cursor);
    end = indexed(unit, cursor);
  } else if (kind === Kind.startxLength) {
    start = indexed(unit, cursor);
    end = start + cursor.uleb64();
  } else if (kind === Kind.offsets) {
    start = base + cursor.uleb64();
    end = base + cursor.uleb64();
  } else if (kind === Kind.startEnd) {
    start = cursor.address(addressSize);
    end = cursor.address(addressSize);
  } else if (kind === Kind.startLength) {
    start = cursor.address(addressSize);
    end = start + cursor.uleb64();
  } else if (kind !== Kind.otherwise) throw new DwarfError(`location list entry ${kind} is not known`);
  return { start, end, expression: cursor.take(cursor.uleb()), isDefault: kind === Kind.otherwise };
};
