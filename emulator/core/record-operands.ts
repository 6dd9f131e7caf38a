// The operands of a decoded record: read from the record and the hart's block each time they are named.

import { type I32, type I64, i32, i64, type Statement, select } from '../wasm/code.ts';
import type { Locals } from '../wasm/module.ts';
import { hartOffset, REGISTER_BYTES, recordBytesPerByte, recordField } from './layout.ts';
import { hasRs2ForRd, type Length, type Operation } from './operations.ts';
import { Results } from './results.ts';
import type { RunLocals } from './run-locals.ts';

/** Bytes from the address that `bias` stands for. */
export const offsetOf = (record: I32): I64 => i64.extendU(i32.shrU(record, i32.const(Math.log2(recordBytesPerByte))));

export abstract class RecordOperands extends Results {
  protected readonly run: RunLocals;
  /** Of the operation whose case is being made. */
  protected length: Length = 4;
  private number = 0;
  private rs2Field: number = recordField.rs2;

  constructor(xlen: 32 | 64, run: RunLocals, locals: Locals) {
    super(xlen, locals);
    this.run = run;
  }

  protected begin({ row, length }: Operation, number: number): void {
    this.startAnew();
    this.length = length;
    this.number = number;
    this.rs2Field = hasRs2ForRd(row.format) ? recordField.rd : recordField.rs2;
  }

  protected field(offset: number): I32 {
    return i32.load8u(this.run.record.get, offset);
  }

  protected register(field: number): I32 {
    return i32.add(this.run.hart.get, i32.shl(this.field(field), i32.const(Math.log2(REGISTER_BYTES))));
  }

  get rs1(): I64 {
    return i64.load(this.register(recordField.rs1));
  }

  get rs2(): I64 {
    return i64.load(this.register(this.rs2Field));
  }

  get imm(): I64 {
    return i64.load32s(this.run.record.get, recordField.immediate);
  }

  get rdBefore(): I64 {
    const isZero = i32.eq(this.field(recordField.rd), i32.const(hartOffset.sink / REGISTER_BYTES));
    return select(i64.const(0), i64.load(this.register(recordField.rd)), isZero);
  }

  get pc(): I64 {
    return this.pcOf(this.number);
  }

  get next(): I64 {
    return this.pcOf(this.number, this.length);
  }

  /**
   * Address of the record's instruction and `more`. Each operation works it out in a way of its own, told by `number`: of
   * what is the same in many, V8 makes one that is worked out before each dispatch, used or not.
   */
  pcOf(number: number, more = 0): I64 {
    const { bias, record } = this.run;
    const shifted = offsetOf(i32.add(record.get, i32.const(number * recordBytesPerByte)));
    return i64.add(i64.add(bias.get, shifted), i64.const(more - number));
  }

  /** To the record behind this one, of an instruction of `length` bytes. */
  advance(length: Length): Statement {
    return this.run.step.set(i32.const(length * recordBytesPerByte));
  }

  /** The next record is the one that `record` says. */
  get stay(): Statement {
    return this.run.step.set(i32.const(0));
  }

  rd(value: I64): void {
    this.rdWhole(this.narrowed(value));
  }

  protected rdWhole(value: I64): void {
    this.statements.push(i64.store(this.register(recordField.rd), value));
  }
}
