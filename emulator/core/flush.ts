// Empties translation tables and jump caches, by the chunks of them that were filled.

import {
  block,
  br,
  brIf,
  drop,
  fill,
  type I32,
  type I64,
  i32,
  i64,
  label,
  loop,
  ret,
  type Statement,
  sequence,
  when,
} from '../wasm/code.ts';
import type { FunctionHandle, Locals, ModuleBuilder } from '../wasm/module.ts';
import { chunkLog2 } from './filled.ts';
import { globalEntryOf } from './global-pages.ts';
import {
  cachedBytes,
  chunkBytes,
  chunksPerTable,
  Filled,
  globalField,
  globalPages,
  hartOffset,
  jumpCaches,
  jumpEntryBytes,
  spaceBytes,
  spaces,
  superpageRegions,
  Tlb,
  tlbBytes,
  tlbEmpty,
  tlbEntries,
  tlbEntryBytes,
  tlbField,
} from './layout.ts';

/** No page's tag. */
export const EMPTY = BigInt(`0x${tlbEmpty.toString(16).padStart(2, '0').repeat(8)}`);

/** For `forget`: the translations of every address space. */
export const ANY_ASID = -1;

/**
 * Also defines `forgetJumps(hart)`, which empties the hart's jump caches, and `flush(hart, machine)`, which empties all
 * tables, those of M-mode if `machine` is not 0, and `flushSpace(hart, space)`, which empties one space's.
 *
 * Returns `forget(hart, address, one, asid)`: what sfence.vma forgets, of the address's page alone if `one` is not 0, in the
 * address spaces of the ASID or all. With an ASID what holds nothing but global pages stays (ADR 27); what an ASID's space
 * held of others is found there again.
 */
export function defineFlush(module: ModuleBuilder, xlen: 32 | 64): FunctionHandle<'i32'> {
  const empty = module.function('empty', ['i32', 'i32', 'i32', 'i32'], 'i32', (params, locals) => {
    const [hart, first, end, what] = params;
    const chunk = locals.fresh('i32');
    const eachOf8 = i64.mul(i64.extendU(what.get), i64.const(0x0101010101010101n));
    const again = label('again');
    const step = (chunks: number) => sequence(chunk.set(i32.add(chunk.get, i32.const(chunks))), br(again));
    const used = i32.add(hart.get, chunk.get);
    const at = i32.add(hart.get, i32.add(i32.const(hartOffset.tlb), i32.shl(chunk.get, i32.const(chunkLog2))));
    return sequence(
      chunk.set(first.get),
      loop(
        again,
        when(i32.geU(chunk.get, end.get), ret(i32.const(0))),
        when(i64.eqz(i64.and(i64.load(used, hartOffset.tlbUsed), eachOf8)), step(8)),
        when(
          i32.and(i32.load8u(used, hartOffset.tlbUsed), what.get),
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
  const caches = i32.const(jumpCaches / chunkBytes);
  const everything = i32.const(Filled.own | Filled.global);
  /** Empties `count` tables of a space, from its first one on, and their jump caches, where they are filled with `what`. */
  const emptyTables = (hart: I32, space: I32, count: I32, what = everything): Statement => {
    const first = i32.mul(space, i32.const(spaceBytes / chunkBytes));
    const end = i32.add(first, i32.mul(count, i32.const(chunksPerTable)));
    return sequence(
      drop(empty.call(hart, first, end, what)),
      drop(empty.call(hart, i32.add(caches, first), i32.add(caches, end), what)),
    );
  };
  const keyOf = (hart: I32, space: I32) => i64.load(i32.add(hart, i32.shl(space, i32.const(3))), hartOffset.spaceKeys);
  /** For the first space and all others that are used. */
  const eachSpace = (hart: I32, locals: Locals, body: (space: I32, key: I64) => Statement): Statement => {
    const space = locals.fresh('i32');
    const again = label('spaces');
    const unused = label('unused');
    return sequence(
      space.set(i32.const(0)),
      loop(
        again,
        block(
          unused,
          when(space.get, brIf(unused, i64.eqz(keyOf(hart, space.get)))),
          body(space.get, keyOf(hart, space.get)),
        ),
        space.set(i32.add(space.get, i32.const(1))),
        brIf(again, i32.ltU(space.get, i32.const(spaces))),
      ),
    );
  };
  const flush = module.function('flush', ['i32', 'i32'], 'i32', ([hart, machine], locals) => {
    const count = (space: I32) => i32.add(i32.const(3), i32.and(i32.eqz(space), i32.ne(machine.get, i32.const(0))));
    return sequence(
      fill(i32.add(hart.get, i32.const(hartOffset.superpages)), i32.const(0), i32.const(superpageRegions)),
      eachSpace(hart.get, locals, (space) => emptyTables(hart.get, space, count(space))),
      drop(empty.call(hart.get, i32.const(globalPages / chunkBytes), i32.const(cachedBytes / chunkBytes), everything)),
      ret(i32.const(0)),
    ) as never;
  });
  module.function('flushSpace', ['i32', 'i32'], 'i32', ([hart, space]) => {
    return sequence(emptyTables(hart.get, space.get, i32.const(3)), ret(i32.const(0))) as never;
  });
  module.function('forgetJumps', ['i32'], 'i32', ([hart], locals) => {
    const first = (space: I32) => i32.add(caches, i32.mul(space, i32.const(spaceBytes / chunkBytes)));
    const end = (space: I32) => i32.add(first(space), i32.const(spaceBytes / chunkBytes));
    return sequence(
      eachSpace(hart.get, locals, (space) => drop(empty.call(hart.get, first(space), end(space), everything))),
      ret(i32.const(0)),
    ) as never;
  });

  return module.function('forget', ['i32', 'i64', 'i32', 'i32'], 'i32', ([hart, address, one, asid], locals) => {
    const entry = locals.fresh('i32');
    const chunk = locals.fresh('i32');
    const number = i64.shrU(address.get, i64.const(12));
    const index = i32.and(i32.wrap(number), i32.const(tlbEntries - 1));
    const region = i32.and(i32.wrap(i64.shrU(address.get, i64.const(30))), i32.const(superpageRegions - 1));
    const isAny = i32.eq(asid.get, i32.const(ANY_ASID));
    const others = (key: I64) => {
      const its = i32.and(i32.wrap(i64.shrU(key, i64.const(xlen === 64 ? 44 : 22))), i32.const(asidMask(xlen)));
      return i32.eqz(i32.or(isAny, i32.eq(its, asid.get)));
    };
    const inSpace = (key: I64, statement: Statement) => when(i32.eqz(others(key)), statement);
    const pageChunks = ((4096 / 2) * jumpEntryBytes) / chunkBytes;
    const page = i32.and(i32.wrap(number), i32.const(chunksPerTable / pageChunks - 1));
    const emptyJumps = (space: I32, table: number) => {
      const first = i32.mul(space, i32.const(spaceBytes / chunkBytes));
      const jumps = i32.const(jumpCaches / chunkBytes + table * chunksPerTable);
      return sequence(
        chunk.set(i32.add(i32.add(first, jumps), i32.mul(page, i32.const(pageChunks)))),
        drop(empty.call(hart.get, chunk.get, i32.add(chunk.get, i32.const(pageChunks)), everything)),
      );
    };
    const ofPage = (space: I32) =>
      sequence(
        entry.set(
          i32.add(i32.add(hart.get, i32.mul(space, i32.const(spaceBytes))), i32.mul(index, i32.const(tlbEntryBytes))),
        ),
        ...[Tlb.U, Tlb.S, Tlb.SSum].flatMap((table) =>
          [tlbField.read, tlbField.write, tlbField.execute].map((field) =>
            i64.store(entry.get, i64.const(EMPTY), hartOffset.tlb + table * tlbBytes + field),
          ),
        ),
        emptyJumps(space, Tlb.U),
        emptyJumps(space, Tlb.S),
      );
    const whole = i32.or(
      i32.eqz(one.get),
      // A part of a superpage is cached for an address in this region: it may be this one's.
      i32.load8u(i32.add(hart.get, region), hartOffset.superpages),
    );
    return sequence(
      when(
        whole,
        sequence(
          when(isAny, ret(flush.call(hart.get, i32.const(0)))),
          eachSpace(hart.get, locals, (space, key) =>
            inSpace(key, emptyTables(hart.get, space, i32.const(3), i32.const(Filled.own))),
          ),
        ),
        sequence(
          eachSpace(hart.get, locals, (space, key) => inSpace(key, ofPage(space))),
          when(isAny, i64.store(globalEntryOf(hart.get, address.get), i64.const(0), globalField.tag)),
        ),
      ),
      ret(i32.const(1)),
    ) as never;
  });
}

/** The bits of an ASID: 16 on RV64, 9 on RV32. */
export const asidMask = (xlen: 32 | 64) => (xlen === 64 ? 0xffff : 0x1ff);
