// Where the entry of an address is in a translation table.

import { type I32, type I64, i32, i64 } from '../wasm/code.ts';
import { tlbEntries, tlbEntryBytes } from './layout.ts';

/** The address of the TLB entry for `address`. */
export function entryOf(table: I32, address: I64): I32 {
  const shift = 12 - Math.log2(tlbEntryBytes);
  const offset = i32.and(i32.wrap(i64.shrU(address, i64.const(shift))), i32.const((tlbEntries - 1) * tlbEntryBytes));
  return i32.add(table, offset);
}
