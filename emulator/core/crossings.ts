// Traps and returns that generated code deals with, kept for those who need not hear of them at once (`LateTraps` of
// events.ts). A return that leads back from the trap kept last takes it away again, so that system calls cost a copy of
// the registers and no call into TypeScript; of a page fault whose access is tried again three words stay.

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
  type Statement,
  sequence,
  when,
} from '../wasm/code.ts';
import type { FunctionHandle, Locals, ModuleBuilder } from '../wasm/module.ts';
import {
  crossingBytes,
  crossingField,
  hartOffset,
  LATE,
  maxCrossings,
  maxRetries,
  noCause,
  retryBytes,
  retryField,
} from './layout.ts';

export interface Crossings {
  /** Whether somebody wants to hear of traps later. */
  isLate(hart: I32): I32;
  /** (hart, pc, cause, tval, handler): an exception that S-mode is about to take; 0 = not to be kept. */
  readonly trap: FunctionHandle<'i32'>;
  /** (hart, pc, to): a return by sret that is about to be done; 0 = not to be kept. */
  readonly back: FunctionHandle<'i32'>;
}

const SATP = hartOffset.csr + 0x180 * 8;
const SEPC = hartOffset.csr + 0x141 * 8;
const MSTATUS = hartOffset.csr + 0x300 * 8;
const SP = 2;
const field = (name: keyof typeof crossingField) => hartOffset.crossingLog + crossingField[name];
const x = (index: number) => hartOffset.x + index * 8;
const giveUp = ret(i32.const(0));
const done = ret(i32.const(1));

export function defineCrossings(module: ModuleBuilder): Crossings {
  const kept = (hart: I32) => i32.load(hart, hartOffset.crossings);
  const slotOf = (hart: I32, index: I32) => i32.add(hart, i32.mul(index, i32.const(crossingBytes)));

  /** Writes all but `passed`, which tells of what came before. */
  const keep = (hart: I32, pc: I64, cause: I32, tval: I64, to: I32, handler: I64, locals: Locals): Statement => {
    const slot = locals.fresh('i32');
    const copy = (value: I64, name: keyof typeof crossingField) => i64.store(slot.get, value, field(name));
    const put = (value: I32, name: keyof typeof crossingField) => i32.store(slot.get, value, field(name));
    return sequence(
      when(i32.geU(kept(hart), i32.const(maxCrossings)), giveUp),
      slot.set(slotOf(hart, kept(hart))),
      copy(pc, 'pc'),
      copy(tval, 'tval'),
      copy(i64.load(hart, MSTATUS), 'mstatus'),
      copy(i64.load(hart, SATP), 'satp'),
      put(i32.add(i32.load(hart, hartOffset.left), i32.load(hart, hartOffset.stash)), 'left'),
      put(i32.load(hart, hartOffset.trapsInRun), 'trapsInRun'),
      put(cause, 'cause'),
      put(i32.load(hart, hartOffset.privilege), 'from'),
      put(to, 'to'),
      copy(handler, 'handler'),
      ...Array.from({ length: 31 }, (_, index) =>
        i64.store(slot.get, i64.load(hart, x(index + 1)), field('x') + (index + 1) * 8),
      ),
      i32.store(hart, i32.add(kept(hart), i32.const(1)), hartOffset.crossings),
    );
  };

  const trap = module.function('keepTrap', ['i32', 'i64', 'i32', 'i64', 'i64'], 'i32', (params, locals) => {
    const [hart, pc, cause, tval, handler] = params;
    const left = locals.fresh('i32');
    const at = locals.fresh('i32');
    const again = label('again');
    const counted = label('counted');
    const is = (offset: number, value: I64) => i64.eq(i64.load(at.get, hartOffset.retryLog + offset), value);
    const isSame = i32.and(
      i32.and(is(retryField.tval, tval.get), is(retryField.pc, pc.get)),
      i32.eq(i32.load(at.get, hartOffset.retryLog + retryField.cause), cause.get),
    );
    return sequence(
      // What may be told of this very trap: what is kept may be it, too.
      left.set(i32.sub(i32.load(hart.get, hartOffset.patience), kept(hart.get))),
      at.set(i32.add(hart.get, i32.mul(i32.load(hart.get, hartOffset.retries), i32.const(retryBytes)))),
      block(
        counted,
        loop(
          again,
          brIf(counted, i32.eq(at.get, hart.get)),
          at.set(i32.sub(at.get, i32.const(retryBytes))),
          left.set(i32.sub(left.get, isSame)),
          br(again),
        ),
      ),
      when(i32.ltS(left.get, i32.const(1)), giveUp),
      keep(hart.get, pc.get, cause.get, tval.get, i32.const(1), handler.get, locals),
      done,
    ) as never;
  });

  const back = module.function('keepReturn', ['i32', 'i64', 'i32'], 'i32', ([hart, pc, to], locals) => {
    const top = locals.fresh('i32');
    const at = locals.fresh('i32');
    const target = i64.load(hart.get, SEPC);
    const of = (name: keyof typeof crossingField) => i32.load(top.get, field(name));
    const same = (name: keyof typeof crossingField, at: number, offset = 0) =>
      i64.eq(i64.load(top.get, field(name) + offset), i64.load(hart.get, at));
    const isBack = i32.and(
      i32.and(i32.ne(of('cause'), i32.const(noCause)), i32.eq(of('from'), to.get)),
      i32.and(same('x', x(SP), SP * 8), same('satp', SATP)),
    );
    const takeAway = sequence(
      i32.store(hart.get, i32.sub(kept(hart.get), i32.const(1)), hartOffset.crossings),
      i32.store(top.get, i32.or(of('passed'), i32.load(top.get, field('passed') + crossingBytes)), field('passed')),
      i32.store(top.get, i32.const(0), field('passed') + crossingBytes),
    );
    const retries = i32.load(hart.get, hartOffset.retries);
    const isFirst = i32.eq(kept(hart.get), i32.const(1));
    /** In the order of what is told it comes before all that is kept, and behind what has passed. */
    const retry = sequence(
      when(i32.geU(retries, i32.const(maxRetries)), giveUp),
      at.set(i32.add(hart.get, i32.mul(retries, i32.const(retryBytes)))),
      i64.store(at.get, target, hartOffset.retryLog + retryField.pc),
      i64.store(at.get, i64.load(top.get, field('tval')), hartOffset.retryLog + retryField.tval),
      i32.store(at.get, of('cause'), hartOffset.retryLog + retryField.cause),
      i32.store(hart.get, i32.add(retries, i32.const(1)), hartOffset.retries),
      takeAway,
      done,
    );
    const progress = sequence(
      takeAway,
      i32.store(top.get, i32.const(1), field('passed')),
      when(i32.eqz(kept(hart.get)), i32.store(hart.get, i32.const(0), hartOffset.retries)),
      i32.store(hart.get, i32.load(hart.get, hartOffset.fullPatience), hartOffset.patience),
      done,
    );
    return sequence(
      // Where nothing is kept the trap has been told of already.
      when(i32.eqz(kept(hart.get)), giveUp),
      top.set(slotOf(hart.get, i32.sub(kept(hart.get), i32.const(1)))),
      when(isBack, when(i64.ne(i64.load(top.get, field('pc')), target), progress, when(isFirst, retry))),
      keep(hart.get, pc.get, i32.const(noCause), target, to.get, i64.const(0), locals),
      done,
    ) as never;
  });

  const isLate = (hart: I32) => i32.and(i32.load(hart, hartOffset.heard), i32.const(LATE));
  return { isLate, trap, back };
}
