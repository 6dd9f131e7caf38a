// Typed WebAssembly code as values: each expression knows its type, so that a mistake is a compile error here rather
// than a validation error there. Code is emitted once, when a function body is finished, with labels resolved to depths.

import { type Bytes, unsignedLeb } from './bytes.ts';

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64';

/** A jump target: a block's end or a loop's head. */
export interface Label {
  readonly name: string;
}

export function label(name: string): Label {
  return { name };
}

/** Where bytes go, and which labels enclose them. */
export interface Sink {
  readonly out: Bytes;
  readonly labels: Label[];
}

/** Code that leaves one value of type `T` on the stack, or nothing (`void`). */
export interface Code<T extends ValueType | 'void'> {
  readonly type: T;
  readonly emit: (sink: Sink) => void;
}

export type I32 = Code<'i32'>;
export type I64 = Code<'i64'>;
export type F64 = Code<'f64'>;
export type Statement = Code<'void'>;

export const typeByte: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

export function code<T extends ValueType | 'void'>(type: T, emit: (sink: Sink) => void): Code<T> {
  return { type, emit };
}

export function operation<T extends ValueType>(type: T, opcode: number, ...operands: Code<ValueType>[]): Code<T> {
  return code(type, (sink) => {
    for (const operand of operands) operand.emit(sink);
    sink.out.push(opcode);
  });
}

export function memory<T extends ValueType | 'void'>(
  type: T,
  opcode: number,
  alignLog2: number,
  offset: number,
  ...operands: Code<ValueType>[]
): Code<T> {
  return code(type, (sink) => {
    for (const operand of operands) operand.emit(sink);
    sink.out.push(opcode, alignLog2);
    unsignedLeb(offset, sink.out);
  });
}

/** A local variable of a function under construction. */
export interface Local<T extends ValueType> {
  readonly type: T;
  readonly index: number;
  readonly get: Code<T>;
  set(value: Code<T>): Statement;
  /** Sets, and leaves the value. */
  tee(value: Code<T>): Code<T>;
}

export function local<T extends ValueType>(type: T, index: number): Local<T> {
  const access = (opcode: number, value: Code<T> | undefined, sink: Sink) => {
    value?.emit(sink);
    sink.out.push(opcode);
    unsignedLeb(index, sink.out);
  };
  return {
    type,
    index,
    get: code(type, (sink) => access(0x20, undefined, sink)),
    set: (value) => code('void', (sink) => access(0x21, value, sink)),
    tee: (value) => code(type, (sink) => access(0x22, value, sink)),
  };
}
