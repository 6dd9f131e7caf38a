// Typed WebAssembly code as values: each expression knows its type, so that a mistake is a compile error here rather
// than a validation error there. Code is emitted once, when a function body is finished, with labels resolved to depths.

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64';

/** Bytes being written, in a buffer that grows. */
export class Bytes {
  length = 0;
  private buffer = new Uint8Array(1024);

  push(byte: number, ...more: number[]): void {
    if (this.length === this.buffer.length) this.grow(1);
    this.buffer[this.length++] = byte;
    for (const another of more) this.push(another);
  }

  append(bytes: Bytes): void {
    this.grow(bytes.length);
    this.buffer.set(bytes.buffer.subarray(0, bytes.length), this.length);
    this.length += bytes.length;
  }

  /** A copy of what was written. */
  take(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length);
  }

  private grow(room: number): void {
    if (this.length + room <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.length + room));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}

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

export function unsignedLeb(value: number, out: Bytes): void {
  let rest = value >>> 0;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    out.push(rest ? byte | 0x80 : byte);
  } while (rest);
}

/** The same encoding as `signedLeb`, of 32 bits. */
export function signedLeb32(value: number, out: Bytes): void {
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && !(byte & 0x40)) || (rest === -1 && (byte & 0x40) !== 0);
    out.push(done ? byte : byte | 0x80);
    if (done) return;
  }
}

export function signedLeb(value: bigint, out: Bytes): void {
  let rest = value;
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && !(byte & 0x40)) || (rest === -1n && (byte & 0x40) !== 0);
    out.push(done ? byte : byte | 0x80);
    if (done) return;
  }
}

function code<T extends ValueType | 'void'>(type: T, emit: (sink: Sink) => void): Code<T> {
  return { type, emit };
}

function operation<T extends ValueType>(type: T, opcode: number, ...operands: Code<ValueType>[]): Code<T> {
  return code(type, (sink) => {
    for (const operand of operands) operand.emit(sink);
    sink.out.push(opcode);
  });
}

function memory<T extends ValueType | 'void'>(
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

type Two32 = (a: I32, b: I32) => I32;
type Two64 = (a: I64, b: I64) => I64;
type Test64 = (a: I64, b: I64) => I32;

const op32 =
  (opcode: number): Two32 =>
  (a, b) =>
    operation('i32', opcode, a, b);
const op64 =
  (opcode: number): Two64 =>
  (a, b) =>
    operation('i64', opcode, a, b);
const test64 =
  (opcode: number): Test64 =>
  (a, b) =>
    operation('i32', opcode, a, b);
const load32 =
  (opcode: number, align: number) =>
  (address: I32, offset = 0): I32 =>
    memory('i32', opcode, align, offset, address);
const load64 =
  (opcode: number, align: number) =>
  (address: I32, offset = 0): I64 =>
    memory('i64', opcode, align, offset, address);

export const i32 = {
  const: (value: number): I32 =>
    code('i32', (sink) => {
      sink.out.push(0x41);
      signedLeb32(value, sink.out);
    }),
  load: load32(0x28, 0),
  load8u: load32(0x2d, 0),
  load16u: load32(0x2f, 0),
  store: (address: I32, value: I32, offset = 0): Statement => memory('void', 0x36, 0, offset, address, value),
  store8: (address: I32, value: I32, offset = 0): Statement => memory('void', 0x3a, 0, offset, address, value),
  store16: (address: I32, value: I32, offset = 0): Statement => memory('void', 0x3b, 0, offset, address, value),
  eqz: (a: I32): I32 => operation('i32', 0x45, a),
  clz: (a: I32): I32 => operation('i32', 0x67, a),
  ctz: (a: I32): I32 => operation('i32', 0x68, a),
  popcnt: (a: I32): I32 => operation('i32', 0x69, a),
  eq: op32(0x46),
  ne: op32(0x47),
  ltS: op32(0x48),
  ltU: op32(0x49),
  gtU: op32(0x4b),
  geU: op32(0x4f),
  add: op32(0x6a),
  sub: op32(0x6b),
  mul: op32(0x6c),
  divS: op32(0x6d),
  divU: op32(0x6e),
  remS: op32(0x6f),
  remU: op32(0x70),
  and: op32(0x71),
  or: op32(0x72),
  xor: op32(0x73),
  shl: op32(0x74),
  shrS: op32(0x75),
  shrU: op32(0x76),
  rotl: op32(0x77),
  rotr: op32(0x78),
  wrap: (a: I64): I32 => operation('i32', 0xa7, a),
};

export const i64 = {
  const: (value: bigint | number): I64 =>
    code('i64', (sink) => {
      sink.out.push(0x42);
      const small = Number(value);
      if (small === (small | 0)) signedLeb32(small, sink.out);
      else signedLeb(BigInt.asIntN(64, BigInt(value)), sink.out);
    }),
  load: load64(0x29, 0),
  load8s: load64(0x30, 0),
  load8u: load64(0x31, 0),
  load16s: load64(0x32, 0),
  load16u: load64(0x33, 0),
  load32s: load64(0x34, 0),
  load32u: load64(0x35, 0),
  store: (address: I32, value: I64, offset = 0): Statement => memory('void', 0x37, 0, offset, address, value),
  store8: (address: I32, value: I64, offset = 0): Statement => memory('void', 0x3c, 0, offset, address, value),
  store16: (address: I32, value: I64, offset = 0): Statement => memory('void', 0x3d, 0, offset, address, value),
  store32: (address: I32, value: I64, offset = 0): Statement => memory('void', 0x3e, 0, offset, address, value),
  eqz: (a: I64): I32 => operation('i32', 0x50, a),
  clz: (a: I64): I64 => operation('i64', 0x79, a),
  ctz: (a: I64): I64 => operation('i64', 0x7a, a),
  popcnt: (a: I64): I64 => operation('i64', 0x7b, a),
  eq: test64(0x51),
  ne: test64(0x52),
  ltS: test64(0x53),
  ltU: test64(0x54),
  gtS: test64(0x55),
  gtU: test64(0x56),
  geS: test64(0x59),
  geU: test64(0x5a),
  add: op64(0x7c),
  sub: op64(0x7d),
  mul: op64(0x7e),
  divS: op64(0x7f),
  divU: op64(0x80),
  remS: op64(0x81),
  remU: op64(0x82),
  and: op64(0x83),
  or: op64(0x84),
  xor: op64(0x85),
  shl: op64(0x86),
  shrS: op64(0x87),
  shrU: op64(0x88),
  rotl: op64(0x89),
  rotr: op64(0x8a),
  /** Sign-extended from the low 8 or 16 bits. */
  extend8s: (a: I64): I64 => operation('i64', 0xc2, a),
  extend16s: (a: I64): I64 => operation('i64', 0xc3, a),
  /** Sign- or zero-extended from 32 bits. */
  extendS: (a: I32): I64 => operation('i64', 0xac, a),
  extendU: (a: I32): I64 => operation('i64', 0xad, a),
};

type TwoF64 = (a: F64, b: F64) => F64;
type TestF64 = (a: F64, b: F64) => I32;
const opF64 =
  (opcode: number): TwoF64 =>
  (a, b) =>
    operation('f64', opcode, a, b);
const testF64 =
  (opcode: number): TestF64 =>
  (a, b) =>
    operation('i32', opcode, a, b);

/** Double precision; single-precision values are held in it, exactly. */
export const f64 = {
  const: (value: number): F64 =>
    code('f64', (sink) => {
      sink.out.push(0x44);
      for (const byte of new Uint8Array(Float64Array.of(value).buffer)) sink.out.push(byte);
    }),
  ofBits: (a: I64): F64 => operation('f64', 0xbf, a),
  bits: (a: F64): I64 => operation('i64', 0xbd, a),
  /** From and to the 32 bits of a single. */
  ofSingleBits: (a: I32): F64 => operation('f64', 0xbb, operation('f32', 0xbe, a)),
  singleBits: (a: F64): I32 => operation('i32', 0xbc, operation('f32', 0xb6, a)),
  /** The nearest single. */
  narrowed: (a: F64): F64 => operation('f64', 0xbb, operation('f32', 0xb6, a)),
  abs: (a: F64): F64 => operation('f64', 0x99, a),
  neg: (a: F64): F64 => operation('f64', 0x9a, a),
  sqrt: (a: F64): F64 => operation('f64', 0x9f, a),
  add: opF64(0xa0),
  sub: opF64(0xa1),
  mul: opF64(0xa2),
  div: opF64(0xa3),
  eq: testF64(0x61),
  ne: testF64(0x62),
  lt: testF64(0x63),
  gt: testF64(0x64),
  le: testF64(0x65),
  /** The integer nearest to zero; traps outside the range of 64 bits. */
  truncated: (a: F64): I64 => operation('i64', 0xb0, a),
  ofSigned: (a: I64): F64 => operation('f64', 0xb9, a),
};

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
