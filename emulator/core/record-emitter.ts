// Semantics over a decoded record.

import type { Format } from '../isa/row.ts';
import {
  br,
  drop,
  type I32,
  type I64,
  i32,
  i64,
  type Label,
  type Local,
  ret,
  type Statement,
  select,
  sequence,
  when,
} from '../wasm/code.ts';
import type { FunctionHandle, Locals, ModuleBuilder } from '../wasm/module.ts';
import type { Accesses } from './accesses.ts';
import type { AmoOperation, Emitter, LoadSize } from './emitter.ts';
import { signExtended, signedLoads, stores, unsignedLoads } from './fast-access.ts';
import { markDirty, requireEnabled } from './float/base.ts';
import type { FloatFunctions } from './float/functions.ts';
import { ANY_ASID, asidMask } from './flush.ts';
import type { HartFeatures } from './interpreter.ts';
import {
  EventBit,
  Exit,
  hartOffset,
  recordBytes,
  recordBytesPerByte,
  recordField,
  recordsPerPage,
  Status,
  tlbField,
} from './layout.ts';
import type { Operation } from './operations.ts';
import { offsetOf, RecordOperands } from './record-operands.ts';
import type { RunLocals } from './run-locals.ts';
import { CsrChange, type SystemPaths } from './system-paths.ts';
import { entryOf, holds } from './tlb-entry.ts';
import { Wanted } from './translate.ts';
import type { TrapPaths } from './trap-paths.ts';

interface Helpers {
  readonly translate: FunctionHandle<'i32'>;
  readonly accesses: Accesses;
  readonly system: SystemPaths;
  readonly traps: TrapPaths;
  readonly precise: FunctionHandle<'i32'>;
  readonly floats: FloatFunctions;
}

/** `precise(hart, record, bias, budget)`: makes the hart's block tell pc and what is left of the budget. */
export function definePrecise(module: ModuleBuilder): FunctionHandle<'i32'> {
  return module.function('precise', ['i32', 'i32', 'i64', 'i32'], 'i32', ([hart, record, bias, budget]) => {
    return sequence(
      i64.store(hart.get, i64.add(bias.get, offsetOf(record.get)), hartOffset.pc),
      i32.store(hart.get, budget.get, hartOffset.left),
      ret(i32.const(0)),
    ) as never;
  });
}

/** Formats of instructions that change no record, but where the host is asked for an access. */
const goesOn: ReadonlySet<Format> = new Set<Format>(['R', 'I', 'shift', 'U', 'B', 'load', 'S']);

const signBits = { 1: 56, 2: 48, 4: 32, 8: 0 };

export class RecordEmitter extends RecordOperands implements Emitter {
  private readonly compressed: boolean;
  private readonly trapsMisaligned: boolean;
  private readonly helpers: Helpers;
  private readonly address: Local<'i64'>;
  private readonly value: Local<'i64'>;
  private readonly entry: Local<'i32'>;

  constructor(features: HartFeatures, run: RunLocals, helpers: Helpers, locals: Locals) {
    super(features.xlen, run, locals);
    this.compressed = features.compressed;
    this.trapsMisaligned = features.trapsMisaligned;
    this.helpers = helpers;
    this.address = locals.fresh('i64');
    this.value = locals.fresh('i64');
    this.entry = locals.fresh('i32');
  }

  /** The case of one operation: its semantics, then on to the next record. */
  body(operation: Operation, number: number): Statement {
    this.begin(operation, number);
    operation.row.semantics?.(this);
    const { next, ready } = this.run;
    const early = goesOn.has(operation.row.format);
    const end = sequence(this.advance(operation.length), br(early ? ready : next));
    return sequence(early ? this.lookAhead : sequence(), ...this.statements, end);
  }

  /** Loads the operation that is likely to come next, so that a wrong guess of the host is found out early. */
  private get lookAhead(): Statement {
    const { record, operation } = this.run;
    return operation.set(i32.load16u(record.get, recordField.operation + this.length * recordBytesPerByte));
  }

  /** Where the host executes the instruction instead. */
  private get host(): Label {
    return this.run.host[this.length];
  }

  /** Makes the state precise before the host is asked. */
  get prepare(): Statement {
    const { hart, record, bias, budget } = this.run;
    return drop(this.helpers.precise.call(hart.get, record.get, bias.get, budget.get));
  }

  /** After the host was asked: it may want `run` to end with this instruction. */
  get heed(): Statement {
    const { hart, budget } = this.run;
    return when(
      i32.load(hart.get, hartOffset.attention),
      sequence(
        i32.store(hart.get, i32.add(i32.load(hart.get, hartOffset.stash), budget.get), hartOffset.stash),
        budget.set(i32.const(0)),
        i32.store(hart.get, i32.const(0), hartOffset.attention),
      ),
    );
  }

  private get trapExit(): Statement {
    return sequence(this.run.exit.set(i32.const(Exit.trap)), br(this.run.leave));
  }

  /** After an access, by its Status. */
  private heedTrap(of: I32): Statement {
    const { status } = this.run;
    return when(
      status.tee(of),
      sequence(when(i32.eq(status.get, i32.const(Status.taken)), this.goToPc), this.trapExit),
    );
  }

  private setAddress(value: I64): Statement {
    return this.address.set(this.within(value));
  }

  /** Condition: the TLB has the access; `entry` is set. */
  private cached(tag: number, size: number): I32 {
    const entry = this.entry.tee(entryOf(i32.load(this.run.hart.get, hartOffset.dataTlb), this.address.get));
    const range = { length: size, align: this.trapsMisaligned ? size : 1 };
    return holds(i64.load(entry, tag), this.address.get, range);
  }

  private get hostAddress(): I32 {
    return i32.add(i32.wrap(this.address.get), i32.load(this.entry.get, tlbField.addend));
  }

  private loadValue(size: LoadSize, signed: boolean): void {
    const { hart } = this.run;
    const shift = i64.const(signBits[size]);
    const raw = this.value.get;
    this.statements.push(
      this.setAddress(i64.add(this.rs1, this.imm)),
      when(
        this.cached(tlbField.read, size),
        this.value.set((signed ? signedLoads : unsignedLoads)[size](this.hostAddress)),
        sequence(
          this.prepare,
          this.value.set(this.helpers.accesses.load.call(hart.get, this.address.get, i32.const(size))),
          this.heedTrap(i32.load(hart.get, hartOffset.status)),
          signed && size < 8 ? this.value.set(i64.shrS(i64.shl(raw, shift), shift)) : sequence(),
          this.heed,
          this.lookAhead,
        ),
      ),
    );
  }

  load(size: LoadSize, signed: boolean): void {
    this.loadValue(size, signed);
    this.rd(this.value.get);
  }

  store(size: LoadSize): void {
    const { hart } = this.run;
    this.statements.push(
      this.setAddress(i64.add(this.rs1, this.imm)),
      when(
        this.cached(tlbField.write, size),
        stores[size](this.hostAddress, this.rs2),
        sequence(
          this.prepare,
          this.heedTrap(this.helpers.accesses.store.call(hart.get, this.address.get, this.rs2, i32.const(size))),
          this.heed,
          this.lookAhead,
        ),
      ),
    );
  }

  /** mstatus.FS must not be Off; the host raises the exception. */
  private requireFp(): void {
    this.statements.push(requireEnabled(this.run.hart.get, br(this.host)));
  }

  loadFp(size: 2 | 4 | 8): void {
    this.requireFp();
    this.loadValue(size, false);
    this.rdWhole(size === 8 ? this.value.get : i64.or(this.value.get, i64.const(-1n << BigInt(size * 8))));
    this.statements.push(markDirty(this.run.hart.get, this.xlen));
  }

  storeFp(size: 2 | 4 | 8): void {
    this.requireFp();
    this.store(size);
  }

  branch(condition: I32): void {
    this.statements.push(when(condition, this.goRelative));
  }

  /** Within the page by record, else by address. */
  private get goRelative(): Statement {
    const { record, page, next, away, status } = this.run;
    const offset = i32.load(record.get, recordField.immediate);
    return sequence(
      this.requireAligned(offset),
      status.set(i32.add(record.get, i32.mul(offset, i32.const(recordBytesPerByte)))),
      when(
        i32.ltU(i32.sub(status.get, page.get), i32.const(recordsPerPage * recordBytes)),
        sequence(
          when(i32.ltU(status.get, record.get), this.run.heat(status.get)),
          record.set(status.get),
          this.stay,
          br(next),
        ),
      ),
      br(away),
    );
  }

  /** To pc + immediate, in another page. */
  get goAway(): Statement {
    const { target, refetch } = this.run;
    return sequence(target.set(this.within(i64.add(this.pcOf(0), this.imm))), br(refetch));
  }

  /** Without C a target between two words is an exception of the jump, which the host takes. */
  private requireAligned(target: I32): Statement {
    return this.compressed ? sequence() : when(i32.and(target, i32.const(2)), br(this.host));
  }

  jump(): void {
    this.statements.push(this.requireAligned(i32.load(this.run.record.get, recordField.immediate)));
    this.rd(this.next);
    this.statements.push(this.goRelative);
  }

  jumpRegister(): void {
    const { target, refetch } = this.run;
    const value = i64.and(i64.add(this.rs1, this.imm), i64.const(-2n));
    this.statements.push(target.set(this.within(value)), this.requireAligned(i32.wrap(target.get)));
    this.rd(this.next);
    this.statements.push(br(refetch));
  }

  /** Sets `entry` to the host address of the aligned access at rs1, or lets the host execute the instruction. */
  private translateAligned(size: LoadSize, wanted: number): void {
    const { hart } = this.run;
    const { host } = this;
    this.statements.push(
      this.setAddress(this.rs1),
      when(i32.and(i32.wrap(this.address.get), i32.const(size - 1)), br(host)),
      this.entry.set(
        this.helpers.translate.call(
          hart.get,
          i32.load(hart.get, hartOffset.dataTlb),
          this.address.get,
          i32.const(wanted),
          i32.const(size),
        ),
      ),
      when(i32.eqz(this.entry.get), br(host)),
    );
  }

  amo(size: LoadSize, operation: AmoOperation): void {
    this.translateAligned(size, Wanted.amo);
    const operand = this.keep(signExtended[size](this.rs2));
    this.statements.push(
      this.value.set(signedLoads[size](this.entry.get)),
      stores[size](this.entry.get, operation(this.value.get, operand)),
    );
    this.rd(this.value.get);
  }

  loadReserved(size: 4 | 8): void {
    this.translateAligned(size, Wanted.load);
    this.statements.push(i32.store(this.run.hart.get, this.entry.get, hartOffset.reservation));
    this.rd(signedLoads[size](this.entry.get));
  }

  storeConditional(size: 4 | 8): void {
    const { hart } = this.run;
    this.translateAligned(size, Wanted.amo);
    this.statements.push(
      this.value.set(i64.extendU(i32.ne(i32.load(hart.get, hartOffset.reservation), this.entry.get))),
      when(i64.eqz(this.value.get), stores[size](this.entry.get, this.rs2)),
      i32.store(hart.get, i32.const(0), hartOffset.reservation),
    );
    this.rd(this.value.get);
  }

  fence(): void {}

  /** The host does it instead where `done` is 0. */
  private unless(done: I32): Statement {
    return when(i32.eqz(done), br(this.host));
  }

  csr(change: keyof typeof CsrChange, immediate: boolean): void {
    const { hart, record, budget } = this.run;
    const source = this.field(recordField.rs1);
    const operand = immediate ? i64.extendU(source) : this.rs1;
    const reads = change === 'write' ? i32.const(0) : i32.mul(i32.eqz(source), i32.const(CsrChange.reads));
    const how = i32.or(i32.const(CsrChange[change]), reads);
    const { status } = this.run;
    const number = i32.load(record.get, recordField.immediate);
    this.statements.push(
      i32.store(hart.get, budget.get, hartOffset.left),
      status.set(this.helpers.system.csr.call(hart.get, number, operand, how, this.pc)),
      this.unless(status.get),
    );
    this.rd(i64.load(hart.get, hartOffset.value));
    // The address space is another one.
    this.statements.push(when(i32.eq(status.get, i32.const(2)), this.goOnAnew));
  }

  float(mnemonic: string): void {
    const { hart, record } = this.run;
    const done = this.helpers.floats.get(mnemonic)?.call(hart.get, record.get);
    this.statements.push(this.unless(done ?? i32.const(0)));
  }

  fenceInstructions(): void {
    const heard = i32.load(this.run.hart.get, hartOffset.heard);
    this.statements.push(this.unless(i32.eqz(i32.and(heard, i32.const(EventBit['fence-i'])))));
  }

  fenceTranslations(): void {
    const { hart } = this.run;
    const one = i32.ne(this.field(recordField.rs1), i32.const(0));
    const asid = select(
      i32.and(i32.wrap(this.rs2), i32.const(asidMask(this.xlen))),
      i32.const(ANY_ASID),
      this.field(recordField.rs2),
    );
    this.statements.push(
      this.unless(this.helpers.system.fence.call(hart.get, this.within(this.rs1), one, asid)),
      this.goOnAnew,
    );
  }

  /** The next instruction has to be fetched. */
  private get goOnAnew(): Statement {
    return sequence(this.run.target.set(this.within(this.next)), br(this.run.refetch));
  }

  /** To where the trap's way leads, which is in the hart's pc. */
  private get goToPc(): Statement {
    const { hart, target, refetch } = this.run;
    return sequence(target.set(i64.load(hart.get, hartOffset.pc)), br(refetch));
  }

  callEnvironment(): void {
    this.cross(this.helpers.traps.call);
  }

  returnFromTrap(mode: 'supervisor' | 'machine'): void {
    const { trapReturn, machineReturn } = this.helpers.traps;
    this.cross(mode === 'machine' ? machineReturn : trapReturn);
  }

  private cross(path: FunctionHandle<'i32'>): void {
    const { hart, budget } = this.run;
    this.statements.push(
      i32.store(hart.get, budget.get, hartOffset.left),
      this.unless(path.call(hart.get, this.pc)),
      this.goToPc,
    );
  }

  zeroBlock(): void {
    this.statements.push(this.unless(this.helpers.system.zeroBlock.call(this.run.hart.get, this.within(this.rs1))));
  }

  manageBlock(allowedBy: bigint): void {
    const { manageBlock } = this.helpers.system;
    const managed = manageBlock.call(this.run.hart.get, this.within(this.rs1), i64.const(allowedBy));
    this.statements.push(this.unless(managed));
  }
}
