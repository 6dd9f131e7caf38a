// What the chunks of translation tables and caches were filled with since they were emptied last (Filled).

import { type I32, i32, i64, type Statement, sequence } from '../wasm/code.ts';
import { chunkBytes, chunksPerTable, hartOffset } from './layout.ts';

export const chunkLog2 = Math.log2(chunkBytes);

const chunkOf = (hart: I32, entry: I32) =>
  i32.shrU(i32.sub(entry, i32.add(hart, i32.const(hartOffset.tlb))), i32.const(chunkLog2));

/** What the chunk of tables or caches which `entry` lies in was filled with. */
export function filledWith(hart: I32, entry: I32): I32 {
  return i32.load8u(i32.add(hart, chunkOf(hart, entry)), hartOffset.chunks);
}

/** Remembers what the chunk of tables or caches which `entry` lies in is filled with. */
export function noteFilled(hart: I32, entry: I32, filled: I32): Statement {
  const at = i32.add(hart, chunkOf(hart, entry));
  const table = i32.shrU(chunkOf(hart, entry), i32.const(Math.log2(chunksPerTable)));
  const groups = i32.add(hart, i32.shl(table, i32.const(3)));
  // The number of bits to shift by is taken modulo 64.
  const group = i64.shl(i64.const(1), i64.extendU(i32.shrU(chunkOf(hart, entry), i32.const(3))));
  return sequence(
    i32.store8(at, i32.or(filledWith(hart, entry), filled), hartOffset.chunks),
    i64.store(groups, i64.or(i64.load(groups, hartOffset.groups), group), hartOffset.groups),
  );
}
