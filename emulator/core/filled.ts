// What the chunks of translation tables and caches were filled with since they were emptied last (Filled).

import { type I32, i32, type Statement } from '../wasm/code.ts';
import { chunkBytes, hartOffset } from './layout.ts';

export const chunkLog2 = Math.log2(chunkBytes);

const chunkOf = (hart: I32, entry: I32) =>
  i32.shrU(i32.sub(entry, i32.add(hart, i32.const(hartOffset.tlb))), i32.const(chunkLog2));

/** What the chunk of tables or caches which `entry` lies in was filled with. */
export function filledWith(hart: I32, entry: I32): I32 {
  return i32.load8u(i32.add(hart, chunkOf(hart, entry)), hartOffset.tlbUsed);
}

/** Remembers what the chunk of tables or caches which `entry` lies in is filled with. */
export function noteFilled(hart: I32, entry: I32, filled: I32): Statement {
  const at = i32.add(hart, chunkOf(hart, entry));
  return i32.store8(at, i32.or(filledWith(hart, entry), filled), hartOffset.tlbUsed);
}
