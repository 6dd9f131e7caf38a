// The guest's registers of a region in locals. Memory always gets what was written before anything may exit; until then the
// local alone has it. While the arms of a branch are emitted, each has its own copies of what it writes.

import {
  type Code,
  type F64,
  f64,
  type I32,
  type I64,
  i64,
  type Local,
  type Statement,
  select,
  sequence,
} from '../../wasm/code.ts';
import type { Locals } from '../../wasm/module.ts';
import { hartOffset } from '../layout.ts';

import { type Registers, registersIn } from './registers.ts';

/** Number of the first local for what arms write; those before are floating point's. */
const ARM_LOCALS = 32;

/** Copies of the registers that an arm writes. */
type Arm = Map<number, Local<'i64'>>;

export class RegionRegisters {
  private readonly hart: Local<'i32'>;
  private readonly locals: Locals;
  private readonly integer: Local<'i64'>[] = [];
  private readonly float: Local<'f64'>[] = [];
  /** Those whose value is in the local alone so far. */
  private readonly unwritten = { x: 0, f: 0 };
  private arm: Arm | undefined;
  private armLocals = 0;

  /** `used`: the registers that the region reads or writes. */
  constructor(hart: Local<'i32'>, locals: Locals, used: Registers) {
    this.hart = hart;
    this.locals = locals;
    for (const index of registersIn(used.x)) this.integer[index] = locals.fresh('i64');
    for (const index of registersIn(used.f)) this.float[index] = locals.fresh('f64');
  }

  x(index: number): I64 {
    return (this.arm?.get(index) ?? this.integer[index])?.get ?? i64.const(0);
  }

  /** Zero where the instruction does not read it. */
  f(index: number): F64 {
    return this.float[index]?.get ?? f64.const(0);
  }

  setX(index: number, value: I64): Statement {
    const register = this.integer[index];
    if (!register) return sequence();
    if (this.arm) return this.inArm(this.arm, index).set(value);
    this.unwritten.x |= 1 << index;
    return register.set(value);
  }

  setF(index: number, value: F64): Statement {
    this.unwritten.f |= 1 << index;
    return (this.float[index] as Local<'f64'>).set(value);
  }

  /** Writes all of them to the hart's block. */
  get settle(): Statement {
    const { x, f } = this.unwritten;
    if (!x && !f) return sequence();
    this.unwritten.x = 0;
    this.unwritten.f = 0;
    const { hart, integer, float } = this;
    return sequence(
      ...registersIn(x).map((index) => i64.store(hart.get, (integer[index] as Local<'i64'>).get, xAt(index))),
      ...registersIn(f).map((index) => f64.store(hart.get, (float[index] as Local<'f64'>).get, fAt(index))),
    );
  }

  /** Reads registers from the hart's block. */
  load({ x, f }: Registers): Statement {
    const { hart, integer, float } = this;
    return sequence(
      ...registersIn(x).map((index) => (integer[index] as Local<'i64'>).set(i64.load(hart.get, xAt(index)))),
      ...registersIn(f).map((index) => (float[index] as Local<'f64'>).set(f64.load(hart.get, fAt(index)))),
    );
  }

  /** The code of both arms, and then of each register that they write what the condition chooses. */
  choose(condition: I32, taken: () => Code<'void'>, fallen: () => Code<'void'>): Statement {
    this.armLocals = 0;
    const [[code, whenTaken], [otherCode, whenFallen]] = [this.inside(taken), this.inside(fallen)];
    const written = [...new Set([...whenTaken.keys(), ...whenFallen.keys()])];
    const results = written.map((index) => {
      const [one, other] = [whenTaken, whenFallen].map((arm) => arm.get(index)?.get ?? this.x(index));
      return this.setX(index, select(one as I64, other as I64, condition));
    });
    return sequence(code, otherCode, ...results);
  }

  private inside(emit: () => Statement): [code: Statement, arm: Arm] {
    const arm: Arm = new Map();
    this.arm = arm;
    const code = emit();
    this.arm = undefined;
    return [code, arm];
  }

  private inArm(arm: Arm, index: number): Local<'i64'> {
    const known = arm.get(index) ?? this.locals.numbered('i64', ARM_LOCALS + this.armLocals++);
    arm.set(index, known);
    return known;
  }
}

const xAt = (index: number) => hartOffset.x + index * 8;
const fAt = (index: number) => hartOffset.f + index * 8;
