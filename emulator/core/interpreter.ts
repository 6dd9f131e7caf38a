// The generated interpreter: one WebAssembly function that dispatches over decoded records, one case for each row of the
// instruction table. Guest state is precise whenever it calls out or returns.

import type { CompressedRow, InstructionRow } from '../isa/row.ts';
import {
  block,
  br,
  brIf,
  brTable,
  drop,
  type I32,
  type I64,
  i32,
  i64,
  type Label,
  label,
  loop,
  ret,
  type Statement,
  sequence,
  when,
} from '../wasm/code.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import { defineAccesses } from './accesses.ts';
import { Counter } from './counts.ts';
import { filledWith, noteFilled } from './filled.ts';
import { defineFloats } from './float/functions.ts';
import { defineFlush } from './flush.ts';
import { follow, jumpEntryOf, MAX_DEPTH, regionParams, SLOW } from './jumps.ts';
import {
  Exit,
  entriesAt,
  entryBytes,
  entryField,
  hartOffset,
  heatAt,
  heatBytes,
  jumpField,
  recordBytes,
  recordBytesPerByte,
  recordField,
  STRADDLE_KNOWN,
  Status,
  straddleField,
  tlbField,
} from './layout.ts';
import { numberOperations, Special } from './operations.ts';
import { definePrecise, RecordEmitter } from './record-emitter.ts';
import { offsetOf } from './record-operands.ts';
import { beginRegions, defineRefill } from './refill.ts';
import type { RunLocals } from './run-locals.ts';
import { defineSystemPaths } from './system-paths.ts';
import { entryOf } from './tlb-entry.ts';
import { defineTranslate, Wanted } from './translate.ts';
import { visitsCounted } from './translator/hot-places.ts';
import { defineTrapPaths } from './trap-paths.ts';
import { defineWatched } from './watched.ts';

/** Regions of translated code that there can be at once. */
export const tableSize = 4096;

/** How often a place was jumped to when the translator is told, which counts on from there. */
export const hotAt = (translateAfter: number | undefined): readonly number[] =>
  translateAfter === undefined ? [] : [visitsCounted(translateAfter)];

/**
 * Stands for the first record of the page that a record which stands alone has not: farther from there than any jump
 * reaches (1 MiB, recordBytesPerByte times that in records).
 */
export const NO_PAGE = 0x80000000;

/** What comes after a record that is no instruction. */
const Then = { next: 0, refetch: 1, region: 2 } as const;

const FETCH_PAGE_FAULT = 12;

/** What of a hart is built into the code. */
export interface HartFeatures {
  readonly xlen: 32 | 64;
  /** Misaligned loads and stores are left to the host, which takes the trap. */
  readonly trapsMisaligned: boolean;
  /** With C, instructions may begin at any even address; without, a jump elsewhere is an exception of the jump. */
  readonly compressed: boolean;
  /** Jumps to an instruction after which it is translated, at most 65535; undefined = never. */
  readonly translateAfter: number | undefined;
  /** For profiles: counts what costs time. */
  readonly counts?: boolean;
}

/** The module, for records whose operations are numbered by `numberOperations`. */
export function generateInterpreter(
  table: readonly InstructionRow[],
  compressed: readonly CompressedRow[],
  features: HartFeatures,
): Uint8Array<ArrayBuffer> {
  const { xlen } = features;
  const operations = numberOperations(table, compressed, features);
  const module = new ModuleBuilder();
  const decode = module.import('decode', ['i32'], 'i32');
  const straddle = module.import('straddle', ['i32'], 'i32');
  const fetch = module.import('fetch', ['i32'], 'i32');
  const execute = module.import('execute', ['i32', 'i32'], 'i32');
  const hostLoad = module.import('load', ['i32', 'i32'], 'i32');
  const hostStore = module.import('store', ['i32', 'i32'], 'i32');

  const changed = module.import('changed', ['i32'], 'i32');
  const hot = module.import('hot', ['i32'], 'i32');
  const soil = module.import('soil', ['i32'], 'i32');
  const told = module.import('told', ['i32'], 'i32');
  const missed = module.import('missed', ['i32'], 'i32');
  module.importTable(tableSize);
  const enterRegion = module.indirect(regionParams, 'i64');

  const count = new Counter(features.counts ?? false);
  const translate = defineTranslate(module, xlen, count, { soil, missed }, defineWatched(module, count, told));
  defineRefill(module, translate, count);
  const traps = defineTrapPaths(module, xlen);
  const accesses = defineAccesses(
    module,
    translate,
    { load: hostLoad, store: hostStore, changed },
    traps.exception,
    features.trapsMisaligned,
    count,
  );

  const flushes = defineFlush(module, xlen);
  const precise = definePrecise(module);
  const system = defineSystemPaths(module, translate, accesses, flushes, xlen);
  const floats = defineFloats(module, table, xlen);

  // Runs until `budget` instructions have retired or something needs the host. `alone`: begins with the record at
  // scratch, whose instruction is at pc.
  module.function('run', ['i32', 'i32', 'i32'], 'i32', ([hart, budget, startAlone], locals) => {
    const next = label('next');
    const ready = label('ready');
    const refetch = label('refetch');
    const cases = Array.from({ length: operations.count }, (_, index) => label(`op${index}`));
    const last = cases.at(-1) as Label;
    const leave = label('leave');
    const outOfBudget = label('out-of-budget');
    const away = label('away');
    /** `heatAt` bytes before the heat of a record of the page. */
    const heatOf = (at: I32) =>
      i32.add(page.get, i32.shrU(i32.sub(at, page.get), i32.const(Math.log2(recordBytes / heatBytes))));
    const isRegion = (operation: I32) => i32.eq(operation, i32.const(Special.region));
    const heated = locals.fresh('i32');
    const heat = locals.fresh('i32');
    const run: RunLocals = {
      hart,
      budget,
      record: locals.fresh('i32'),
      step: locals.fresh('i32'),
      operation: locals.fresh('i32'),
      page: locals.fresh('i32'),
      bias: locals.fresh('i64'),
      target: locals.fresh('i64'),
      next,
      ready,
      refetch,
      leave,
      away,
      host: { 2: cases[operations.hostOf(2)] as Label, 4: cases[operations.hostOf(4)] as Label },
      heat: (at) =>
        when(
          i32.eqz(isRegion(i32.load16u(at, recordField.operation))),
          sequence(
            heated.set(heatOf(at)),
            i32.store16(heated.get, heat.tee(i32.add(i32.load16u(heated.get, heatAt), i32.const(1))), heatAt),
            ...hotAt(features.translateAfter).map((limit) =>
              when(i32.eq(heat.get, i32.const(limit)), drop(hot.call(at))),
            ),
          ),
        ),
      exit: locals.fresh('i32'),
      status: locals.fresh('i32'),
    };
    const { record, step, operation, page, bias, target, exit, status } = run;
    const entry = locals.fresh('i32');
    /** What is kept of an instruction that goes on in the next page: see `straddleAt`. */
    const kept = locals.fresh('i32');
    const half = locals.fresh('i32');
    /** SLOW: the instruction is for the interpreter, though a region may begin there. */
    const plain = locals.fresh('i32');
    const emitter = new RecordEmitter(features, run, { translate, accesses, system, traps, precise, floats }, locals);
    const leaveWith = (reason: number): Statement => sequence(exit.set(i32.const(reason)), br(leave));
    /** To a record that stands alone, of the instruction at `pc`. */
    const standAlone = (at: I32, pc: I64) =>
      sequence(record.set(at), bias.set(i64.sub(pc, offsetOf(record.get))), page.set(i32.const(NO_PAGE | 0)));
    const aloneAtScratch = standAlone(
      i32.add(hart.get, i32.const(hartOffset.scratch)),
      i64.load(hart.get, hartOffset.pc),
    );

    /** The address of a field of the entry of the region that begins at a record. */
    const entryAt = (at: I32, field: number): I32 =>
      i32.add(i32.mul(i32.load16u(heatOf(at), heatAt), i32.const(entryBytes)), i32.const(entriesAt + field));
    const alone = label('alone');
    const fetched = label('fetched');
    /** From `target`, SLOW may be set in it, to the record to go on with. */
    const enter = block(
      alone,
      plain.set(i32.and(i32.wrap(target.get), i32.const(SLOW))),
      target.set(i64.and(target.get, i64.const(~BigInt(SLOW)))),
      // Out of budget: the next fetch, and the trap it may take, belong to the next run.
      when(
        i32.eqz(budget.get),
        sequence(i64.store(hart.get, target.get, hartOffset.pc), budget.set(i32.const(-1)), leaveWith(Exit.budget)),
      ),
      block(
        fetched,
        count.up('fetches'),
        entry.set(entryOf(i32.load(hart.get, hartOffset.fetchTlb), target.get)),
        brIf(fetched, i64.eq(i64.load(entry.get, tlbField.execute), i64.and(target.get, i64.const(~0xfffn)))),
        i64.store(hart.get, target.get, hartOffset.pc),
        i32.store(hart.get, budget.get, hartOffset.left),
        i32.store(hart.get, i32.const(0), hartOffset.fetchable),
        brIf(
          fetched,
          translate.call(
            hart.get,
            i32.load(hart.get, hartOffset.fetchTlb),
            target.get,
            i32.const(Wanted.fetch),
            i32.const(2),
          ),
        ),
        when(
          i32.load(hart.get, hartOffset.faults),
          sequence(
            // The trap takes one from the budget.
            i32.store(hart.get, i32.sub(budget.get, i32.const(1)), hartOffset.left),
            when(
              traps.exception.call(hart.get, target.get, i32.const(FETCH_PAGE_FAULT), target.get),
              sequence(
                budget.set(i32.sub(budget.get, i32.const(1))),
                target.set(i64.load(hart.get, hartOffset.pc)),
                br(refetch),
              ),
            ),
            i32.store(hart.get, budget.get, hartOffset.left),
          ),
        ),
        count.up('fetchPage'),
        status.set(fetch.call(hart.get)),
        brIf(fetched, i32.eqz(status.get)),
        // A trap consumes no budget here; the host counts it.
        when(
          i32.eq(status.get, i32.const(Status.trap)),
          sequence(budget.set(i32.sub(budget.get, i32.const(1))), leaveWith(Exit.trap)),
        ),
        aloneAtScratch,
        br(alone),
      ),
      page.set(i32.load(entry.get, tlbField.code)),
      record.set(
        i32.add(page.get, i32.mul(i32.and(i32.wrap(target.get), i32.const(0xffe)), i32.const(recordBytesPerByte))),
      ),
      bias.set(i64.sub(target.get, offsetOf(record.get))),
      when(
        plain.get,
        sequence(
          count.sideExit(budget.get),
          // The slow paths of atomics do not say where they are.
          i64.store(hart.get, target.get, hartOffset.pc),
          i64.store(hart.get, target.get, hartOffset.givenBack),
          when(
            isRegion(i32.load16u(record.get, recordField.operation)),
            standAlone(entryAt(record.get, entryField.alone), target.get),
          ),
        ),
        run.heat(record.get),
      ),
    );

    const asked = label('asked');
    const refunded = label('refunded');
    /** Not an instruction: gives back what the loop's head took, and then goes on with the next record or else. */
    const refund = (then: number) => sequence(status.set(i32.const(then)), br(refunded));
    const bodies: Statement[] = [];
    bodies[Special.undecoded] = sequence(
      emitter.prepare,
      count.up('decode'),
      drop(decode.call(record.get)),
      refund(Then.next),
    );
    bodies[Special.region] = refund(Then.region);
    bodies[Special.pageEnd] = sequence(target.set(emitter.within(emitter.pcOf(Special.pageEnd))), refund(Then.refetch));
    bodies[Special.breakpoint] = sequence(emitter.prepare, leaveWith(Exit.breakpoint));
    const nextPage = target.get;
    const fetchTlb = i32.load(hart.get, hartOffset.fetchTlb);
    const unlike = label('unlike');
    bodies[Special.straddle] = sequence(
      // As it was last executed, if the next page begins as it did.
      kept.set(i32.load(record.get, recordField.straddle)),
      target.set(emitter.within(emitter.pcOf(Special.straddle, 2))),
      entry.set(entryOf(fetchTlb, nextPage)),
      block(
        unlike,
        when(
          i64.ne(i64.load(entry.get, tlbField.execute), nextPage),
          brIf(unlike, i32.eqz(translate.call(hart.get, fetchTlb, nextPage, i32.const(Wanted.fetch), i32.const(2)))),
        ),
        half.set(i32.load16u(i32.add(i32.wrap(nextPage), i32.load(entry.get, tlbField.addend)))),
        brIf(unlike, i32.ne(i32.or(half.get, i32.const(STRADDLE_KNOWN)), i32.load(kept.get, straddleField.half))),
        standAlone(i32.add(kept.get, i32.const(straddleField.alone)), emitter.within(i64.sub(nextPage, i64.const(2)))),
        refund(Then.next),
      ),
      emitter.prepare,
      count.up('straddle'),
      when(straddle.call(hart.get), leaveWith(Exit.trap)),
      aloneAtScratch,
      refund(Then.next),
    );
    for (const each of operations.rows) {
      const number = operations.numberOf(each.row, each.length) as number;
      bodies[number] = emitter.body(each, number);
    }
    bodies[operations.hostOf(2)] = sequence(emitter.advance(2), br(asked));
    bodies[operations.hostOf(4)] = emitter.advance(4);

    const dispatch = sequence(count.dispatch(operation.get), brTable(operation.get, cases.slice(0, -1), last));
    const switched = cases.reduce(
      (inner, at, index) => sequence(block(at, inner), bodies[index] as Statement),
      dispatch,
    );

    /** Has the host execute the instruction; `step` is set. */
    const ask = sequence(
      emitter.prepare,
      count.up('execute'),
      status.set(execute.call(hart.get, record.get)),
      when(i32.eq(status.get, i32.const(Status.trap)), leaveWith(Exit.trap)),
      when(
        i32.eq(status.get, i32.const(Status.leave)),
        sequence(budget.set(i32.sub(budget.get, i32.const(1))), leaveWith(Exit.leave)),
      ),
      emitter.heed,
      when(
        i32.eq(status.get, i32.const(Status.jump)),
        sequence(target.set(i64.load(hart.get, hartOffset.pc)), br(refetch)),
      ),
      br(next),
    );

    const cache = i32.load(hart.get, hartOffset.fetchTlb);
    const left = label('left');
    const enterTranslated = sequence(
      target.set(emitter.within(emitter.pcOf(Special.region))),
      entry.set(jumpEntryOf(cache, target.get)),
      // As the translation that it comes from, so that it goes no later.
      status.set(filledWith(hart.get, entryOf(cache, target.get))),
      noteFilled(hart.get, i32.add(entry.get, i32.const(jumpField.address)), i32.or(status.get, i32.eqz(status.get))),
      i64.store(entry.get, target.get, jumpField.address),
      i32.store(entry.get, i32.load(entryAt(record.get, entryField.slot)), jumpField.slot),
      i32.store(entry.get, i32.load(entryAt(record.get, entryField.block)), jumpField.block),
      count.up('regionEntries'),
      status.set(budget.get),
      beginRegions(hart.get),
      block(
        left,
        follow(
          { hart, budget, target, cache, entry, depth: i32.const(MAX_DEPTH), enter: enterRegion },
          left,
          undefined,
        ),
      ),
      count.up('regionInstructions', i32.sub(status.get, budget.get)),
      br(refetch),
    );

    /** One record. What several operations end with stands behind them once, and not in each. */
    const executed = sequence(
      block(refunded, block(away, block(asked, switched), ask), emitter.goAway),
      budget.set(i32.add(budget.get, i32.const(1))),
      when(i32.eq(status.get, i32.const(Then.next)), sequence(emitter.stay, br(next))),
      when(i32.eq(status.get, i32.const(Then.refetch)), br(refetch)),
      enterTranslated,
    );

    return sequence(
      i32.store(hart.get, i32.const(0), hartOffset.stash),
      target.set(i64.load(hart.get, hartOffset.pc)),
      block(
        leave,
        block(
          outOfBudget,
          loop(
            refetch,
            when(startAlone.get, sequence(startAlone.set(i32.const(0)), aloneAtScratch), enter),
            emitter.stay,
            loop(
              next,
              operation.set(i32.load16u(i32.add(record.get, step.get), recordField.operation)),
              loop(
                ready,
                record.set(i32.add(record.get, step.get)),
                brIf(outOfBudget, i32.ltS(budget.tee(i32.sub(budget.get, i32.const(1))), i32.const(0))),
                executed,
              ),
            ),
          ),
        ),
        emitter.prepare,
        exit.set(i32.const(Exit.budget)),
      ),
      // One was taken too many in every way to get here.
      i32.store(
        hart.get,
        i32.add(i32.add(budget.get, i32.const(1)), i32.load(hart.get, hartOffset.stash)),
        hartOffset.left,
      ),
      ret(exit.get),
    ) as never;
  });

  return module.bytes();
}
