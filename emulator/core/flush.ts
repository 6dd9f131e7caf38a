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
  chunkBytes,
  chunksPerTable,
  Filled,
  globalField,
  globalPages,
  hartOffset,
  jumpEntries,
  spaceBytes,
  spaces,
  superpageRegions,
  Tlb,
  tablesPerSpace,
  tlbBytes,
  tlbEntries,
  tlbEntryBytes,
  tlbField,
} from './layout.ts';
import { emptyTag } from './tlb-entry.ts';

/** The 64-bit words of an entry. */
const wordsOfEntry = Array.from({ length: tlbEntryBytes / 8 }, (_, index) => index * 8);

/** A space's tables for addresses that are translated. */
const TRANSLATED = [Tlb.U, Tlb.S, Tlb.SSum] as const;

/** For `forget`: the translations of every address space. */
export const ANY_ASID = -1;

export interface Flushes {
  /**
   * (hart, address, one, asid): what sfence.vma forgets, of the address's page alone if `one` is not 0, in the address spaces
   * of the ASID or all. With an ASID what holds nothing but global pages stays (ADR 27); what an ASID's space held of others
   * is found there again.
   */
  readonly forget: FunctionHandle<'i32'>;
  /** (hart, space): empties one space's tables. */
  readonly space: FunctionHandle<'i32'>;
}

/**
 * Also defines `forgetJumps(hart)`, which empties the hart's jump caches, and `flush(hart, machine)`, which empties all
 * tables, those of M-mode if `machine` is not 0.
 */
export function defineFlush(module: ModuleBuilder, xlen: 32 | 64): Flushes {
  /** (hart, table, groups, what): of a table's groups of chunks those that are filled with `what`. */
  const empty = module.function('empty', ['i32', 'i32', 'i64', 'i32'], 'i32', (params, locals) => {
    const [hart, table, groups, what] = params;
    const word = locals.fresh('i32');
    const left = locals.fresh('i64');
    const first = locals.fresh('i32');
    const filled = locals.fresh('i64');
    const chunk = locals.fresh('i32');
    const nextGroup = label('groups');
    const nextChunk = label('chunks');
    const eachOf8 = i64.mul(i64.extendU(what.get), i64.const(0x0101010101010101n));
    const at = i32.add(hart.get, i32.add(i32.const(hartOffset.tlb), i32.shl(chunk.get, i32.const(chunkLog2))));
    const chunks = i64.load(i32.add(hart.get, first.get), hartOffset.chunks);
    const lowestByte = i64.and(i64.ctz(filled.get), i64.const(56));
    // A tag that is no page's is no jump's target and no global page's, either. The host cannot guess which chunk it is.
    const isFirst = i32.eqz(i32.and(chunk.get, i32.const(chunksPerTable - 1)));
    const emptyFirst = sequence(...wordsOfEntry.map((offset) => i64.store(at, emptyTag(isFirst), offset)));
    const emptyChunks = loop(
      nextChunk,
      when(
        i64.ne(filled.get, i64.const(0)),
        sequence(
          chunk.set(i32.add(first.get, i32.shrU(i32.wrap(lowestByte), i32.const(3)))),
          i32.store8(i32.add(hart.get, chunk.get), i32.const(0), hartOffset.chunks),
          fill(at, i32.const(0), i32.const(chunkBytes)),
          emptyFirst,
          filled.set(i64.and(filled.get, i64.shl(i64.const(-256), lowestByte))),
          br(nextChunk),
        ),
      ),
    );
    const lowestGroup = i64.and(left.get, i64.sub(i64.const(0), left.get));
    return sequence(
      word.set(i32.add(hart.get, i32.shl(table.get, i32.const(3)))),
      left.set(i64.and(i64.load(word.get, hartOffset.groups), groups.get)),
      loop(
        nextGroup,
        when(i64.eqz(left.get), ret(i32.const(0))),
        first.set(
          i32.add(i32.mul(table.get, i32.const(chunksPerTable)), i32.shl(i32.wrap(i64.ctz(left.get)), i32.const(3))),
        ),
        filled.set(i64.and(chunks, eachOf8)),
        emptyChunks,
        when(
          i64.eqz(chunks),
          i64.store(word.get, i64.xor(i64.load(word.get, hartOffset.groups), lowestGroup), hartOffset.groups),
        ),
        left.set(i64.xor(left.get, lowestGroup)),
        br(nextGroup),
      ),
      ret(i32.const(0)),
    ) as never;
  });
  const allGroups = i64.const(-1);
  const everything = i32.const(Filled.own | Filled.global);
  const tableOf = (space: I32, table: number) => i32.add(i32.mul(space, i32.const(tablesPerSpace)), i32.const(table));
  const jumpsOf = (space: I32, table: number) => tableOf(space, spaces * tablesPerSpace + table);
  /** Empties tables of a space, and their jump caches, where they are filled with `what`. */
  const emptyTables = (hart: I32, space: I32, tables: readonly number[], what = everything): Statement =>
    sequence(
      ...tables.flatMap((table) =>
        [tableOf(space, table), jumpsOf(space, table)].map((each) => drop(empty.call(hart, each, allGroups, what))),
      ),
    );
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
    return sequence(
      fill(i32.add(hart.get, i32.const(hartOffset.superpages)), i32.const(0), i32.const(superpageRegions)),
      eachSpace(hart.get, locals, (space) => emptyTables(hart.get, space, TRANSLATED)),
      when(machine.get, emptyTables(hart.get, i32.const(0), [Tlb.M])),
      drop(empty.call(hart.get, i32.const(globalPages / tlbBytes), allGroups, everything)),
      ret(i32.const(0)),
    ) as never;
  });
  const flushSpace = module.function('flushSpace', ['i32', 'i32'], 'i32', ([hart, space]) => {
    return sequence(emptyTables(hart.get, space.get, TRANSLATED), ret(i32.const(0))) as never;
  });
  module.function('forgetJumps', ['i32'], 'i32', ([hart], locals) => {
    return sequence(
      eachSpace(hart.get, locals, (space) =>
        sequence(
          ...Object.values(Tlb).map((table) =>
            drop(empty.call(hart.get, jumpsOf(space, table), allGroups, everything)),
          ),
        ),
      ),
      ret(i32.const(0)),
    ) as never;
  });

  const forget = module.function('forget', ['i32', 'i64', 'i32', 'i32'], 'i32', (params, locals) => {
    const [hart, address, one, asid] = params;
    const entry = locals.fresh('i32');
    const number = i64.shrU(address.get, i64.const(12));
    const index = i32.and(i32.wrap(number), i32.const(tlbEntries - 1));
    const region = i32.and(i32.wrap(i64.shrU(address.get, i64.const(30))), i32.const(superpageRegions - 1));
    const isAny = i32.eq(asid.get, i32.const(ANY_ASID));
    const others = (key: I64) => {
      const its = i32.and(i32.wrap(i64.shrU(key, i64.const(xlen === 64 ? 44 : 22))), i32.const(asidMask(xlen)));
      return i32.eqz(i32.or(isAny, i32.eq(its, asid.get)));
    };
    const inSpace = (key: I64, statement: Statement) => when(i32.eqz(others(key)), statement);
    // A page's jumps are in an eighth of a cache.
    const pagesPerCache = jumpEntries / (4096 / 2);
    const page = i64.and(number, i64.const(pagesPerCache - 1));
    const groupsOfPage = i64.shl(
      i64.const(2 ** (64 / pagesPerCache) - 1),
      i64.mul(page, i64.const(64 / pagesPerCache)),
    );
    const emptyJumps = (space: I32, table: number) =>
      drop(empty.call(hart.get, jumpsOf(space, table), groupsOfPage, everything));
    const ofPage = (space: I32) =>
      sequence(
        entry.set(
          i32.add(i32.add(hart.get, i32.mul(space, i32.const(spaceBytes))), i32.mul(index, i32.const(tlbEntryBytes))),
        ),
        ...[Tlb.U, Tlb.S, Tlb.SSum].flatMap((table) =>
          [tlbField.read, tlbField.write, tlbField.execute].map((field) =>
            i64.store(entry.get, emptyTag(i32.eqz(index)), hartOffset.tlb + table * tlbBytes + field),
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
        when(
          isAny,
          drop(flush.call(hart.get, i32.const(0))),
          eachSpace(hart.get, locals, (space, key) =>
            inSpace(key, emptyTables(hart.get, space, TRANSLATED, i32.const(Filled.own))),
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

  return { forget, space: flushSpace };
}

/** The bits of an ASID: 16 on RV64, 9 on RV32. */
export const asidMask = (xlen: 32 | 64) => (xlen === 64 ? 0xffff : 0x1ff);
