// What kernels do all the time beside computing: plain CSR accesses, fences of translations, blocks of zeros. Each function
// does the whole of it where nothing else depends on it and nobody listens, or nothing at all: then the host does.

import { cacheBlockBytes, cacheBlockSwitch } from '../isa/cache-blocks.ts';
import {
  block,
  brIf,
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
import type { FunctionHandle, ModuleBuilder } from '../wasm/module.ts';
import type { Accesses } from './accesses.ts';
import { defineSatpWrites } from './crossings.ts';
import { MSTATUS } from './fast-access.ts';
import { asidMask, type Flushes } from './flush.ts';
import { CsrClass, EventBit, hartOffset, shared, spaceBytes, spaces } from './layout.ts';
import { csrAt, done, giveUp, lacks, privilege, within } from './path.ts';
import { Wanted } from './translate.ts';

/** How a CSR instruction changes the register; `reads` is added where it does not write. */
export const CsrChange = { write: 0, set: 1, clear: 2, reads: 4 } as const;

/** Each gives 0 where the host must do it. The old value of a CSR is left in the hart's `value`. */
export interface SystemPaths {
  /** (hart, number, operand, change, pc); 2: fetch anew */
  readonly csr: FunctionHandle<'i32'>;
  /** (hart, address, 1 = that address only, ASID or ANY_ASID) */
  readonly fence: FunctionHandle<'i32'>;
  /** (hart, address) */
  readonly zeroBlock: FunctionHandle<'i32'>;
  /** (hart, address, bits of menvcfg and senvcfg that allow it) → 1 where the block may be managed. */
  readonly manageBlock: FunctionHandle<'i32'>;
}

const [SIE, MIE, SPIE, MPIE, SPP, MPRV, TVM] = [1, 3, 5, 7, 8, 17, 20].map((at) => 1n << BigInt(at)) as [
  bigint,
  bigint,
  bigint,
  bigint,
  bigint,
  bigint,
  bigint,
];
const PLAIN_STATUS = SIE | MIE | SPIE | MPIE | SPP;
const NS_PER_TICK = 100;
const SATP = 0x180;
const [SCOUNTEREN, SENVCFG, MCOUNTEREN, MENVCFG] = [0x106, 0x10a, 0x306, 0x30a];
const TM = 2n;

/** Puts the tables of another space in force, for the same privileges. */
function selectSpace(hart: I32, space: I32): Statement {
  const before = i32.load(hart, hartOffset.space);
  const moved = (table: number) => i32.store(hart, i32.add(i32.load(hart, table), i32.sub(space, before)), table);
  return sequence(moved(hartOffset.fetchTlb), moved(hartOffset.dataTlb), i32.store(hart, space, hartOffset.space));
}

export function defineSystemPaths(
  module: ModuleBuilder,
  translate: FunctionHandle<'i32'>,
  { store }: Accesses,
  flushes: Flushes,
  xlen: 32 | 64,
): SystemPaths {
  const keepWrite = defineSatpWrites(module);

  const csr = module.function('csr', ['i32', 'i32', 'i64', 'i32', 'i64'], 'i32', (params, locals) => {
    const [hart, number, operand, change, pc] = params;
    const kind = locals.fresh('i32');
    const old = locals.fresh('i64');
    const wanted = locals.fresh('i64');
    const mask = locals.fresh('i64');
    const space = locals.fresh('i32');
    const search = label('search');
    const found = label('found');
    const reads = i32.and(change.get, i32.const(CsrChange.reads));
    const at = i32.add(hart.get, i32.shl(number.get, i32.const(3)));
    const raw = (csrNumber: number) => i64.load(hart.get, csrAt(csrNumber));
    const hasClass = (bits: number) => i32.and(i32.load8u(number.get, shared.csrClasses), i32.const(bits));
    const isKind = (value: number) => i32.eq(kind.get, i32.const(value));
    const isChange = (value: number) => i32.eq(change.get, i32.const(value));
    const time = sequence(
      when(i32.eqz(reads), giveUp),
      when(i32.ltU(privilege(hart.get), i32.const(3)), when(lacks(raw(MCOUNTEREN), TM), giveUp)),
      when(i32.eqz(privilege(hart.get)), when(lacks(raw(SCOUNTEREN), TM), giveUp)),
      old.set(
        i64.sub(
          i64.load(hart.get, hartOffset.clock),
          i64.extendS(i32.add(i32.load(hart.get, hartOffset.left), i32.load(hart.get, hartOffset.stash))),
        ),
      ),
      old.set(i64.add(i64.divU(old.get, i64.const(NS_PER_TICK)), i64.load(hart.get, hartOffset.mtimeOffset))),
      when(i32.and(number.get, i32.const(0x80)), old.set(i64.shrU(old.get, i64.const(32)))),
      i64.store(hart.get, within(xlen, old.get), hartOffset.value),
      done,
    );
    const [modeAt, asidAt] = xlen === 64 ? [60, 44] : [31, 22];
    const modeOf = (satp: I64) => i64.shrU(satp, i64.const(modeAt));
    const findKept = sequence(
      space.set(i32.const(spaces - 1)),
      block(
        found,
        loop(
          search,
          brIf(
            found,
            i64.eq(i64.load(i32.add(hart.get, i32.shl(space.get, i32.const(3))), hartOffset.spaceKeys), wanted.get),
          ),
          brIf(search, space.tee(i32.sub(space.get, i32.const(1)))),
        ),
        giveUp,
      ),
    );
    /** A write of satp that leads to an address space without an ASID, or to one whose translations are kept. */
    const enterSpace = sequence(
      when(i32.ne(privilege(hart.get), i32.const(1)), giveUp),
      when(i32.eqz(lacks(i64.load(hart.get, MSTATUS), TVM | MPRV)), giveUp),
      old.set(raw(SATP)),
      i64.store(hart.get, old.get, hartOffset.value),
      when(reads, done),
      when(change.get, giveUp),
      wanted.set(within(xlen, operand.get)),
      when(i64.ne(modeOf(wanted.get), modeOf(old.get)), giveUp),
      when(i64.eqz(modeOf(wanted.get)), giveUp),
      space.set(i32.const(0)),
      when(i32.eqz(lacks(wanted.get, BigInt(asidMask(xlen)) << BigInt(asidAt))), findKept),
      when(hasClass(CsrClass.late), when(i32.eqz(keepWrite.call(hart.get, pc.get, wanted.get)), giveUp)),
      // All without an ASID share a space.
      when(i32.eqz(space.get), when(i64.ne(wanted.get, old.get), drop(flushes.space.call(hart.get, i32.const(0))))),
      i64.store(hart.get, wanted.get, csrAt(SATP)),
      i64.store(
        hart.get,
        i64.shl(i64.and(wanted.get, i64.const(xlen === 64 ? 0xfffffffffffn : 0x3fffffn)), i64.const(12)),
        hartOffset.root,
      ),
      selectSpace(hart.get, i32.mul(space.get, i32.const(spaceBytes))),
      ret(i32.const(2)),
    );
    return sequence(
      kind.set(hasClass(CsrClass.late - 1)),
      when(i32.eqz(kind.get), giveUp),
      when(i32.ltU(privilege(hart.get), i32.and(i32.shrU(number.get, i32.const(8)), i32.const(3))), giveUp),
      when(isKind(CsrClass.time), time),
      when(i32.eqz(reads), when(hasClass(CsrClass.listened), giveUp)),
      when(isKind(CsrClass.satp), enterSpace),
      mask.set(i64.load(i32.shl(number.get, i32.const(3)), shared.csrMasks)),
      old.set(i64.load(at, hartOffset.csr)),
      when(isKind(CsrClass.status), old.set(i64.and(i64.load(hart.get, MSTATUS), mask.get))),
      when(
        i32.eqz(reads),
        sequence(
          // The host knows what becomes of a reserved mode.
          when(isKind(CsrClass.vector), when(i32.or(change.get, i32.eqz(lacks(operand.get, 2n))), giveUp)),
          wanted.set(operand.get),
          when(isChange(CsrChange.set), wanted.set(i64.or(old.get, operand.get))),
          when(isChange(CsrChange.clear), wanted.set(i64.and(old.get, i64.xor(operand.get, i64.const(-1))))),
          // The bits that change.
          wanted.set(i64.and(i64.xor(within(xlen, wanted.get), old.get), mask.get)),
          when(
            i32.or(isKind(CsrClass.status), isKind(CsrClass.machineStatus)),
            sequence(
              when(i32.eqz(lacks(wanted.get, ~PLAIN_STATUS)), giveUp),
              // SIE or MIE becomes 1 and something may wait for it.
              when(
                i32.and(
                  i32.load(hart.get, hartOffset.interruptible),
                  i32.eqz(lacks(i64.and(wanted.get, i64.xor(old.get, i64.const(-1n))), SIE | MIE)),
                ),
                giveUp,
              ),
              i64.store(hart.get, i64.xor(i64.load(hart.get, MSTATUS), wanted.get), MSTATUS),
            ),
            i64.store(at, i64.xor(old.get, wanted.get), hartOffset.csr),
          ),
        ),
      ),
      i64.store(hart.get, old.get, hartOffset.value),
      done,
    ) as never;
  });

  const fence = module.function('fence', ['i32', 'i64', 'i32', 'i32'], 'i32', ([hart, address, one, asid]) => {
    return sequence(
      when(i32.and(i32.load(hart.get, hartOffset.heard), i32.const(EventBit.sfence)), giveUp),
      when(i32.eqz(privilege(hart.get)), giveUp),
      when(i32.eq(privilege(hart.get), i32.const(1)), when(i32.eqz(lacks(i64.load(hart.get, MSTATUS), TVM)), giveUp)),
      ret(flushes.forget.call(hart.get, address.get, one.get, asid.get)),
    ) as never;
  });

  /** Gives up unless menvcfg and senvcfg have one of the bits, as far as they are asked. */
  const requireSwitch = (hart: I32, bits: I64) => {
    const lacking = (number: number) => i64.eqz(i64.and(i64.load(hart, csrAt(number)), bits));
    return sequence(
      when(i32.ltU(privilege(hart), i32.const(3)), when(lacking(MENVCFG), giveUp)),
      when(i32.eqz(privilege(hart)), when(lacking(SENVCFG), giveUp)),
    );
  };
  /** Host address of the cache block, or 0. */
  const blockAt = (hart: I32, address: I64, wanted: number) =>
    translate.call(
      hart,
      i32.load(hart, hartOffset.dataTlb),
      i64.and(address, i64.const(-cacheBlockBytes)),
      i32.const(wanted),
      i32.const(cacheBlockBytes),
    );
  const zeroBlock = module.function('zeroBlock', ['i32', 'i64'], 'i32', ([hart, address], locals) => {
    const host = locals.fresh('i32');
    return sequence(
      requireSwitch(hart.get, i64.const(cacheBlockSwitch.zero)),
      host.set(blockAt(hart.get, address.get, Wanted.store)),
      when(i32.eqz(host.get), giveUp),
      // Decoded code lies there, whose records must go.
      when(
        i32.load(hart.get, hartOffset.codePage),
        sequence(
          address.set(i64.and(address.get, i64.const(-cacheBlockBytes))),
          ...Array.from({ length: cacheBlockBytes / 8 }, (_, at) =>
            drop(store.call(hart.get, i64.add(address.get, i64.const(at * 8)), i64.const(0), i32.const(8))),
          ),
          done,
        ),
      ),
      ...Array.from({ length: cacheBlockBytes / 8 }, (_, at) => i64.store(host.get, i64.const(0), at * 8)),
      done,
    ) as never;
  });

  // There are no caches: what is left of management is its checks. A block that may be read may be managed.
  const manageBlock = module.function('manageBlock', ['i32', 'i64', 'i64'], 'i32', ([hart, address, allowedBy]) => {
    return sequence(
      requireSwitch(hart.get, allowedBy.get),
      when(blockAt(hart.get, address.get, Wanted.load), done, giveUp),
      giveUp,
    ) as never;
  });

  return { csr, fence, zeroBlock, manageBlock };
}
