// What the semantics of an instruction are collected into, and its results in the forms that they come in: the same where
// operands are read from a record and where they are constants.

import { type I32, type I64, i32, i64, type Local, type Statement } from '../wasm/code.ts';
import type { Locals } from '../wasm/module.ts';

export abstract class Results {
  readonly xlen: 32 | 64;
  protected readonly locals: Locals;
  /** Of the instruction that is being made. */
  protected statements: Statement[] = [];
  private readonly kept: Local<'i64'>[] = [];
  private keptInUse = 0;

  constructor(xlen: 32 | 64, locals: Locals) {
    this.xlen = xlen;
    this.locals = locals;
  }

  /** Another instruction: nothing is kept of the one before. */
  protected startAnew(): void {
    this.statements = [];
    this.keptInUse = 0;
  }

  abstract rd(value: I64): void;

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

  /** An address as wide as XLEN. */
  within(value: I64): I64 {
    return this.xlen === 64 ? value : i64.and(value, i64.const(0xffffffffn));
  }

  /** A value as registers hold it: RV32 keeps its own sign-extended. */
  protected narrowed(value: I64): I64 {
    return this.xlen === 64 ? value : i64.extendS(i32.wrap(value));
  }
}
