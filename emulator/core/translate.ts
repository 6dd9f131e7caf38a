// The fast walk in generated code: fills a TLB entry where the translation ends in plain success, and gives up (0) for
// everything else, so that the explained walk decides. It never writes to guest memory.

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
  select,
  sequence,
  when,
} from '../wasm/code.ts';
import type { FunctionHandle, ModuleBuilder } from '../wasm/module.ts';
import type { Counter } from './counts.ts';
import { noteFilled } from './filled.ts';
import { globalPageAt } from './global-pages.ts';
import {
  Filled,
  FrameBit,
  frameMask,
  hartOffset,
  PmpBit,
  ramBase,
  shared,
  superpageRegions,
  Tlb,
  tlbBytes,
  tlbField,
  WATCHED,
} from './layout.ts';
import { emptyTag, entryOf } from './tlb-entry.ts';
import { tellOfOne } from './told.ts';
import { kindOf, tagOfWatched, Wants, type WatchedPaths } from './watched.ts';

/** What `translate` is asked for. An AMO needs the page writable in one piece: no decoded code in it. */
export const Wanted = { load: 0, store: 1, fetch: 2, amo: 3 } as const;

const V = 1;
const LEAF = 0xe;
const POINTER_RESERVED = 0xd0;
const [R, W, X, U, G, A, D] = [2, 4, 8, 16, 32, 64, 128] as const;

const pageMask = i64.const(~0xfffn);

const test = (value: I32, bits: number) => i32.and(value, i32.const(bits));
const lacks = (value: I32, bits: number) => i32.eqz(test(value, bits));

/**
 * `translate(hart, table, address, wanted, bytes)` → host address of the first byte of an access within a page, or 0. The
 * table in linear memory says the privilege. For a fetch any non-zero result means that the entry's decoded page is in place.
 * The host's are `soil(page)`, to be called before the first write of an epoch to a page of RAM, and `missed(hart)`: see EngineHost.
 */
export function defineTranslate(
  module: ModuleBuilder,
  xlen: 32 | 64,
  count: Counter,
  host: Readonly<Record<'soil' | 'missed', FunctionHandle<'i32'>>>,
  watched: WatchedPaths,
): FunctionHandle<'i32'> {
  const vpnBits = xlen === 64 ? 9 : 10;
  const pteLog2 = xlen === 64 ? 3 : 2;
  const loadPte = xlen === 64 ? i64.load : i64.load32u;

  return module.function('translate', ['i32', 'i32', 'i64', 'i32', 'i32'], 'i32', (params, locals) => {
    const [hart, table, address, wanted, bytes] = params;
    const entry = locals.fresh('i32');
    const page = locals.fresh('i64');
    const kind = locals.fresh('i32');
    const shift = locals.fresh('i64');
    const at = locals.fresh('i64');
    const frame = locals.fresh('i32');
    const pmp = locals.fresh('i32');
    const index = locals.fresh('i32');
    const pageNumber = locals.fresh('i64');
    const pte = locals.fresh('i64');
    const flags = locals.fresh('i32');
    const base = locals.fresh('i32');
    const cached = locals.fresh('i32');
    const wants = locals.fresh('i32');
    const global = locals.fresh('i32');

    const giveUp = ret(i32.const(0));
    const unless = (condition: I32) => when(i32.eqz(condition), giveUp);
    /** The explained walk would find nothing but a page fault. */
    const pageFault = sequence(i32.store(hart.get, i32.const(1), hartOffset.faults), giveUp);
    const field = (offset: number) => i32.load(hart.get, offset);
    const isWanted = (what: number) => i32.eq(wanted.get, i32.const(what));
    const writes = i32.and(wanted.get, i32.const(1));
    const kept = (at: number) => i32.load(i32.const(0), at);
    /** The word of page `index` in a table. */
    const inTable = (table: number) => i32.add(kept(table), i32.shl(index.get, i32.const(2)));

    const hasFrame = i32.and(frame.get, i32.const(frameMask | 0));
    /** Sets `index`, `frame` and `pmp` for the physical address in `at`; gives up outside RAM. */
    const findFrame: Statement = sequence(
      pageNumber.set(i64.shrU(i64.sub(at.get, i64.const(ramBase)), i64.const(12))),
      when(i64.geU(pageNumber.get, i64.extendU(kept(shared.ramPages))), giveUp),
      index.set(i32.wrap(pageNumber.get)),
      frame.set(i32.load(inTable(shared.frames))),
      pmp.set(i32.load8u(i32.add(field(hartOffset.pmp), index.get))),
    );

    /** The page's first touch gives it a frame, as long as there are some. */
    const inUse = kept(shared.framesInUse);
    const place = select(inUse, index.get, kept(shared.sparse));
    const touch = when(
      i32.eqz(hasFrame),
      sequence(
        unless(i32.ltU(inUse, kept(shared.frameCount))),
        frame.set(i32.or(frame.get, i32.add(i32.shl(place, i32.const(12)), kept(shared.ram)))),
        i32.store(i32.const(0), i32.add(inUse, i32.const(1)), shared.framesInUse),
        i32.store(inTable(shared.frames), frame.get),
      ),
    );

    const found = i64.load(
      i32.add(entry.get, i32.mul(writes, i32.const(tlbField.write - tlbField.read))),
      tlbField.read,
    );
    const hit = when(
      i32.ne(wanted.get, i32.const(Wanted.fetch)),
      sequence(
        at.set(found),
        when(
          i64.eq(at.get, page.get),
          sequence(
            i32.store(hart.get, i32.const(0), hartOffset.codePage),
            count.access('exitsMisaligned'),
            ret(i32.add(i32.wrap(address.get), i32.load(entry.get, tlbField.addend))),
          ),
        ),
        when(
          i64.eq(at.get, i64.xor(page.get, i64.const(WATCHED))),
          sequence(
            i32.store(hart.get, i32.const(0), hartOffset.codePage),
            i32.store(hart.get, i32.const(0), hartOffset.faults),
            ret(watched.beside.call(hart.get, entry.get, address.get, bytes.get, writes)),
          ),
        ),
      ),
    );

    /** A fence of any address in the superpage must find this part of it. */
    const noteSuperpage = when(
      i64.gtU(shift.get, i64.const(30)),
      fill(i32.add(hart.get, i32.const(hartOffset.superpages)), i32.const(1), i32.const(superpageRegions)),
      i32.store8(
        i32.add(hart.get, i32.and(i32.wrap(i64.shrU(address.get, i64.const(30))), i32.const(superpageRegions - 1))),
        i32.const(1),
        hartOffset.superpages,
      ),
    );

    const globalPage = globalPageAt(hart.get, address.get, index);
    const bare = label('bare');
    /** Whether the access is surely allowed: all else is walked for. */
    const suffices = () => {
      const wantedFlags = select(i32.const(W | D), select(i32.const(X), i32.const(R), isWanted(Wanted.fetch)), writes);
      const ofUser = i32.shl(i32.eq(kind.get, i32.const(Tlb.U)), i32.const(Math.log2(U)));
      return i32.eq(i32.and(flags.get, i32.or(wantedFlags, i32.const(U))), i32.or(wantedFlags, ofUser));
    };
    const takeGlobalPage = when(
      globalPage.isKept,
      sequence(
        flags.set(i32.wrap(globalPage.leaf)),
        when(
          suffices(),
          sequence(
            at.set(i64.or(i64.and(globalPage.leaf, pageMask), i64.and(address.get, i64.const(0xfff)))),
            global.set(i32.const(G)),
            br(bare),
          ),
        ),
      ),
    );

    const walking = label('walking');
    const atLeaf = label('leaf');
    const walk = block(
      bare,
      flags.set(i32.const(R | W | X | A | D)),
      at.set(address.get),
      brIf(bare, i32.eq(kind.get, i32.const(Tlb.M))),
      brIf(bare, i32.eqz(field(hartOffset.levels))),
      takeGlobalPage,
      shift.set(i64.add(i64.mul(i64.extendU(field(hartOffset.levels)), i64.const(vpnBits)), i64.const(12 - vpnBits))),
      // Canonical: shifting out what lies above the mode's width and back changes nothing. Sv32 has nothing above.
      xlen === 32
        ? sequence()
        : unless(
            i64.eq(
              i64.shrS(i64.shl(address.get, i64.sub(i64.const(55), shift.get)), i64.sub(i64.const(55), shift.get)),
              address.get,
            ),
          ),
      at.set(i64.load(hart.get, hartOffset.root)),
      block(
        atLeaf,
        loop(
          walking,
          at.set(
            i64.add(
              at.get,
              i64.shl(i64.and(i64.shrU(address.get, shift.get), i64.const((1 << vpnBits) - 1)), i64.const(pteLog2)),
            ),
          ),
          findFrame,
          unless(hasFrame),
          when(i32.ne(test(pmp.get, PmpBit.read | PmpBit.mixed), i32.const(PmpBit.read)), giveUp),
          pte.set(
            loadPte(i32.or(i32.and(frame.get, i32.const(frameMask | 0)), i32.and(i32.wrap(at.get), i32.const(0xfff)))),
          ),
          flags.set(i32.wrap(pte.get)),
          // In a pointer it stands for all that is below.
          global.set(i32.or(global.get, flags.get)),
          when(lacks(flags.get, V), pageFault),
          unless(i64.eqz(i64.shrU(pte.get, i64.const(54)))),
          at.set(i64.shl(i64.shrU(pte.get, i64.const(10)), i64.const(12))),
          brIf(atLeaf, test(flags.get, LEAF)),
          when(test(flags.get, POINTER_RESERVED), giveUp),
          when(i64.eq(shift.get, i64.const(12)), giveUp),
          shift.set(i64.sub(shift.get, i64.const(vpnBits))),
          br(walking),
        ),
      ),
      when(i32.eq(test(flags.get, R | W), i32.const(W)), giveUp),
      pte.set(i64.sub(i64.shl(i64.const(1), shift.get), i64.const(1))),
      unless(i64.eqz(i64.and(at.get, pte.get))),
      at.set(i64.or(at.get, i64.and(address.get, pte.get))),
      when(i64.gtU(shift.get, i64.const(12)), noteSuperpage),
      // U pages: U-mode needs them, S-mode may only touch their data, and only with SUM.
      when(
        test(flags.get, U),
        when(
          i32.or(
            i32.eq(kind.get, i32.const(Tlb.S)),
            i32.and(i32.eq(kind.get, i32.const(Tlb.SSum)), isWanted(Wanted.fetch)),
          ),
          pageFault,
        ),
        when(i32.eq(kind.get, i32.const(Tlb.U)), pageFault),
      ),
      when(i32.and(writes, lacks(flags.get, W)), pageFault),
      when(lacks(flags.get, A), giveUp),
      // A clean page is not yet writable; MXR makes X readable.
      when(lacks(flags.get, D), flags.set(i32.and(flags.get, i32.const(~W)))),
      when(test(global.get, G), globalPage.keep(at.get, flags.get)),
      when(
        i32.and(field(hartOffset.mxr), i32.ne(test(flags.get, X), i32.const(0))),
        flags.set(i32.or(flags.get, i32.const(R))),
      ),
    );

    const needed = select(i32.const(W), select(i32.const(X), i32.const(R), isWanted(Wanted.fetch)), writes);
    const neededOfPmp = select(
      i32.const(PmpBit.write),
      select(i32.const(PmpBit.execute), i32.const(PmpBit.read), isWanted(Wanted.fetch)),
      writes,
    );

    const reach = (list: I32, start: I64, length: I32) =>
      watched.wants.call(list, start, i64.add(start, i64.extendU(i32.sub(length, i32.const(1)))));
    /** Accesses that touch watched bytes are for the host, as are fetches from pages of which loads are watched. */
    const heed = (list: I32, start: I64): Statement =>
      sequence(
        wants.set(i32.or(wants.get, reach(list, i64.and(start, pageMask), i32.const(4096)))),
        when(
          wants.get,
          when(
            i32.and(select(wants.get, reach(list, start, bytes.get), isWanted(Wanted.fetch)), kindOf(writes)),
            giveUp,
          ),
        ),
      );
    const heedWatched = sequence(
      cached.set(i32.const(1)),
      wants.set(i32.const(0)),
      heed(i32.add(hart.get, i32.const(hartOffset.watched)), address.get),
      when(
        test(frame.get, FrameBit.watched),
        sequence(
          heed(i32.const(shared.watched), at.get),
          when(kept(shared.sparse), sequence(when(isWanted(Wanted.fetch), giveUp), cached.set(i32.const(0)))),
        ),
      ),
    );

    /** The bit of the page in the map of pages with breakpoints. */
    const breakpointBit = i32.and(i32.wrap(i64.shrU(address.get, i64.const(12))), i32.const(4095));
    const mayBreak = i32.and(
      i32.shrU(
        i32.load8u(i32.add(hart.get, i32.shrU(breakpointBit, i32.const(3))), hartOffset.breakpointPages),
        i32.and(breakpointBit, i32.const(7)),
      ),
      i32.const(1),
    );

    const tag = (kind: number) => tagOfWatched(page.get, wants.get, kind);
    const allowed = (pteBit: number, pmpBit: number) =>
      i32.and(
        i32.ne(test(flags.get, pteBit), i32.const(0)),
        i32.or(i32.ne(test(pmp.get, pmpBit), i32.const(0)), i32.eq(kind.get, i32.const(Tlb.M))),
      );
    const forget = (offset: number) =>
      when(
        i64.ne(i64.load(entry.get, offset), page.get),
        i64.store(entry.get, emptyTag(i32.eq(entry.get, table.get)), offset),
      );
    const fillEntry = sequence(
      noteFilled(hart.get, entry.get, select(i32.const(Filled.global), i32.const(Filled.own), test(global.get, G))),
      forget(tlbField.read),
      forget(tlbField.write),
      forget(tlbField.execute),
      i32.store(entry.get, i32.sub(base.get, i32.wrap(page.get)), tlbField.addend),
      when(allowed(R as number, PmpBit.read), i64.store(entry.get, tag(Wants.loads), tlbField.read)),
      // A writable page is readable, so that accesses of both kinds need but one look.
      when(
        i32.and(
          i32.and(allowed(R as number, PmpBit.read), allowed(W as number, PmpBit.write)),
          lacks(frame.get, FrameBit.code | FrameBit.table | FrameBit.clean),
        ),
        sequence(
          i64.store(entry.get, tag(Wants.stores), tlbField.write),
          i32.store(inTable(shared.frames), i32.or(frame.get, i32.const(FrameBit.writable))),
        ),
      ),
    );

    return sequence(
      entry.set(entryOf(table.get, address.get)),
      page.set(i64.and(address.get, pageMask)),
      hit,
      count.up('walks'),
      i32.store(hart.get, i32.const(0), hartOffset.faults),
      kind.set(
        i32.and(
          i32.divU(i32.sub(table.get, i32.add(hart.get, i32.const(hartOffset.tlb))), i32.const(tlbBytes)),
          i32.const(3),
        ),
      ),
      walk,
      unless(i32.and(flags.get, needed)),
      findFrame,
      when(test(pmp.get, PmpBit.mixed), giveUp),
      when(i32.and(writes, i32.ne(test(frame.get, FrameBit.table), i32.const(0))), giveUp),
      when(i32.and(i32.ne(kind.get, i32.const(Tlb.M)), i32.eqz(i32.and(pmp.get, neededOfPmp))), giveUp),
      heedWatched,
      when(
        test(frame.get, FrameBit.code),
        sequence(
          when(isWanted(Wanted.amo), giveUp),
          when(i32.and(isWanted(Wanted.fetch), mayBreak), giveUp),
          i32.store(hart.get, i32.load(inTable(shared.code)), hartOffset.codePage),
        ),
        sequence(
          when(
            isWanted(Wanted.fetch),
            sequence(i32.store(hart.get, i32.add(index.get, i32.const(1)), hartOffset.fetchable), giveUp),
          ),
          i32.store(hart.get, i32.const(0), hartOffset.codePage),
        ),
      ),
      touch,
      when(
        i32.and(writes, i32.ne(test(frame.get, FrameBit.clean), i32.const(0))),
        sequence(drop(host.soil.call(index.get)), frame.set(i32.load(inTable(shared.frames)))),
      ),
      base.set(i32.and(frame.get, i32.const(frameMask | 0))),
      when(cached.get, fillEntry),
      when(
        isWanted(Wanted.fetch),
        sequence(
          i64.store(entry.get, page.get, tlbField.execute),
          i32.store(entry.get, i32.load(inTable(shared.code)), tlbField.code),
        ),
        sequence(
          count.access('exitsMissed'),
          when(
            i64.eq(i64.load(hart.get, hartOffset.pc), i64.load(hart.get, hartOffset.givenBack)),
            tellOfOne(hart.get, hartOffset.untoldMisses, host.missed),
          ),
        ),
      ),
      ret(i32.or(base.get, i32.and(i32.wrap(address.get), i32.const(0xfff)))),
      giveUp,
    ) as never;
  });
}
