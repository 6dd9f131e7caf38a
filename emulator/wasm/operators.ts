// The operators of WebAssembly that generated code uses, by the type that they work on.

import { signedLeb, signedLeb32, unsignedLeb } from './bytes.ts';
import { code, type F64, type I32, type I64, memory, operation, type Sink, type Statement } from './expression.ts';

/** An operator of two values of a type, with a result of the same or another. */
const two =
  <Value extends I32 | I64 | F64, Result extends I32 | I64 | F64>(type: 'i32' | 'i64' | 'f64') =>
  (opcode: number) =>
  (a: Value, b: Value): Result =>
    operation(type, opcode, a, b) as Result;
const op32 = two<I32, I32>('i32');
const op64 = two<I64, I64>('i64');
const test64 = two<I64, I32>('i32');
const opF64 = two<F64, F64>('f64');
const testF64 = two<F64, I32>('i32');
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

/** An instruction of those for vectors, whose numbers take two bytes and more. */
const vector = (sink: Sink, opcode: number) => {
  sink.out.push(0xfd);
  unsignedLeb(opcode, sink.out);
};

const saturating = (opcode: number, a: F64): I64 =>
  code('i64', (sink) => {
    a.emit(sink);
    sink.out.push(0xfc, opcode);
  });

/** Doubles by the expressions of their bits. */
const doubles = new WeakMap<I64, F64>();

/** Double precision; single-precision values are held in it, exactly. */
export const f64 = {
  const: (value: number): F64 =>
    code('f64', (sink) => {
      sink.out.push(0x44);
      for (const byte of new Uint8Array(Float64Array.of(value).buffer)) sink.out.push(byte);
    }),
  load: (address: I32, offset = 0): F64 => memory('f64', 0x2b, 0, offset, address),
  store: (address: I32, value: F64, offset = 0): Statement => memory('void', 0x39, 0, offset, address, value),
  /** The double of these bits; where they are known to be a double's, that. */
  ofBits: (a: I64): F64 => doubles.get(a) ?? operation('f64', 0xbf, a),
  bits: (a: F64): I64 => {
    const bits = operation('i64', 0xbd, a);
    doubles.set(bits, a);
    return bits;
  },
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
  ofSigned: (a: I64): F64 => operation('f64', 0xb9, a),
  ofUnsigned: (a: I64): F64 => operation('f64', 0xba, a),
  /** The nearest single to an integer. */
  singleOfSigned: (a: I64): F64 => operation('f64', 0xbb, operation('f32', 0xb4, a)),
  singleOfUnsigned: (a: I64): F64 => operation('f64', 0xbb, operation('f32', 0xb5, a)),
  /** The integer nearest to zero, as a double; and the nearest one, of two the even. */
  trunc: (a: F64): F64 => operation('f64', 0x9d, a),
  nearest: (a: F64): F64 => operation('f64', 0x9e, a),
  /** The integer nearest to zero; the nearest bound outside the range of 64 bits. */
  saturated: (a: F64): I64 => saturating(0x06, a),
  saturatedUnsigned: (a: F64): I64 => saturating(0x07, a),
  /** a × b + c, rounded once or twice as the host's processor likes (relaxed SIMD): see `fusesProducts`. */
  relaxedMadd: (a: F64, b: F64, c: F64): F64 =>
    code('f64', (sink) => {
      for (const operand of [a, b, c]) {
        operand.emit(sink);
        vector(sink, 0x14); // f64x2.splat
      }
      vector(sink, 0x107); // f64x2.relaxed_madd
      vector(sink, 0x21); // f64x2.extract_lane
      sink.out.push(0);
    }),
};
