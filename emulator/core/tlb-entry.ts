// Where the entry of an address is in a translation table, and what its tags say.

import { type I32, type I64, i32, i64, select } from '../wasm/code.ts';
import { EMPTY_FIRST, tlbEntries, tlbEntryBytes } from './layout.ts';

/** What is to lie on one page: bytes from an address on, which must be a multiple of `align`. */
export interface Range {
  readonly length: number;
  readonly align: number;
}

/** The address of the TLB entry for `address`. */
export function entryOf(table: I32, address: I64): I32 {
  const shift = 12 - Math.log2(tlbEntryBytes);
  const offset = i32.and(i32.wrap(i64.shrU(address, i64.const(shift))), i32.const((tlbEntries - 1) * tlbEntryBytes));
  return i32.add(table, offset);
}

/** The tag of an entry that holds nothing. */
export const emptyTag = (isFirst: I32): I64 => select(i64.const(EMPTY_FIRST), i64.const(0), isFirst);

/** From a tag to an address, in units of alignment; large where there is a rest, as where the address is before the tag. */
export function distanceFrom(tag: I64, address: I64, { align }: Range): I64 {
  const bytes = i64.sub(address, tag);
  return align === 1 ? bytes : i64.rotr(bytes, i64.const(Math.log2(align)));
}

/** The largest distance of a range that ends in its page. */
export const lastDistance = ({ length, align }: Range): number => Math.floor((4096 - length) / align);

/**
 * Whether a tag of the entry of `address` does not hold the whole range from there: it is no page's or another page's, the range
 * goes on in the next page, or is not aligned. One comparison does for all that: see AWAY.
 */
export function misses(tag: I64, address: I64, range: Range): I32 {
  return i64.gtU(distanceFrom(tag, address, range), i64.const(lastDistance(range)));
}

/** The opposite. */
export function holds(tag: I64, address: I64, range: Range): I32 {
  return i64.ltU(distanceFrom(tag, address, range), i64.const(lastDistance(range) + 1));
}
