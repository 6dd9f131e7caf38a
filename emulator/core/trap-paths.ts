// Exceptions and returns from them, where nothing but the registers of the trap depends on it and nobody wants to hear of
// it at once; or nothing at all: then the host does it.

import { type I32, type I64, i32, i64, ret, type Statement, select, sequence, when } from '../wasm/code.ts';
import type { FunctionHandle, ModuleBuilder } from '../wasm/module.ts';
import { defineCrossings } from './crossings.ts';
import { MSTATUS } from './fast-access.ts';
import { EventBit, hartOffset, shared, Tlb, tlbBytes, tlbField } from './layout.ts';
import { csrAt, done, giveUp, lacks, privilege, within } from './path.ts';
import { entryOf } from './tlb-entry.ts';

/** Each gives 0 where the host must do it. */
export interface TrapPaths {
  /** (hart, pc, cause, tval): an exception of the instruction at pc. */
  readonly exception: FunctionHandle<'i32'>;
  /** (hart, pc): ecall. */
  readonly call: FunctionHandle<'i32'>;
  /** (hart, pc): sret. */
  readonly trapReturn: FunctionHandle<'i32'>;
  /** (hart, pc): mret. */
  readonly machineReturn: FunctionHandle<'i32'>;
}

const [SIE, SPIE, SPP, MPRV, SUM, TSR] = [1n << 1n, 1n << 5n, 1n << 8n, 1n << 17n, 1n << 18n, 1n << 22n];
const [MIE, MPIE, MPP] = [1n << 3n, 1n << 7n, 3n << 11n];
const [STVEC, SEPC, SCAUSE, STVAL] = [0x105, 0x141, 0x142, 0x143];
const [MEDELEG, MTVEC, MEPC, MCAUSE, MTVAL] = [0x302, 0x305, 0x341, 0x342, 0x343];
const [S, M] = [1, 3];
const ECALL_FROM_U = 8;

const hears = (hart: I32, event: number) => i32.and(i32.load(hart, hartOffset.heard), i32.const(event));

/** The address of a translation table: M-mode's is in the first space, all others in that in force. */
function tableAt(hart: I32, table: I32): I32 {
  const space = select(i32.const(0), i32.load(hart, hartOffset.space), i32.eq(table, i32.const(Tlb.M)));
  const first = i32.add(hart, i32.add(space, i32.const(hartOffset.tlb)));
  return i32.add(first, i32.mul(table, i32.const(tlbBytes)));
}

/** Puts the tables of a privilege in force that MPRV says nothing of; U, S and M are numbered as their tables. */
function selectTables(hart: I32, to: I32, mstatus: I64): Statement {
  const withSum = i32.and(i32.eq(to, i32.const(S)), i32.eqz(lacks(mstatus, SUM)));
  return sequence(
    i32.store(hart, tableAt(hart, to), hartOffset.fetchTlb),
    i32.store(hart, tableAt(hart, i32.add(to, withSum)), hartOffset.dataTlb),
  );
}

export function defineTrapPaths(module: ModuleBuilder, xlen: 32 | 64): TrapPaths {
  const crossings = defineCrossings(module);

  const exception = module.function('exception', ['i32', 'i64', 'i32', 'i64'], 'i32', (params, locals) => {
    const [hart, pc, cause, tval] = params;
    const mstatus = locals.fresh('i64');
    const handler = locals.fresh('i64');
    const set = (number: number, value: I64) => i64.store(hart.get, value, csrAt(number));
    const raw = (number: number) => i64.load(hart.get, csrAt(number));
    /** Kept for who hears of it later; given up where somebody wants to hear at once, or the handler is not mapped. */
    const keepFor = (mode: number, table: number, heardAtOnce: I32) => {
      const entry = entryOf(tableAt(hart.get, i32.const(table)), handler.get);
      const inPlace = i64.eq(i64.load(entry, tlbField.execute), i64.and(handler.get, i64.const(~0xfffn)));
      const kept = crossings.trap.call(hart.get, pc.get, cause.get, tval.get, handler.get, i32.const(mode));
      return when(
        crossings.isLate(hart.get),
        sequence(when(heardAtOnce, giveUp), when(i32.eqz(inPlace), giveUp), when(i32.eqz(kept), giveUp)),
      );
    };
    const isDelegated = i32.and(
      i32.wrap(i64.shrU(raw(MEDELEG), i64.extendU(cause.get))),
      i32.ltU(privilege(hart.get), i32.const(M)),
    );
    const handlerIn = (vector: number) => handler.set(within(xlen, i64.and(raw(vector), i64.const(-4n))));
    /** xPIE = xIE, xIE = 0, xPP = the privilege that is left. */
    const stack = (enable: bigint, before: bigint, previous: bigint, at: bigint) =>
      mstatus.set(
        i64.or(
          i64.or(
            i64.and(mstatus.get, i64.const(~(enable | before | previous))),
            i64.shl(i64.and(mstatus.get, i64.const(enable)), i64.const(4)),
          ),
          i64.shl(i64.extendU(privilege(hart.get)), i64.const(at)),
        ),
      );
    const toSupervisor = sequence(
      handlerIn(STVEC),
      // Kernels that fault themselves are told of at once, but for where they reckon with it.
      keepFor(S, Tlb.S, crossings.supervisorHearsAtOnce(hart.get, pc.get, cause.get)),
      set(SEPC, pc.get),
      set(SCAUSE, i64.extendU(cause.get)),
      set(STVAL, tval.get),
      stack(SIE, SPIE, SPP, 8n),
      i32.store(hart.get, i32.const(S), hartOffset.privilege),
      selectTables(hart.get, i32.const(S), mstatus.get),
    );
    const toMachine = sequence(
      handlerIn(MTVEC),
      keepFor(M, Tlb.M, crossings.machineHearsAtOnce(hart.get, cause.get)),
      set(MEPC, pc.get),
      set(MCAUSE, i64.extendU(cause.get)),
      set(MTVAL, tval.get),
      stack(MIE, MPIE, MPP, 11n),
      i32.store(hart.get, i32.const(M), hartOffset.privilege),
      selectTables(hart.get, i32.const(M), mstatus.get),
    );
    return sequence(
      when(hears(hart.get, EventBit.trap), giveUp),
      mstatus.set(i64.load(hart.get, MSTATUS)),
      when(i32.eqz(lacks(mstatus.get, MPRV)), giveUp),
      when(isDelegated, toSupervisor, toMachine),
      i64.store(hart.get, mstatus.get, MSTATUS),
      i32.store(hart.get, i32.const(0), hartOffset.reservation),
      i32.store(hart.get, i32.add(i32.load(hart.get, hartOffset.trapsInRun), i32.const(1)), hartOffset.trapsInRun),
      i64.store(hart.get, handler.get, hartOffset.pc),
      done,
    ) as never;
  });

  const call = module.function('ecall', ['i32', 'i64'], 'i32', ([hart, pc]) => {
    const cause = i32.add(i32.const(ECALL_FROM_U), privilege(hart.get));
    return sequence(
      // The built-in SBI is the host's.
      when(i32.load(i32.const(0), shared.builtinSbi), when(i32.eq(privilege(hart.get), i32.const(S)), giveUp)),
      ret(exception.call(hart.get, pc.get, cause, i64.const(0))),
    ) as never;
  });

  /** sret or mret. */
  const returnsFrom = (
    name: string,
    mode: number,
    [enable, before, previous, at]: readonly [bigint, bigint, bigint, bigint],
    forbidden: bigint,
    epc: number,
  ) =>
    module.function(name, ['i32', 'i64'], 'i32', ([hart], locals) => {
      const mstatus = locals.fresh('i64');
      const to = locals.fresh('i32');
      const target = i64.load(hart.get, csrAt(epc));
      return sequence(
        when(hears(hart.get, EventBit['trap-return']), giveUp),
        when(i32.ne(privilege(hart.get), i32.const(mode)), giveUp),
        mstatus.set(i64.load(hart.get, MSTATUS)),
        when(i32.eqz(lacks(mstatus.get, forbidden)), giveUp),
        // It may enable an interrupt that waits.
        when(i32.load(hart.get, hartOffset.interruptible), giveUp),
        to.set(i32.wrap(i64.shrU(i64.and(mstatus.get, i64.const(previous)), i64.const(at)))),
        when(crossings.isLate(hart.get), when(i32.eqz(crossings.back.call(hart.get, to.get, target)), giveUp)),
        // xIE = xPIE, xPIE = 1, xPP = U.
        mstatus.set(
          i64.or(
            i64.or(i64.and(mstatus.get, i64.const(~(enable | previous))), i64.const(before)),
            i64.shrU(i64.and(mstatus.get, i64.const(before)), i64.const(4)),
          ),
        ),
        i64.store(hart.get, mstatus.get, MSTATUS),
        i32.store(hart.get, to.get, hartOffset.privilege),
        selectTables(hart.get, to.get, mstatus.get),
        i64.store(hart.get, target, hartOffset.pc),
        done,
      ) as never;
    });
  const trapReturn = returnsFrom('sret', S, [SIE, SPIE, SPP, 8n], MPRV | TSR, SEPC);
  const machineReturn = returnsFrom('mret', M, [MIE, MPIE, MPP, 11n], MPRV, MEPC);

  return { exception, call, trapReturn, machineReturn };
}
