// Semantics with constant operands and guest registers in locals, for translated code. Registers are written to the
// hart's block before anything that may exit, so that the state is precise there. Whatever is not plain success exits.

import type { InstructionRow } from '../../isa/row.ts';
import {
  br,
  f64,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  type Statement,
  sequence,
  unlessSame,
  when,
} from '../../wasm/code.ts';
import type { FunctionHandle, Locals } from '../../wasm/module.ts';
import type { AmoOperation, Emitter, LoadSize } from '../emitter.ts';
import { signExtended, signedLoads, stores, unsignedLoads } from '../fast-access.ts';
import { DYNAMIC, markDirty, RTZ, requireEnabled, requireNearest } from '../float/base.ts';
import { floatPath } from '../float/paths.ts';
import { hartOffset, tlbField } from '../layout.ts';
import { Results } from '../results.ts';
import { entryOf } from '../tlb-entry.ts';
import type { Arms } from './arms.ts';
import { PAGE, type PlacedInstruction, straddles } from './blocks.ts';
import type { Member } from './groups.ts';
import type { Motion } from './motion.ts';
import { type Accessing, RegionAccesses, type RegionLocals } from './region-accesses.ts';
import type { RegionRegisters } from './region-registers.ts';

/** What of a hart is built into regions. */
export interface RegionFeatures {
  readonly xlen: 32 | 64;
  readonly compressed: boolean;
  /** Misaligned loads and stores are left to the host, which takes the trap. */
  readonly trapsMisaligned: boolean;
  /** Of the host: see wasm/fused.ts. */
  readonly fusesProducts: () => boolean;
  /** (hart, address, size, writes) → host address of an access beside watched bytes, or 0: see core/watched.ts. */
  readonly besideWatched: FunctionHandle<'i32'> | undefined;
  /** See core/refill.ts. */
  readonly refill: FunctionHandle<'i32'> | undefined;
}

export class RegionEmitter extends Results implements Emitter {
  /** The condition of the branch that was emitted last. */
  condition: I32 | undefined;
  private readonly compressed: boolean;
  private readonly fusesProducts: () => boolean;
  private readonly region: RegionLocals;
  readonly accesses: RegionAccesses;
  private readonly registers: RegionRegisters;
  /** The condition of a branch with arms. */
  private readonly chosen: Local<'i32'>;
  /** Of the next page in the fetch table. */
  private readonly entry: Local<'i32'>;
  private placed!: PlacedInstruction;
  private refund = 0;

  constructor(features: RegionFeatures, region: RegionLocals, registers: RegionRegisters, locals: Locals) {
    super(features.xlen, locals);
    this.compressed = features.compressed;
    this.fusesProducts = features.fusesProducts;
    this.region = region;
    this.registers = registers;
    this.accesses = new RegionAccesses(region, registers, locals, (address) => this.within(address), features);
    this.chosen = locals.fresh('i32');
    this.entry = locals.fresh('i32');
  }

  /** A block begins: what its accesses have in common. `motion`: of the loop around it. */
  begin(groups: ReadonlyMap<PlacedInstruction, Member>, motion: Motion | undefined): void {
    this.accesses.begin(groups, motion);
    this.floatState = { enabled: false, nearest: false, dirty: false };
  }

  /** The instruction's meaning; `refund`: budget to give back if it does not happen here. */
  emit(placed: PlacedInstruction, refund: number): Statement {
    this.startAnew();
    this.condition = undefined;
    this.placed = placed;
    this.refund = refund;
    if (straddles(placed)) this.statements.push(this.registers.settle, this.requireNextPage);
    (placed.instruction.row as InstructionRow).semantics?.(this);
    return sequence(...this.statements);
  }

  /** Both arms of the branch that was emitted last, and what its condition chooses of them. */
  choose({ taken, fallen }: Arms): Statement {
    const { budget } = this.region;
    const { chosen, condition } = this;
    if (!condition) throw new Error('only a branch has arms');
    const emitAll = (arm: readonly PlacedInstruction[]) => sequence(...arm.map((placed) => this.emit(placed, 0)));
    const results = this.registers.choose(
      chosen.get,
      () => emitAll(taken),
      () => emitAll(fallen),
    );
    const ofTaken = i32.mul(chosen.get, i32.const(fallen.length - taken.length));
    const left = i32.add(i32.sub(budget.get, i32.const(fallen.length)), ofTaken);
    return sequence(chosen.set(condition), results, budget.set(left));
  }

  /** Gives this instruction to the interpreter. */
  private get leave(): Statement {
    const { info, slow } = this.region;
    return sequence(info.set(i32.const((this.refund << 16) | this.placed.offset)), br(slow));
  }

  /** Leaves unless the next page is at hand and begins with the instruction's second half, whatever page that is. */
  private get requireNextPage(): Statement {
    const { hart, page } = this.region;
    const { entry, placed, leave } = this;
    const next = this.within(i64.add(page.get, i64.const(PAGE)));
    const half = i32.load16u(i32.add(i32.wrap(next), i32.load(entry.get, tlbField.addend)));
    return sequence(
      entry.set(entryOf(i32.load(hart.get, hartOffset.fetchTlb), next)),
      unlessSame(i64.load(entry.get, tlbField.execute), next, leave),
      unlessSame(half, i32.const(placed.instruction.word >>> 16), leave),
    );
  }

  private get accessing(): Accessing {
    return { placed: this.placed, leave: this.leave, statements: this.statements };
  }

  private get operands() {
    return this.placed.instruction.operands;
  }

  get rs1(): I64 {
    return this.registers.x(this.operands.rs1);
  }

  get rs2(): I64 {
    return this.registers.x(this.operands.rs2);
  }

  get rdBefore(): I64 {
    return this.registers.x(this.operands.rd);
  }

  get imm(): I64 {
    return i64.const(this.operands.imm);
  }

  get pc(): I64 {
    return i64.add(this.region.page.get, i64.const(this.placed.offset));
  }

  get next(): I64 {
    return this.within(i64.add(this.region.page.get, i64.const(this.placed.offset + this.placed.instruction.length)));
  }

  rd(value: I64): void {
    this.statements.push(this.registers.setX(this.operands.rd, this.narrowed(value)));
  }

  load(size: LoadSize, signed: boolean): void {
    const [at, offset] = this.accesses.at(this.accessing, tlbField.read, size);
    this.rd((signed ? signedLoads : unsignedLoads)[size](at, offset));
    this.statements.push(this.accesses.follow(this.operands.rd, at, offset, size));
  }

  store(size: LoadSize): void {
    const [at, offset] = this.accesses.at(this.accessing, tlbField.write, size);
    this.statements.push(stores[size](at, this.rs2, offset));
  }

  /** What the block's instructions have already seen to: FS is not Off, rounding is to nearest, FS is Dirty. */
  private floatState = { enabled: false, nearest: false, dirty: false };

  /** The statement, the first time in a block; nothing that ends a region changes what it is about. */
  private once(what: 'enabled' | 'nearest' | 'dirty', statement: Statement): Statement {
    if (this.floatState[what]) return sequence();
    this.floatState[what] = true;
    return statement;
  }

  private get enabled(): Statement {
    const { hart } = this.region;
    if (this.floatState.enabled) return sequence();
    return sequence(this.registers.settle, this.once('enabled', requireEnabled(hart.get, this.leave)));
  }

  private get dirty(): Statement {
    return this.once('dirty', markDirty(this.region.hart.get, this.xlen));
  }

  loadFp(size: 2 | 4 | 8): void {
    this.statements.push(this.enabled);
    const [at, offset] = this.accesses.at(this.accessing, tlbField.read, size);
    const value = unsignedLoads[size](at, offset);
    const boxed = size === 8 ? value : i64.or(value, i64.const(-(1n << BigInt(size * 8))));
    this.statements.push(this.registers.setF(this.operands.rd, f64.ofBits(boxed)), this.dirty);
  }

  storeFp(size: 2 | 4 | 8): void {
    this.statements.push(this.enabled);
    const [at, offset] = this.accesses.at(this.accessing, tlbField.write, size);
    const value = f64.bits(this.registers.f(this.operands.rs2));
    this.statements.push(stores[size](at, value, offset));
  }

  branch(condition: I32): void {
    this.condition = condition;
  }

  /** The jump itself is the block's end. */
  jump(): void {
    this.rd(this.next);
  }

  jumpRegister(): void {
    const { target } = this.region;
    const value = this.within(i64.and(i64.add(this.rs1, this.imm), i64.const(-2n)));
    this.statements.push(target.set(value));
    if (!this.compressed) this.statements.push(this.registers.settle);
    if (!this.compressed) this.statements.push(when(i32.and(i32.wrap(target.get), i32.const(2)), this.leave));
    this.rd(this.next);
  }

  fence(): void {}

  /** A page that is cached as writable is readable too, and holds no decoded instructions. */
  amo(size: LoadSize, operation: AmoOperation): void {
    const at = this.accesses.aligned(this.accessing, tlbField.write, size);
    const operand = this.keep(signExtended[size](this.rs2));
    const loaded = this.keep(signedLoads[size](at));
    this.statements.push(stores[size](at, operation(loaded, operand)));
    this.rd(loaded);
  }

  loadReserved(size: 4 | 8): void {
    const at = this.accesses.aligned(this.accessing, tlbField.read, size);
    this.statements.push(i32.store(this.region.hart.get, at, hartOffset.reservation));
    this.rd(signedLoads[size](at));
  }

  storeConditional(size: 4 | 8): void {
    const { hart } = this.region;
    const at = this.accesses.aligned(this.accessing, tlbField.write, size);
    const failed = this.keep(i64.extendU(i32.ne(i32.load(hart.get, hartOffset.reservation), at)));
    this.statements.push(
      when(i64.eqz(failed), stores[size](at, this.rs2)),
      i32.store(hart.get, i32.const(0), hartOffset.reservation),
    );
    this.rd(failed);
  }

  float(mnemonic: string): void {
    const { hart } = this.region;
    const { locals } = this;
    const { operands, word } = this.placed.instruction;
    const f = (index: number) => f64.bits(this.registers.f(index));
    const rm = (word >>> 12) & 7;
    const results: I64[] = [];
    this.statements.push(this.registers.settle);
    const path = floatPath(mnemonic, {
      xlen: this.xlen,
      hart: hart.get,
      f1: f(operands.rs1),
      f2: f(operands.rs2),
      f3: f(word >>> 27),
      x1: this.rs1,
      towardsZero: rm === RTZ,
      setF: (value) => this.registers.setF(operands.rd, f64.ofBits(value)),
      setX: (value) => {
        const result = locals.numbered('i64', 7);
        results.push(result.get);
        return result.set(value);
      },
      enabled: () => this.enabled,
      nearest: () => {
        const check = requireNearest(hart.get, i32.const(rm), this.leave);
        return rm === DYNAMIC ? this.once('nearest', check) : check;
      },
      dirty: () => this.dirty,
      giveUp: this.leave,
      fused: this.fusesProducts,
      thorough: false,
      f64: (index) => locals.numbered('f64', index),
      i64: (index) => locals.numbered('i64', index),
    });
    this.statements.push(path ?? this.leave);
    if (path && results[0]) this.rd(results[0]);
  }

  // What the host may have to do ends a region, so these are never asked for.
  csr(): void {
    this.statements.push(this.leave);
  }

  fenceInstructions(): void {
    this.statements.push(this.leave);
  }

  fenceTranslations(): void {
    this.statements.push(this.leave);
  }

  zeroBlock(): void {
    this.statements.push(this.leave);
  }

  manageBlock(): void {
    this.statements.push(this.leave);
  }

  callEnvironment(): void {
    this.statements.push(this.leave);
  }

  returnFromTrap(): void {
    this.statements.push(this.leave);
  }
}
