// Traps that S-mode takes and returns from them, where nothing but the registers of the trap depends on it and nobody
// wants to hear of it at once; or nothing at all: then the host does it.

import { type I32, type I64, i32, i64, ret, type Statement, select, sequence, when } from '../wasm/code.ts';
import type { FunctionHandle, ModuleBuilder } from '../wasm/module.ts';
import { defineCrossings } from './crossings.ts';
import { MSTATUS } from './fast-access.ts';
import { EventBit, hartOffset, Tlb, tlbBytes, tlbField } from './layout.ts';
import { entryOf } from './translate.ts';

/** Each gives 0 where the host must do it. */
export interface TrapPaths {
  /** (hart, pc, cause, tval): an exception of the instruction at pc. */
  readonly exception: FunctionHandle<'i32'>;
  /** (hart, pc): ecall from U-mode. */
  readonly call: FunctionHandle<'i32'>;
  /** (hart, pc): sret. */
  readonly trapReturn: FunctionHandle<'i32'>;
}

const [SIE, SPIE, SPP, MPRV, SUM, TSR] = [1n << 1n, 1n << 5n, 1n << 8n, 1n << 17n, 1n << 18n, 1n << 22n];
const [STVEC, SEPC, SCAUSE, STVAL, MEDELEG] = [0x105, 0x141, 0x142, 0x143, 0x302];
const ECALL_FROM_U = 8;

const csrAt = (number: number) => hartOffset.csr + number * 8;
const giveUp = ret(i32.const(0));
const done = ret(i32.const(1));
const lacks = (value: I64, bits: bigint) => i64.eqz(i64.and(value, i64.const(bits)));
const privilege = (hart: I32) => i32.load(hart, hartOffset.privilege);
const hears = (hart: I32, event: number) => i32.and(i32.load(hart, hartOffset.heard), i32.const(event));

/** The address of a translation table of the space in force. */
function tableAt(hart: I32, table: I32): I32 {
  const first = i32.add(hart, i32.add(i32.load(hart, hartOffset.space), i32.const(hartOffset.tlb)));
  return i32.add(first, i32.mul(table, i32.const(tlbBytes)));
}

/** Puts the tables of a privilege in force that MPRV says nothing of: U or S. */
function selectTables(hart: I32, supervisor: I32, mstatus: I64): Statement {
  const data = select(i32.const(Tlb.S), i32.const(Tlb.SSum), lacks(mstatus, SUM));
  return sequence(
    i32.store(hart, tableAt(hart, select(i32.const(Tlb.S), i32.const(Tlb.U), supervisor)), hartOffset.fetchTlb),
    i32.store(hart, tableAt(hart, select(data, i32.const(Tlb.U), supervisor)), hartOffset.dataTlb),
  );
}

export function defineTrapPaths(module: ModuleBuilder, xlen: 32 | 64): TrapPaths {
  const crossings = defineCrossings(module);
  const within = (value: I64) => (xlen === 64 ? value : i64.and(value, i64.const(0xffff_ffffn)));

  const exception = module.function('exception', ['i32', 'i64', 'i32', 'i64'], 'i32', (params, locals) => {
    const [hart, pc, cause, tval] = params;
    const mstatus = locals.fresh('i64');
    const handler = locals.fresh('i64');
    const set = (number: number, value: I64) => i64.store(hart.get, value, csrAt(number));
    const raw = (number: number) => i64.load(hart.get, csrAt(number));
    const inPlace = i64.eq(
      i64.load(entryOf(tableAt(hart.get, i32.const(Tlb.S)), handler.get), tlbField.execute),
      i64.and(handler.get, i64.const(~0xfffn)),
    );
    return sequence(
      when(hears(hart.get, EventBit.trap), giveUp),
      when(i32.gtU(privilege(hart.get), i32.const(1)), giveUp),
      when(i64.eqz(i64.and(i64.shrU(raw(MEDELEG), i64.extendU(cause.get)), i64.const(1))), giveUp),
      mstatus.set(i64.load(hart.get, MSTATUS)),
      when(i32.eqz(lacks(mstatus.get, MPRV)), giveUp),
      handler.set(within(i64.and(raw(STVEC), i64.const(-4n)))),
      // Kernels that fault themselves, and handlers that are not mapped, are told of at once.
      when(
        crossings.isLate(hart.get),
        sequence(
          when(privilege(hart.get), giveUp),
          when(i32.eqz(inPlace), giveUp),
          when(i32.eqz(crossings.trap.call(hart.get, pc.get, cause.get, tval.get, handler.get)), giveUp),
        ),
      ),
      set(SEPC, pc.get),
      set(SCAUSE, i64.extendU(cause.get)),
      set(STVAL, tval.get),
      // SPIE = SIE, SIE = 0, SPP = the privilege that is left.
      mstatus.set(
        i64.or(
          i64.or(
            i64.and(mstatus.get, i64.const(~(SIE | SPIE | SPP))),
            i64.shl(i64.and(mstatus.get, i64.const(SIE)), i64.const(4)),
          ),
          i64.shl(i64.extendU(privilege(hart.get)), i64.const(8)),
        ),
      ),
      i64.store(hart.get, mstatus.get, MSTATUS),
      i32.store(hart.get, i32.const(1), hartOffset.privilege),
      selectTables(hart.get, i32.const(1), mstatus.get),
      i32.store(hart.get, i32.const(0), hartOffset.reservation),
      i32.store(hart.get, i32.add(i32.load(hart.get, hartOffset.trapsInRun), i32.const(1)), hartOffset.trapsInRun),
      i64.store(hart.get, handler.get, hartOffset.pc),
      done,
    ) as never;
  });

  const call = module.function('ecall', ['i32', 'i64'], 'i32', ([hart, pc]) => {
    return sequence(
      when(privilege(hart.get), giveUp),
      ret(exception.call(hart.get, pc.get, i32.const(ECALL_FROM_U), i64.const(0))),
    ) as never;
  });

  const trapReturn = module.function('sret', ['i32', 'i64'], 'i32', ([hart, pc], locals) => {
    const mstatus = locals.fresh('i64');
    const supervisor = locals.fresh('i32');
    return sequence(
      when(hears(hart.get, EventBit['trap-return']), giveUp),
      when(i32.ne(privilege(hart.get), i32.const(1)), giveUp),
      mstatus.set(i64.load(hart.get, MSTATUS)),
      when(i32.eqz(lacks(mstatus.get, MPRV | TSR)), giveUp),
      // It may enable an interrupt that waits.
      when(i32.load(hart.get, hartOffset.interruptible), giveUp),
      supervisor.set(i32.eqz(lacks(mstatus.get, SPP))),
      when(crossings.isLate(hart.get), when(i32.eqz(crossings.back.call(hart.get, pc.get, supervisor.get)), giveUp)),
      // SIE = SPIE, SPIE = 1, SPP = U.
      mstatus.set(
        i64.or(
          i64.or(i64.and(mstatus.get, i64.const(~(SIE | SPP))), i64.const(SPIE)),
          i64.shrU(i64.and(mstatus.get, i64.const(SPIE)), i64.const(4)),
        ),
      ),
      i64.store(hart.get, mstatus.get, MSTATUS),
      i32.store(hart.get, supervisor.get, hartOffset.privilege),
      selectTables(hart.get, supervisor.get, mstatus.get),
      i64.store(hart.get, i64.load(hart.get, csrAt(SEPC)), hartOffset.pc),
      done,
    ) as never;
  });

  return { exception, call, trapReturn };
}
