// What generated code does by itself and keeps for those who need not hear of it at once (`LateTraps` of events.ts): exceptions,
// and writes of satp. A return that leads back from a trap that is kept takes it away again, so that neither
// system calls nor switches of processes call TypeScript; of a page fault whose access is tried again three words stay.

import {
  block,
  br,
  brIf,
  copy,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  label,
  loop,
  type Statement,
  sequence,
  when,
} from '../wasm/code.ts';
import type { FunctionHandle, Locals, ModuleBuilder } from '../wasm/module.ts';
import { MSTATUS } from './fast-access.ts';
import {
  crossingBytes,
  crossingField,
  hartOffset,
  LATE,
  maxCrossings,
  maxRetries,
  maxSatpWrites,
  OpenState,
  openBytes,
  openField,
  reckonedEntries,
  retryBytes,
  retryField,
  satpBytes,
  satpField,
} from './layout.ts';
import { csrAt, done, giveUp, privilege } from './path.ts';

export interface Crossings {
  /** Whether somebody wants to hear of traps later. */
  isLate(hart: I32): I32;
  /** Whether somebody wants to hear at once of the exception that S-mode is about to take from the privilege in force. */
  supervisorHearsAtOnce(hart: I32, pc: I64, cause: I32): I32;
  /** As that, where M-mode is about to take it. */
  machineHearsAtOnce(hart: I32, cause: I32): I32;
  /** (hart, pc, cause, tval, handler, privilege that takes it): an exception that is about to be taken; 0 = not to be kept. */
  readonly trap: FunctionHandle<'i32'>;
  /** (hart, to, target): a return that is about to be done; 0 = it leads back from nothing that is kept. */
  readonly back: FunctionHandle<'i32'>;
}

const SATP = csrAt(0x180);
const SP = 2;
const [ECALL_FROM_S, LOAD_PAGE_FAULT, STORE_PAGE_FAULT] = [9, 13, 15];
const field = (name: keyof typeof crossingField) => hartOffset.crossingLog + crossingField[name];
const openAt = (name: keyof typeof openField) => hartOffset.openLog + openField[name];
const x = (index: number) => hartOffset.x + index * 8;

/** Instructions that were retired before the one under way. */
function instretOf(hart: I32): I64 {
  const load = (offset: number) => i32.load(hart, offset);
  const behind = i32.add(i32.add(load(hartOffset.left), load(hartOffset.stash)), load(hartOffset.trapsInRun));
  return i64.sub(i64.load(hart, hartOffset.lastInstret), i64.extendS(behind));
}

export function defineCrossings(module: ModuleBuilder): Crossings {
  const kept = (hart: I32) => i32.load(hart, hartOffset.crossings);
  const slotOf = (hart: I32, index: I32) => i32.add(hart, i32.mul(index, i32.const(crossingBytes)));

  const keep = (hart: I32, pc: I64, cause: I32, tval: I64, handler: I64, to: I32, locals: Locals): Statement => {
    const slot = locals.fresh('i32');
    const put = (value: I64, name: keyof typeof crossingField) => i64.store(slot.get, value, field(name));
    return sequence(
      slot.set(slotOf(hart, kept(hart))),
      put(pc, 'pc'),
      put(tval, 'tval'),
      put(i64.load(hart, MSTATUS), 'mstatus'),
      put(i64.load(hart, SATP), 'satp'),
      put(instretOf(hart), 'instret'),
      put(handler, 'handler'),
      i32.store(slot.get, cause, field('cause')),
      i32.store(slot.get, i32.load(hart, hartOffset.progress), field('progress')),
      i32.store(slot.get, i32.load(hart, hartOffset.privilege), field('from')),
      i32.store(slot.get, to, field('to')),
      ...Array.from({ length: 31 }, (_, index) =>
        i64.store(slot.get, i64.load(hart, x(index + 1)), field('x') + (index + 1) * 8),
      ),
      i32.store(hart, i32.add(kept(hart), i32.const(1)), hartOffset.crossings),
    );
  };

  const trap = module.function('keepTrap', ['i32', 'i64', 'i32', 'i64', 'i64', 'i32'], 'i32', (params, locals) => {
    const [hart, pc, cause, tval, handler, to] = params;
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
      when(i32.geU(kept(hart.get), i32.const(maxCrossings)), giveUp),
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
      keep(hart.get, pc.get, cause.get, tval.get, handler.get, to.get, locals),
      done,
    ) as never;
  });

  const back = module.function('keepReturn', ['i32', 'i32', 'i64'], 'i32', ([hart, to, target], locals) => {
    const at = locals.fresh('i32');
    const likely = locals.fresh('i32');
    const told = locals.fresh('i32');
    const searchTold = label('search-told');
    const none = label('none');
    const left = locals.fresh('i32');
    const search = label('search');
    const found = label('found');
    const of = (name: keyof typeof crossingField) => i32.load(at.get, field(name));
    const same = (name: keyof typeof crossingField, offset: number, index = 0) =>
      i64.eq(i64.load(at.get, field(name) + index), i64.load(hart.get, offset));
    const progress = i32.load(hart.get, hartOffset.progress);
    const retries = i32.load(hart.get, hartOffset.retries);
    const bytesBehind = (slot: Local<'i32'>) =>
      i32.sub(slotOf(hart.get, kept(hart.get)), i32.add(slot.get, i32.const(crossingBytes)));
    const log = (slot: Local<'i32'>, index: number) =>
      i32.add(slot.get, i32.const(hartOffset.crossingLog + index * crossingBytes));
    /** No trap counts any more that was taken before; what is kept is no reason for less patience. */
    const goOn = sequence(
      i32.store(hart.get, i32.add(progress, i32.const(1)), hartOffset.progress),
      i32.store(hart.get, i32.const(0), hartOffset.retries),
      i32.store(hart.get, i32.add(i32.load(hart.get, hartOffset.fullPatience), kept(hart.get)), hartOffset.patience),
    );
    const state = i32.load(told.get, openAt('state'));
    const ran = when(i32.eqz(to.get), i32.store(hart.get, i32.const(1), hartOffset.userRan));
    /** The latest of those that were told of, if it is of the same stack and address space, and goes on elsewhere. */
    const leaveTold = sequence(
      told.set(i32.add(hart.get, i32.mul(i32.load(hart.get, hartOffset.open), i32.const(openBytes)))),
      block(
        none,
        loop(
          searchTold,
          brIf(none, i32.eq(told.get, hart.get)),
          told.set(i32.sub(told.get, i32.const(openBytes))),
          brIf(searchTold, i32.eq(state, i32.const(OpenState.left))),
          brIf(searchTold, i32.ne(i32.load(told.get, openAt('from')), to.get)),
          brIf(searchTold, i64.ne(i64.load(told.get, openAt('sp')), i64.load(hart.get, x(SP)))),
          brIf(searchTold, i64.ne(i64.load(told.get, openAt('satp')), i64.load(hart.get, SATP))),
          when(i32.eq(state, i32.const(OpenState.interrupt)), giveUp),
          when(i64.eq(i64.load(told.get, openAt('pc')), target.get), giveUp),
          i32.store(told.get, i32.const(OpenState.left), openAt('state')),
          goOn,
          ran,
          done,
        ),
      ),
    );
    /** The trap of the same address space counts, be it kept or told of, else the latest of the same stack. */
    const find = sequence(
      at.set(slotOf(hart.get, kept(hart.get))),
      block(
        found,
        loop(
          search,
          when(
            i32.eq(at.get, hart.get),
            sequence(
              leaveTold,
              when(i32.load(hart.get, hartOffset.openMore), giveUp),
              at.set(likely.get),
              when(i32.eqz(at.get), giveUp),
              br(found),
            ),
          ),
          at.set(i32.sub(at.get, i32.const(crossingBytes))),
          brIf(search, i32.ne(of('from'), to.get)),
          brIf(search, i32.eqz(same('x', x(SP), SP * 8))),
          brIf(found, same('satp', SATP)),
          when(i32.eqz(likely.get), likely.set(at.get)),
          br(search),
        ),
      ),
    );
    const retry = sequence(
      when(i32.geU(retries, i32.const(maxRetries)), giveUp),
      left.set(i32.add(hart.get, i32.mul(retries, i32.const(retryBytes)))),
      i64.store(left.get, target.get, hartOffset.retryLog + retryField.pc),
      i64.store(left.get, i64.load(at.get, field('tval')), hartOffset.retryLog + retryField.tval),
      i32.store(left.get, of('cause'), hartOffset.retryLog + retryField.cause),
      i32.store(hart.get, i32.add(retries, i32.const(1)), hartOffset.retries),
    );
    const takeAway = sequence(
      when(bytesBehind(at), copy(log(at, 0), log(at, 1), bytesBehind(at))),
      i32.store(hart.get, i32.sub(kept(hart.get), i32.const(1)), hartOffset.crossings),
    );
    const isElsewhere = i64.ne(i64.load(at.get, field('pc')), target.get);
    return sequence(
      find,
      ran,
      when(
        isElsewhere,
        sequence(takeAway, goOn),
        sequence(
          // Where others have made progress since, it no longer counts, and it was one of those that are no reason for less.
          when(
            i32.eq(of('progress'), progress),
            retry,
            i32.store(hart.get, i32.sub(i32.load(hart.get, hartOffset.patience), i32.const(1)), hartOffset.patience),
          ),
          takeAway,
        ),
      ),
      done,
    ) as never;
  });

  const isLate = (hart: I32) => i32.and(i32.load(hart, hartOffset.heard), i32.const(LATE));
  const isCause = (cause: I32, ...causes: readonly number[]) =>
    causes.map((each) => i32.eq(cause, i32.const(each))).reduce((one, other) => i32.or(one, other));
  const isReckonedWith = (hart: I32, pc: I64) => {
    const index = i32.and(i32.shrU(i32.wrap(pc), i32.const(1)), i32.const(reckonedEntries - 1));
    return i64.eq(i64.load(i32.add(hart, i32.shl(index, i32.const(3))), hartOffset.reckonedWith), pc);
  };
  const supervisorHearsAtOnce = (hart: I32, pc: I64, cause: I32) =>
    i32.and(
      privilege(hart),
      i32.eqz(i32.and(isCause(cause, LOAD_PAGE_FAULT, STORE_PAGE_FAULT), isReckonedWith(hart, pc))),
    );
  const machineHearsAtOnce = (hart: I32, cause: I32) =>
    i32.eqz(i32.or(i32.eqz(privilege(hart)), isCause(cause, ECALL_FROM_S)));
  return { isLate, supervisorHearsAtOnce, machineHearsAtOnce, trap, back };
}

/** (hart, pc, satp): a write of satp that is about to be done; 0 = not to be kept. */
export function defineSatpWrites(module: ModuleBuilder): FunctionHandle<'i32'> {
  return module.function('keepSatp', ['i32', 'i64', 'i64'], 'i32', ([hart, pc, satp], locals) => {
    const kept = i32.load(hart.get, hartOffset.satpWrites);
    const slot = locals.fresh('i32');
    const put = (value: I64, name: keyof typeof satpField) =>
      i64.store(slot.get, value, hartOffset.satpLog + satpField[name]);
    return sequence(
      when(i32.geU(kept, i32.const(maxSatpWrites)), giveUp),
      slot.set(i32.add(hart.get, i32.mul(kept, i32.const(satpBytes)))),
      put(pc.get, 'pc'),
      put(i64.load(hart.get, SATP), 'before'),
      put(satp.get, 'after'),
      put(instretOf(hart.get), 'instret'),
      i32.store(hart.get, i32.add(kept, i32.const(1)), hartOffset.satpWrites),
      done,
    ) as never;
  });
}
