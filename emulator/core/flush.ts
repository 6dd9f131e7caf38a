// Empties translation tables and jump caches, by the chunks of them that were filled.

import { br, drop, fill, type I32, i32, i64, label, loop, ret, type Statement, sequence, when } from '../wasm/code.ts';
import type { FunctionHandle, ModuleBuilder } from '../wasm/module.ts';
import {
  chunkBytes,
  chunksPerTable,
  hartOffset,
  jumpCaches,
  jumpEntryBytes,
  superpageRegions,
  Tlb,
  tlbEmpty,
} from './layout.ts';

const chunkLog2 = Math.log2(chunkBytes);

/** Remembers that the chunk of tables or jump caches which `entry` lies in is filled. */
export function noteFilled(hart: I32, entry: I32): Statement {
  const chunk = i32.shrU(i32.sub(entry, i32.add(hart, i32.const(hartOffset.tlb))), i32.const(chunkLog2));
  return i32.store8(i32.add(hart, chunk), i32.const(1), hartOffset.tlbUsed);
}

export interface Flushes {
  /** (hart, first, count): empties tables `first` … `first + count - 1` and their jump caches. */
  readonly flush: FunctionHandle<'void'>;
  /** (hart, address): empties what the jump caches of U and S may hold of the address's page. */
  readonly forgetJumpsOf: FunctionHandle<'void'>;
}

/** Also defines `forgetJumps(hart)`, which empties the hart's jump caches. */
export function defineFlush(module: ModuleBuilder): Flushes {
  const empty = module.function('empty', ['i32', 'i32', 'i32'], 'i32', ([hart, first, end], locals) => {
    const chunk = locals.fresh('i32');
    const again = label('again');
    const step = (chunks: number) => sequence(chunk.set(i32.add(chunk.get, i32.const(chunks))), br(again));
    const used = i32.add(hart.get, chunk.get);
    const at = i32.add(hart.get, i32.add(i32.const(hartOffset.tlb), i32.shl(chunk.get, i32.const(chunkLog2))));
    return sequence(
      chunk.set(first.get),
      loop(
        again,
        when(i32.geU(chunk.get, end.get), ret(i32.const(0))),
        when(i64.eqz(i64.load(used, hartOffset.tlbUsed)), step(8)),
        when(
          i32.load8u(used, hartOffset.tlbUsed),
          sequence(
            i32.store8(used, i32.const(0), hartOffset.tlbUsed),
            fill(at, i32.const(tlbEmpty), i32.const(chunkBytes)),
          ),
        ),
        step(1),
      ),
      ret(i32.const(0)),
    ) as never;
  });
  const chunks = (tables: I32) => i32.mul(tables, i32.const(chunksPerTable));
  const caches = i32.const(jumpCaches / chunkBytes);
  const flush = module.function('flush', ['i32', 'i32', 'i32'], 'void', ([hart, first, count]) => {
    const end = i32.add(first.get, count.get);
    return sequence(
      fill(i32.add(hart.get, i32.const(hartOffset.superpages)), i32.const(0), i32.const(superpageRegions)),
      drop(empty.call(hart.get, chunks(first.get), chunks(end))),
      drop(empty.call(hart.get, i32.add(caches, chunks(first.get)), i32.add(caches, chunks(end)))),
    );
  });
  module.function('forgetJumps', ['i32'], 'void', ([hart]) =>
    drop(empty.call(hart.get, caches, i32.add(caches, chunks(i32.const(4))))),
  );
  const forgetJumpsOf = module.function('forgetJumpsOf', ['i32', 'i64'], 'void', ([hart, address]) => {
    const pageChunks = ((4096 / 2) * jumpEntryBytes) / chunkBytes;
    const pages = chunksPerTable / pageChunks;
    const page = i32.and(i32.wrap(i64.shrU(address.get, i64.const(12))), i32.const(pages - 1));
    return sequence(
      ...[Tlb.U, Tlb.S].map((table) => {
        const first = i32.add(
          i32.const(jumpCaches / chunkBytes + table * chunksPerTable),
          i32.mul(page, i32.const(pageChunks)),
        );
        return drop(empty.call(hart.get, first, i32.add(first, i32.const(pageChunks))));
      }),
    );
  });
  return { flush, forgetJumpsOf };
}
