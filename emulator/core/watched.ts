// Accesses to pages that hold watched bytes. Their translations are cached under tags that no fast path takes for its own, so
// that each access is compared with the watched bytes here; one that touches none goes on.

import {
  block,
  br,
  brIf,
  type I32,
  type I64,
  i32,
  i64,
  label,
  loop,
  ret,
  select,
  sequence,
  when,
} from '../wasm/code.ts';
import type { FunctionHandle, ModuleBuilder } from '../wasm/module.ts';
import type { Counter } from './counts.ts';
import { hartOffset, ramBase, shared, tlbField, WATCHED, watchField } from './layout.ts';
import { entryOf } from './tlb-entry.ts';
import { tellOfOne } from './told.ts';

/** Who wants to know of an access, as bits. */
export const Wants = { stores: 1, loads: 2 } as const;

export interface WatchedPaths {
  /** (list, first, last) → who watches some byte from the first to the last, as bits of `Wants`. */
  readonly wants: FunctionHandle<'i32'>;
  /** (hart, entry, address, size, writes) → host address of an access within a page whose tag says WATCHED; 0 = watched. */
  readonly beside: FunctionHandle<'i32'>;
}

/** The tag of a page of which accesses of the kind are watched if `wants` is not 0. */
export const tagOfWatched = (page: I64, wants: I32, kind: number) =>
  i64.xor(page, select(i64.const(WATCHED), i64.const(0), i32.and(wants, i32.const(kind))));

/**
 * Also defines `besideWatched(hart, address, size, writes)`, which regions call: as `beside`, but 0 too where the table does
 * not say that all of the access is in a watched page. `told(hart)` is the host's: see EngineHost.
 */
export function defineWatched(module: ModuleBuilder, count: Counter, told: FunctionHandle<'i32'>): WatchedPaths {
  const wants = module.function('wants', ['i32', 'i64', 'i64'], 'i32', ([list, first, last], locals) => {
    const rest = locals.fresh('i32');
    const loads = locals.fresh('i32');
    const bits = locals.fresh('i32');
    const again = label('ranges');
    const none = label('no-ranges');
    const reaches = i32.and(
      i64.geU(last.get, i64.load(list.get, watchField.ranges)),
      i32.eqz(i64.gtU(first.get, i64.load(list.get, watchField.ranges + 8))),
    );
    return sequence(
      rest.set(i32.load(list.get, watchField.count)),
      loads.set(i32.load(list.get, watchField.loads)),
      block(
        none,
        loop(
          again,
          brIf(none, i32.eqz(rest.get)),
          when(
            reaches,
            bits.set(
              i32.or(
                i32.or(bits.get, i32.const(Wants.stores)),
                i32.shl(i32.and(loads.get, i32.const(1)), i32.const(Math.log2(Wants.loads))),
              ),
            ),
          ),
          list.set(i32.add(list.get, i32.const(16))),
          loads.set(i32.shrU(loads.get, i32.const(1))),
          rest.set(i32.sub(rest.get, i32.const(1))),
          br(again),
        ),
      ),
      ret(bits.get),
    ) as never;
  });

  const kept = (at: number) => i32.load(i32.const(0), at);
  const compare = module.function('compare', ['i32', 'i32', 'i64', 'i32', 'i32'], 'i32', (params, locals) => {
    const [hart, entry, address, size, writes] = params;
    const host = locals.fresh('i32');
    const bits = locals.fresh('i32');
    const pa = locals.fresh('i64');
    const end = (start: I64) => i64.add(start, i64.extendU(i32.sub(size.get, i32.const(1))));
    const list = i32.add(hart.get, i32.const(hartOffset.watched));
    return sequence(
      host.set(i32.add(i32.wrap(address.get), i32.load(entry.get, tlbField.addend))),
      bits.set(wants.call(list, address.get, end(address.get))),
      // Where frames are given out in another order, pages that are watched by physical address are not cached.
      when(
        i32.and(i32.ne(kept(shared.watched + watchField.count), i32.const(0)), i32.eqz(kept(shared.sparse))),
        sequence(
          pa.set(i64.add(i64.extendU(i32.sub(host.get, kept(shared.ram))), i64.const(ramBase))),
          bits.set(i32.or(bits.get, wants.call(i32.const(shared.watched), pa.get, end(pa.get)))),
        ),
      ),
      when(i32.and(bits.get, kindOf(writes.get)), ret(i32.const(0))),
      ret(host.get),
    ) as never;
  });

  const beside = module.function('beside', ['i32', 'i32', 'i64', 'i32', 'i32'], 'i32', (params, locals) => {
    const [hart, entry, address, size, writes] = params;
    const host = locals.fresh('i32');
    return sequence(
      host.set(compare.call(hart.get, entry.get, address.get, size.get, writes.get)),
      when(host.get, sequence(count.up('besideWatched'), tellOfOne(hart.get, hartOffset.untold, told))),
      ret(host.get),
    ) as never;
  });

  module.function('besideWatched', ['i32', 'i64', 'i32', 'i32'], 'i32', ([hart, address, size, writes], locals) => {
    const entry = locals.fresh('i32');
    const offset = i32.and(i32.wrap(address.get), i32.const(0xfff));
    const field = i32.add(entry.get, i32.mul(writes.get, i32.const(tlbField.write - tlbField.read)));
    const tag = i64.xor(i64.and(address.get, i64.const(~0xfffn)), i64.const(WATCHED));
    return sequence(
      entry.set(entryOf(i32.load(hart.get, hartOffset.dataTlb), address.get)),
      when(i32.gtU(i32.add(offset, size.get), i32.const(4096)), ret(i32.const(0))),
      when(i64.ne(i64.load(field, tlbField.read), tag), ret(i32.const(0))),
      count.up('besideWatchedInRegions'),
      ret(compare.call(hart.get, entry.get, address.get, size.get, writes.get)),
    ) as never;
  });
  return { wants, beside };
}

/** Of an access: `writes` is 1 or 0. */
export const kindOf = (writes: I32): I32 => i32.sub(i32.const(Wants.loads), writes);
