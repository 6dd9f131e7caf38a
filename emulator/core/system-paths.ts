// What kernels do all the time beside computing: plain CSR accesses, fences of translations, blocks of zeros. Each function
// does the whole of it where nothing else depends on it and nobody listens, or nothing at all: then the host does.

import { cacheBlockBytes } from '../isa/cache-blocks.ts';
import { block, brIf, type I32, type I64, i32, i64, label, ret, sequence, when } from '../wasm/code.ts';
import type { FunctionHandle, ModuleBuilder } from '../wasm/module.ts';
import { MSTATUS } from './fast-access.ts';
import type { Flushes } from './flush.ts';
import {
  CsrClass,
  EventBit,
  hartOffset,
  shared,
  superpageRegions,
  Tlb,
  tlbBytes,
  tlbEntries,
  tlbEntryBytes,
  tlbField,
} from './layout.ts';
import { EMPTY, Wanted } from './translate.ts';

/** How a CSR instruction changes the register; `reads` is added where it does not write. */
export const CsrChange = { write: 0, set: 1, clear: 2, reads: 4 } as const;

/** Each gives 0 where the host must do it. The old value of a CSR is left in the hart's `value`. */
export interface SystemPaths {
  /** (hart, number, operand, change) */
  readonly csr: FunctionHandle<'i32'>;
  /** (hart, address, 1 = that address only) */
  readonly fence: FunctionHandle<'i32'>;
  /** (hart, address) */
  readonly zeroBlock: FunctionHandle<'i32'>;
}

const [SIE, SPIE, SPP, TVM] = [1n << 1n, 1n << 5n, 1n << 8n, 1n << 20n];
const PLAIN_STATUS = SIE | SPIE | SPP;
const NS_PER_TICK = 100;
const [SCOUNTEREN, SENVCFG, MCOUNTEREN, MENVCFG] = [0x106, 0x10a, 0x306, 0x30a];
const TM = 2n;
const CBZE = 1n << 7n;

const csrAt = (number: number) => hartOffset.csr + number * 8;
const giveUp = ret(i32.const(0));
const done = ret(i32.const(1));

export function defineSystemPaths(
  module: ModuleBuilder,
  translate: FunctionHandle<'i32'>,
  { flush, forgetJumpsOf }: Flushes,
  xlen: 32 | 64,
): SystemPaths {
  const within = (value: I64) => (xlen === 64 ? value : i64.and(value, i64.const(0xffff_ffffn)));
  const lacks = (value: I64, bits: bigint) => i64.eqz(i64.and(value, i64.const(bits)));
  const privilege = (hart: I32) => i32.load(hart, hartOffset.privilege);

  const csr = module.function('csr', ['i32', 'i32', 'i64', 'i32'], 'i32', (params, locals) => {
    const [hart, number, operand, change] = params;
    const kind = locals.fresh('i32');
    const old = locals.fresh('i64');
    const wanted = locals.fresh('i64');
    const mask = locals.fresh('i64');
    const reads = i32.and(change.get, i32.const(CsrChange.reads));
    const at = i32.add(hart.get, i32.shl(number.get, i32.const(3)));
    const raw = (csrNumber: number) => i64.load(hart.get, csrAt(csrNumber));
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
      i64.store(hart.get, within(old.get), hartOffset.value),
      done,
    );
    return sequence(
      kind.set(i32.and(i32.load8u(number.get, shared.csrClasses), i32.const(CsrClass.listened - 1))),
      when(i32.eqz(kind.get), giveUp),
      when(i32.ltU(privilege(hart.get), i32.and(i32.shrU(number.get, i32.const(8)), i32.const(3))), giveUp),
      when(isKind(CsrClass.time), time),
      when(
        i32.eqz(reads),
        when(i32.and(i32.load8u(number.get, shared.csrClasses), i32.const(CsrClass.listened)), giveUp),
      ),
      mask.set(i64.load(i32.shl(number.get, i32.const(3)), shared.csrMasks)),
      when(
        isKind(CsrClass.status),
        old.set(i64.and(i64.load(hart.get, MSTATUS), mask.get)),
        old.set(i64.load(at, hartOffset.csr)),
      ),
      when(
        i32.eqz(reads),
        sequence(
          wanted.set(operand.get),
          when(isChange(CsrChange.set), wanted.set(i64.or(old.get, operand.get))),
          when(isChange(CsrChange.clear), wanted.set(i64.and(old.get, i64.xor(operand.get, i64.const(-1))))),
          // The bits that change.
          wanted.set(i64.and(i64.xor(wanted.get, old.get), mask.get)),
          when(
            isKind(CsrClass.status),
            sequence(
              when(i32.eqz(lacks(wanted.get, ~PLAIN_STATUS)), giveUp),
              // SIE becomes 1 and something may wait for it.
              when(
                i32.and(i32.load(hart.get, hartOffset.interruptible), i32.eqz(lacks(wanted.get, SIE))),
                when(lacks(old.get, SIE), giveUp),
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

  const fence = module.function('fence', ['i32', 'i64', 'i32'], 'i32', ([hart, address, one], locals) => {
    const entry = locals.fresh('i32');
    const all = label('all');
    const tables = [Tlb.U, Tlb.S, Tlb.SSum].map((table) => hartOffset.tlb + table * tlbBytes);
    const index = i32.and(i32.wrap(i64.shrU(address.get, i64.const(12))), i32.const(tlbEntries - 1));
    const region = i32.and(i32.wrap(i64.shrU(address.get, i64.const(30))), i32.const(superpageRegions - 1));
    return sequence(
      when(i32.and(i32.load(hart.get, hartOffset.heard), i32.const(EventBit.sfence)), giveUp),
      when(i32.eqz(privilege(hart.get)), giveUp),
      when(i32.eq(privilege(hart.get), i32.const(1)), when(i32.eqz(lacks(i64.load(hart.get, MSTATUS), TVM)), giveUp)),
      block(
        all,
        brIf(all, i32.eqz(one.get)),
        brIf(all, i32.load8u(i32.add(hart.get, region), hartOffset.superpages)),
        entry.set(i32.add(hart.get, i32.mul(index, i32.const(tlbEntryBytes)))),
        ...tables.flatMap((table) =>
          [tlbField.read, tlbField.write, tlbField.execute].map((field) =>
            i64.store(entry.get, i64.const(EMPTY), table + field),
          ),
        ),
        forgetJumpsOf.call(hart.get, address.get),
        done,
      ),
      flush.call(hart.get, i32.const(Tlb.U), i32.const(tables.length)),
      done,
    ) as never;
  });

  const zeroBlock = module.function('zeroBlock', ['i32', 'i64'], 'i32', ([hart, address], locals) => {
    const host = locals.fresh('i32');
    const allows = (number: number) => i32.eqz(lacks(i64.load(hart.get, csrAt(number)), CBZE));
    return sequence(
      when(i32.ltU(privilege(hart.get), i32.const(3)), when(i32.eqz(allows(MENVCFG)), giveUp)),
      when(i32.eqz(privilege(hart.get)), when(i32.eqz(allows(SENVCFG)), giveUp)),
      host.set(
        translate.call(
          hart.get,
          i32.load(hart.get, hartOffset.dataTlb),
          i64.and(address.get, i64.const(-cacheBlockBytes)),
          i32.const(Wanted.store),
        ),
      ),
      when(i32.eqz(host.get), giveUp),
      // Decoded code lies there.
      when(i32.load(hart.get, hartOffset.codePage), giveUp),
      ...Array.from({ length: cacheBlockBytes / 8 }, (_, at) => i64.store(host.get, i64.const(0), at * 8)),
      done,
    ) as never;
  });

  return { csr, fence, zeroBlock };
}
