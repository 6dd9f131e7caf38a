// Loads and stores off the fast path: first the fast walk, then the host, which knows devices, page crossings,
// watchpoints and faults.

import {
  block,
  br,
  brIf,
  choose,
  drop,
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
import type { Counter } from './counts.ts';
import { hartOffset, recordBytes, Status, translatedAt } from './layout.ts';
import { Wanted } from './translate.ts';

export interface Accesses {
  /** (hart, address, size) → the bytes, zero-extended; the hart's `status` says how it went. */
  readonly load: FunctionHandle<'i64'>;
  /** (hart, address, value, size) → status. */
  readonly store: FunctionHandle<'i32'>;
}

const [LOAD_PAGE_FAULT, STORE_PAGE_FAULT] = [13, 15];

const sizes = [1, 2, 4, 8] as const;

const staysInPage = (address: I64, size: I32) =>
  i32.eqz(i32.shrU(i32.sub(i32.add(i32.and(i32.wrap(address), i32.const(0xfff)), size), i32.const(1)), i32.const(12)));

function bySize(size: I32, action: (bytes: 1 | 2 | 4 | 8) => Statement): Statement {
  return sequence(...sizes.map((bytes) => when(i32.eq(size, i32.const(bytes)), action(bytes))));
}

const loads = { 1: i64.load8u, 2: i64.load16u, 4: i64.load32u, 8: i64.load };
const stores = { 1: i64.store8, 2: i64.store16, 4: i64.store32, 8: i64.store };

/** Marks the records that overlap a store as not decoded: self-modifying code is seen without fence.i. */
function forgetRecords(page: I32, address: I64, size: I32, locals: Locals): Statement {
  const record = locals.fresh('i32');
  const last = locals.fresh('i32');
  const again = label('forget');
  const done = label('forgotten');
  const offset = i32.and(i32.wrap(address), i32.const(0xfff));
  const recordAt = (byte: I32) => i32.add(page, i32.mul(i32.shrU(byte, i32.const(1)), i32.const(recordBytes)));
  return sequence(
    // A 4-byte instruction may begin 2 bytes before the store.
    record.set(recordAt(offset)),
    when(i32.gtU(offset, i32.const(1)), record.set(i32.sub(record.get, i32.const(recordBytes)))),
    last.set(recordAt(i32.sub(i32.add(offset, size), i32.const(1)))),
    block(
      done,
      loop(
        again,
        brIf(done, i32.gtU(record.get, last.get)),
        i32.store(record.get, i32.const(0)),
        record.set(i32.add(record.get, i32.const(recordBytes))),
        br(again),
      ),
    ),
  );
}

export function defineAccesses(
  module: ModuleBuilder,
  translate: FunctionHandle<'i32'>,
  host: Readonly<Record<'load' | 'store' | 'changed', FunctionHandle<'i32'>>>,
  exception: FunctionHandle<'i32'>,
  trapsMisaligned: boolean,
  count: Counter,
): Accesses {
  /** Whether the access was found to be a page fault, and the trap is taken. */
  const faults = (hart: I32, address: I64, cause: number) =>
    choose(
      i32.load(hart, hartOffset.faults),
      exception.call(hart, i64.load(hart, hartOffset.pc), i32.const(cause), address),
      i32.const(0),
    );
  const isFast = (address: I64, size: I32) =>
    trapsMisaligned ? i32.eqz(i32.and(i32.wrap(address), i32.sub(size, i32.const(1)))) : staysInPage(address, size);
  const load = module.function('slowLoad', ['i32', 'i64', 'i32'], 'i64', ([hart, address, size], locals) => {
    const at = locals.fresh('i32');
    const table = i32.load(hart.get, hartOffset.dataTlb);
    return sequence(
      count.up('slowLoads'),
      i32.store(hart.get, i32.const(Status.done), hartOffset.status),
      when(
        isFast(address.get, size.get),
        when(
          at.tee(translate.call(hart.get, table, address.get, i32.const(Wanted.load), size.get)),
          bySize(size.get, (bytes) => ret(loads[bytes](at.get))),
          when(
            faults(hart.get, address.get, LOAD_PAGE_FAULT),
            sequence(i32.store(hart.get, i32.const(Status.taken), hartOffset.status), ret(i64.const(0))),
          ),
        ),
      ),
      i64.store(hart.get, address.get, hartOffset.address),
      count.up('load'),
      count.access('exitsToHost'),
      i32.store(hart.get, host.load.call(hart.get, size.get), hartOffset.status),
      ret(i64.load(hart.get, hartOffset.value)),
    ) as never;
  });
  const store = module.function('slowStore', ['i32', 'i64', 'i64', 'i32'], 'i32', (params, locals) => {
    const [hart, address, value, size] = params;
    const at = locals.fresh('i32');
    const page = locals.fresh('i32');
    const table = i32.load(hart.get, hartOffset.dataTlb);
    return sequence(
      count.up('slowStores'),
      when(
        isFast(address.get, size.get),
        when(
          at.tee(translate.call(hart.get, table, address.get, i32.const(Wanted.store), size.get)),
          sequence(
            bySize(size.get, (bytes) => stores[bytes](at.get, value.get)),
            when(
              page.tee(i32.load(hart.get, hartOffset.codePage)),
              sequence(
                count.up('codeStores'),
                forgetRecords(page.get, address.get, size.get, locals),
                when(i32.load(page.get, translatedAt), drop(host.changed.call(page.get))),
              ),
            ),
            ret(i32.const(Status.done)),
          ),
          when(faults(hart.get, address.get, STORE_PAGE_FAULT), ret(i32.const(Status.taken))),
        ),
      ),
      i64.store(hart.get, address.get, hartOffset.address),
      i64.store(hart.get, value.get, hartOffset.value),
      count.up('store'),
      count.access('exitsToHost'),
      ret(host.store.call(hart.get, size.get)),
    ) as never;
  });
  return { load, store };
}
