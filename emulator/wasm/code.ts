// WebAssembly code: expressions, operators, and here the control flow.

import { unsignedLeb } from './bytes.ts';
import {
  type Code,
  code,
  type I32,
  type I64,
  type Label,
  label,
  type Sink,
  type Statement,
  typeByte,
  type ValueType,
} from './expression.ts';
import { i32, i64 } from './operators.ts';

export * from './expression.ts';
export * from './operators.ts';

/** `when` if `condition` is not zero, else `otherwise`; both are evaluated. */
export function select<T extends ValueType>(when: Code<T>, otherwise: Code<T>, condition: I32): Code<T> {
  return code(when.type, (sink) => {
    when.emit(sink);
    otherwise.emit(sink);
    condition.emit(sink);
    sink.out.push(0x1b);
  });
}

export function sequence(...statements: Statement[]): Statement {
  return code('void', (sink) => {
    for (const statement of statements) statement.emit(sink);
  });
}

function structure(opcode: number, at: Label, body: Statement[]): Statement {
  return code('void', (sink) => {
    sink.out.push(opcode, 0x40);
    sink.labels.push(at);
    for (const statement of body) statement.emit(sink);
    sink.labels.pop();
    sink.out.push(0x0b);
  });
}

/** `br(at)` inside leaves the block. */
export function block(at: Label, ...body: Statement[]): Statement {
  return structure(0x02, at, body);
}

/** `br(at)` inside starts over. */
export function loop(at: Label, ...body: Statement[]): Statement {
  return structure(0x03, at, body);
}

const unnamed = label('if');

export function when(condition: I32, then: Statement, otherwise?: Statement): Statement {
  return code('void', (sink) => {
    condition.emit(sink);
    sink.out.push(0x04, 0x40);
    sink.labels.push(unnamed);
    then.emit(sink);
    if (otherwise) {
      sink.out.push(0x05);
      otherwise.emit(sink);
    }
    sink.labels.pop();
    sink.out.push(0x0b);
  });
}

/**
 * `then` where two values differ, which is rare. V8 lays out what an inequality leads to before what follows, which is then
 * reached by a jump; of an unsigned comparison it is laid out behind.
 */
export function unlessSame(a: I32, b: I32, then: Statement): Statement;
export function unlessSame(a: I64, b: I64, then: Statement): Statement;
export function unlessSame(a: I32 | I64, b: I32 | I64, then: Statement): Statement {
  const differ =
    a.type === 'i32' ? i32.ltU(i32.const(0), i32.xor(a, b as I32)) : i64.ltU(i64.const(0), i64.xor(a, b as I64));
  return when(differ, then);
}

/** A value by condition; only the chosen side is evaluated. */
export function choose<T extends ValueType>(condition: I32, then: Code<T>, otherwise: Code<T>): Code<T> {
  return code(then.type, (sink) => {
    condition.emit(sink);
    sink.out.push(0x04, typeByte[then.type]);
    sink.labels.push(unnamed);
    then.emit(sink);
    sink.out.push(0x05);
    otherwise.emit(sink);
    sink.labels.pop();
    sink.out.push(0x0b);
  });
}

function depth(sink: Sink, at: Label): number {
  const index = sink.labels.lastIndexOf(at);
  if (index < 0) throw new Error(`label ${at.name} does not enclose this branch`);
  return sink.labels.length - 1 - index;
}

export function br(at: Label): Statement {
  return code('void', (sink) => {
    sink.out.push(0x0c);
    unsignedLeb(depth(sink, at), sink.out);
  });
}

export function brIf(at: Label, condition: I32): Statement {
  return code('void', (sink) => {
    condition.emit(sink);
    sink.out.push(0x0d);
    unsignedLeb(depth(sink, at), sink.out);
  });
}

/** Jumps to `targets[index]`, or to `otherwise` beyond their end. */
export function brTable(index: I32, targets: readonly Label[], otherwise: Label): Statement {
  return code('void', (sink) => {
    index.emit(sink);
    sink.out.push(0x0e);
    unsignedLeb(targets.length, sink.out);
    for (const target of targets) unsignedLeb(depth(sink, target), sink.out);
    unsignedLeb(depth(sink, otherwise), sink.out);
  });
}

export function ret(...values: Code<ValueType>[]): Statement {
  return code('void', (sink) => {
    for (const value of values) value.emit(sink);
    sink.out.push(0x0f);
  });
}

export const unreachable: Statement = code('void', (sink) => sink.out.push(0x00));

/** Evaluates for the effect alone. */
export function drop(value: Code<ValueType>): Statement {
  return code('void', (sink) => {
    value.emit(sink);
    sink.out.push(0x1a);
  });
}

/** Fills `length` bytes from `address` with the low byte of `value`. */
export function fill(address: I32, value: I32, length: I32): Statement {
  return code('void', (sink) => {
    for (const operand of [address, value, length]) operand.emit(sink);
    sink.out.push(0xfc, 0x0b, 0x00);
  });
}

/** Copies `length` bytes; the ranges may overlap. */
export function copy(to: I32, from: I32, length: I32): Statement {
  return code('void', (sink) => {
    for (const operand of [to, from, length]) operand.emit(sink);
    sink.out.push(0xfc, 0x0a, 0x00, 0x00);
  });
}

/** A call through table 0 of a function of the module's type `signature`. */
export function callIndirect<T extends ValueType | 'void'>(
  type: T,
  signature: number,
  index: I32,
  args: readonly Code<ValueType>[],
): Code<T> {
  return code(type, (sink) => {
    for (const argument of args) argument.emit(sink);
    index.emit(sink);
    sink.out.push(0x11);
    unsignedLeb(signature, sink.out);
    sink.out.push(0x00);
  });
}

/** A call of the function with this index in the module. */
export function call<T extends ValueType | 'void'>(type: T, index: number, ...args: Code<ValueType>[]): Code<T> {
  return code(type, (sink) => {
    for (const argument of args) argument.emit(sink);
    sink.out.push(0x10);
    unsignedLeb(index, sink.out);
  });
}
