// Semantics with constant operands and guest registers in locals, for translated code. Registers are written to the
// hart's block before anything that may exit, so that the state is precise there. Whatever is not plain success exits.

import type { InstructionRow } from '../../isa/row.ts';
import {
  br,
  type I32,
  type I64,
  i32,
  i64,
  type Label,
  type Local,
  type Statement,
  select,
  sequence,
  when,
} from '../../wasm/code.ts';
import type { Locals } from '../../wasm/module.ts';
import type { AmoOperation, Emitter, LoadSize } from '../emitter.ts';
import { signExtended, signedLoads, stores, unsignedLoads } from '../fast-access.ts';
import { DYNAMIC, markDirty, RTZ, requireEnabled, requireNearest } from '../float/base.ts';
import { floatPath } from '../float/paths.ts';
import { hartOffset, tlbField } from '../layout.ts';
import { EMPTY, entryOf } from '../translate.ts';
import type { Arms } from './arms.ts';
import type { PlacedInstruction } from './blocks.ts';
import { type Group, groupsOf, type Member } from './groups.ts';
import type { Motion } from './motion.ts';

export interface RegionLocals {
  readonly hart: Local<'i32'>;
  /** Instructions that may still retire. */
  readonly budget: Local<'i32'>;
  /** Address of the page's first byte. */
  readonly page: Local<'i64'>;
  readonly dataTlb: Local<'i32'>;
  /** For the slow exit: refund << 16 | page offset. */
  readonly info: Local<'i32'>;
  /** Where an indirect jump goes. */
  readonly target: Local<'i64'>;
  /** Leaves the region for the interpreter, which executes the instruction named by `info`. */
  readonly slow: Label;
}

/** The tag and addend of the TLB entry that an access found last. Nothing changes entries while a region runs. */
interface Site {
  readonly tag: Local<'i64'>;
  readonly addend: Local<'i32'>;
}

/** Number of the first local for what arms write; those before are floating point's. */
const ARM_LOCALS = 32;

/** Accesses of a region that remember; more would cost more than they gain. */
const MAX_SITES = 32;

class Sites {
  private readonly locals: Locals;
  private readonly given: Site[] = [];

  constructor(locals: Locals) {
    this.locals = locals;
  }

  next(): Site | undefined {
    if (this.given.length >= MAX_SITES) return undefined;
    const site = { tag: this.locals.fresh('i64'), addend: this.locals.fresh('i32') };
    this.given.push(site);
    return site;
  }

  /** No tag is found before one was set. */
  get clear(): Statement {
    return sequence(...this.given.map(({ tag }) => tag.set(i64.const(EMPTY))));
  }
}

export class RegionEmitter implements Emitter {
  readonly xlen: 32 | 64;
  /** The condition of the branch that was emitted last. */
  condition: I32 | undefined;
  private readonly compressed: boolean;
  private readonly region: RegionLocals;
  private readonly locals: Locals;
  /** Accesses in loops, which remember where they were. */
  readonly sites: Sites;
  private readonly registers: readonly (Local<'i64'> | undefined)[];
  private readonly address: Local<'i64'>;
  private readonly entry: Local<'i32'>;
  private readonly kept: Local<'i64'>[] = [];
  private keptInUse = 0;
  private statements: Statement[] = [];
  /** Registers whose value is in the local alone so far. */
  private readonly unwritten = new Set<number>();
  private groups: ReadonlyMap<PlacedInstruction, Member> = new Map();
  /** Host address of the first byte of a group's range. */
  private readonly anchors = new Map<Group, Local<'i32'>>();
  private readonly anchorLocals: Local<'i32'>[] = [];
  private motion: Motion | undefined;
  /** The condition of a branch with arms. */
  private readonly chosen: Local<'i32'>;
  private placed!: PlacedInstruction;
  private refund = 0;

  /** `registers`: a local for each x register that the region uses. */
  constructor(
    features: { readonly xlen: 32 | 64; readonly compressed: boolean },
    region: RegionLocals,
    registers: readonly (Local<'i64'> | undefined)[],
    locals: Locals,
  ) {
    this.xlen = features.xlen;
    this.compressed = features.compressed;
    this.region = region;
    this.registers = registers;
    this.locals = locals;
    this.sites = new Sites(locals);
    this.address = locals.fresh('i64');
    this.entry = locals.fresh('i32');
    this.chosen = locals.fresh('i32');
  }

  /** A block begins: what its instructions have in common. `motion`: of the loop around it. */
  begin(instructions: readonly PlacedInstruction[], motion: Motion | undefined): void {
    this.motion = motion;
    this.groups = groupsOf(instructions);
    this.anchors.clear();
    this.floatState = { enabled: false, nearest: false, dirty: false };
  }

  /** Writes all registers to the hart's block. */
  get settle(): Statement {
    const stores = [...this.unwritten].map((index) => {
      const register = this.registers[index] as Local<'i64'>;
      return i64.store(this.region.hart.get, register.get, hartOffset.x + index * 8);
    });
    this.unwritten.clear();
    return sequence(...stores);
  }

  /** The instruction's meaning; `refund`: budget to give back if it does not happen here. */
  emit(placed: PlacedInstruction, refund: number): Statement {
    this.statements = [];
    this.keptInUse = 0;
    this.condition = undefined;
    this.placed = placed;
    this.refund = refund;
    (placed.instruction.row as InstructionRow).semantics?.(this);
    return sequence(...this.statements);
  }

  /** What an arm writes, while its instructions are emitted. */
  private arm: Map<number, Local<'i64'>> | undefined;
  private armLocals = 0;

  private inArm(arm: Map<number, Local<'i64'>>, register: number): Local<'i64'> {
    const known = arm.get(register) ?? this.locals.numbered('i64', ARM_LOCALS + this.armLocals++);
    arm.set(register, known);
    return known;
  }

  private emitArm(instructions: readonly PlacedInstruction[]): [code: Statement, arm: Map<number, Local<'i64'>>] {
    const arm = new Map<number, Local<'i64'>>();
    this.arm = arm;
    const code = sequence(...instructions.map((placed) => this.emit(placed, 0)));
    this.arm = undefined;
    return [code, arm];
  }

  /** Both arms of the branch that was emitted last, and what its condition chooses of them. */
  choose({ taken, fallen }: Arms): Statement {
    const { budget } = this.region;
    const { chosen, condition } = this;
    if (!condition) throw new Error('only a branch has arms');
    this.armLocals = 0;
    const [[code, whenTaken], [otherCode, whenFallen]] = [this.emitArm(taken), this.emitArm(fallen)];
    const results = [...new Set([...whenTaken.keys(), ...whenFallen.keys()])].map((index) => {
      const register = this.registers[index] as Local<'i64'>;
      this.unwritten.add(index);
      const [one, other] = [whenTaken, whenFallen].map((arm) => (arm.get(index) ?? register).get);
      return register.set(select(one as I64, other as I64, chosen.get));
    });
    const retired = select(i32.const(taken.length), i32.const(fallen.length), chosen.get);
    const count = taken.length === fallen.length ? i32.const(taken.length) : retired;
    return sequence(chosen.set(condition), code, otherCode, ...results, budget.set(i32.sub(budget.get, count)));
  }

  /** Gives this instruction to the interpreter. */
  private get leave(): Statement {
    const { info, slow } = this.region;
    return sequence(info.set(i32.const((this.refund << 16) | this.placed.offset)), br(slow));
  }

  private get operands() {
    return this.placed.instruction.operands;
  }

  private read(register: number): I64 {
    return (this.arm?.get(register) ?? this.registers[register])?.get ?? i64.const(0);
  }

  get rs1(): I64 {
    return this.read(this.operands.rs1);
  }

  get rs2(): I64 {
    return this.read(this.operands.rs2);
  }

  get rdBefore(): I64 {
    return this.read(this.operands.rd);
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

  private within(value: I64): I64 {
    return this.xlen === 64 ? value : i64.and(value, i64.const(0xffffffffn));
  }

  rd(value: I64): void {
    const { rd } = this.operands;
    const register = this.registers[rd];
    if (!register) return;
    const into = this.arm ? this.inArm(this.arm, rd) : register;
    this.statements.push(into.set(this.xlen === 64 ? value : i64.extendS(i32.wrap(value))));
    if (!this.arm) this.unwritten.add(rd);
  }

  rdWord(value: I32): void {
    this.rd(i64.extendS(value));
  }

  rdFlag(value: I32): void {
    this.rd(i64.extendU(value));
  }

  keep(value: I64): I64 {
    const local = this.kept[this.keptInUse] ?? this.locals.fresh('i64');
    this.kept[this.keptInUse] = local;
    this.keptInUse += 1;
    this.statements.push(local.set(value));
    return local.get;
  }

  /** Host address and offset of the naturally aligned access at rs1 + imm, or out. */
  private access(tag: number, size: LoadSize): [at: I32, offset: number] {
    const { imm } = this.operands;
    const member = this.groups.get(this.placed);
    if (member) return [this.anchorOf(member), member.offset - member.group.anchor];
    const mask = i64.const(~(0xfffn ^ BigInt(size - 1)));
    return [this.lookUp(imm, tag, (found) => i64.ne(found, i64.and(this.address.get, mask))), 0];
  }

  /** The host address of rs1 + offset; leaves where the TLB entry's tag does not do. */
  private lookUp(offset: number, tag: number, fails: (tag: I64) => I32): I32 {
    const { address, entry, statements } = this;
    const sum = offset === 0 ? this.rs1 : i64.add(this.rs1, i64.const(offset));
    const find = entry.set(entryOf(this.region.dataTlb.get, address.get));
    const foundTag = i64.load(entry.get, tag);
    const addend = i32.load(entry.get, tlbField.addend);
    const base = 1 << this.operands.rs1;
    const steady = ((this.motion?.steady ?? 0) & base) !== 0;
    const site = steady || (this.motion?.chased ?? 0) & base ? this.sites.next() : undefined;
    statements.push(this.settle, address.set(this.within(sum)));
    if (!site) {
      statements.push(find, when(fails(foundTag), this.leave));
      return i32.add(i32.wrap(address.get), addend);
    }
    if (steady) {
      // Most often the page of the last time.
      const refind = sequence(
        find,
        site.tag.set(foundTag),
        when(fails(site.tag.get), this.leave),
        site.addend.set(addend),
      );
      statements.push(when(fails(site.tag.get), refind));
    } else {
      // The host guesses that the addend is the last one, and need not wait for it.
      const guess = when(i32.ne(addend, site.addend.get), site.addend.set(addend));
      statements.push(find, when(fails(foundTag), this.leave), guess);
    }
    return i32.add(i32.wrap(address.get), site.addend.get);
  }

  /** The first access of a group looks whether its whole range lies on a page that is cached. */
  private anchorOf({ group, offset }: Member): I32 {
    const known = this.anchors.get(group);
    if (known) return known.get;
    const tag = group.stores ? tlbField.write : tlbField.read;
    const alignLog2 = i64.const(Math.log2(group.align));
    const last = i64.const(Math.floor((4096 - group.length) / group.align));
    // An empty entry's tag is odd: from there an odd address may seem aligned, so that its bit 0 is looked at besides.
    const isOdd = i64.shl(this.address.get, i64.const(63));
    const host = this.lookUp(group.anchor - offset + this.operands.imm, tag, (found) =>
      i64.gtU(i64.or(i64.rotr(i64.sub(this.address.get, found), alignLog2), isOdd), last),
    );
    const anchor = this.anchorLocals[this.anchors.size] ?? this.locals.fresh('i32');
    this.anchorLocals[this.anchors.size] = anchor;
    this.anchors.set(group, anchor);
    this.statements.push(anchor.set(host));
    return anchor.get;
  }

  load(size: LoadSize, signed: boolean): void {
    const [at, offset] = this.access(tlbField.read, size);
    this.rd((signed ? signedLoads : unsignedLoads)[size](at, offset));
  }

  store(size: LoadSize): void {
    const [at, offset] = this.access(tlbField.write, size);
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
    return sequence(this.settle, this.once('enabled', requireEnabled(hart.get, this.leave)));
  }

  private get dirty(): Statement {
    return this.once('dirty', markDirty(this.region.hart.get, this.xlen));
  }

  loadFp(size: 2 | 4 | 8): void {
    const { hart } = this.region;
    this.statements.push(this.enabled);
    const [at, offset] = this.access(tlbField.read, size);
    const value = unsignedLoads[size](at, offset);
    const boxed = size === 8 ? value : i64.or(value, i64.const(-(1n << BigInt(size * 8))));
    this.statements.push(i64.store(hart.get, boxed, hartOffset.f + this.operands.rd * 8), this.dirty);
  }

  storeFp(size: 2 | 4 | 8): void {
    this.statements.push(this.enabled);
    const [at, offset] = this.access(tlbField.write, size);
    const value = i64.load(this.region.hart.get, hartOffset.f + this.operands.rs2 * 8);
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
    if (!this.compressed) this.statements.push(this.settle);
    if (!this.compressed) this.statements.push(when(i32.and(i32.wrap(target.get), i32.const(2)), this.leave));
    this.rd(this.next);
  }

  fence(): void {}

  /** Sets `entry` to the host address of the naturally aligned access at rs1, or leaves. */
  private aligned(tag: number, size: LoadSize): void {
    const mask = i64.const(~(0xfffn ^ BigInt(size - 1)));
    const at = this.lookUp(0, tag, (found) => i64.ne(found, i64.and(this.address.get, mask)));
    this.statements.push(this.entry.set(at));
  }

  /** A page that is cached as writable is readable too, and holds no decoded instructions. */
  amo(size: LoadSize, operation: AmoOperation): void {
    this.aligned(tlbField.write, size);
    const operand = this.keep(signExtended[size](this.rs2));
    const loaded = this.keep(signedLoads[size](this.entry.get));
    this.statements.push(stores[size](this.entry.get, operation(loaded, operand)));
    this.rd(loaded);
  }

  loadReserved(size: 4 | 8): void {
    this.aligned(tlbField.read, size);
    this.statements.push(i32.store(this.region.hart.get, this.entry.get, hartOffset.reservation));
    this.rd(signedLoads[size](this.entry.get));
  }

  storeConditional(size: 4 | 8): void {
    const { hart } = this.region;
    this.aligned(tlbField.write, size);
    const failed = this.keep(i64.extendU(i32.ne(i32.load(hart.get, hartOffset.reservation), this.entry.get)));
    this.statements.push(
      when(i64.eqz(failed), stores[size](this.entry.get, this.rs2)),
      i32.store(hart.get, i32.const(0), hartOffset.reservation),
    );
    this.rd(failed);
  }

  float(mnemonic: string): void {
    const { hart } = this.region;
    const { locals } = this;
    const { operands, word } = this.placed.instruction;
    const f = (index: number) => i64.load(hart.get, hartOffset.f + index * 8);
    const rm = (word >>> 12) & 7;
    const results: I64[] = [];
    this.statements.push(this.settle);
    const path = floatPath(mnemonic, {
      xlen: this.xlen,
      hart: hart.get,
      f1: f(operands.rs1),
      f2: f(operands.rs2),
      f3: f(word >>> 27),
      x1: this.rs1,
      towardsZero: rm === RTZ,
      setF: (value) => i64.store(hart.get, value, hartOffset.f + operands.rd * 8),
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
}
