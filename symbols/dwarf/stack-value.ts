// Values on the stack of a location expression, and arithmetic on them (DWARF 5, section 2.5.1 "General Operations").

import { DwarfError } from './cursor.ts';

/** The type of a value: integers of some bytes, or floating point. The generic type is the machine's word. */
export interface ValueType {
  readonly kind: 'generic' | 'signed' | 'unsigned' | 'float';
  readonly size: number;
}

/** Its bits are taken modulo its size. */
export interface StackValue {
  readonly bits: bigint;
  readonly type: ValueType;
}

export function stackValue(bits: bigint, type: ValueType): StackValue {
  return { bits: BigInt.asUintN(8 * type.size, bits), type };
}

export function bytesOf({ bits, type }: StackValue): Uint8Array {
  return Uint8Array.from({ length: type.size }, (_, i) => Number((bits >> BigInt(8 * i)) & 0xffn));
}

export function fromBytes(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}

function signedOf({ bits, type }: StackValue): bigint {
  return BigInt.asIntN(8 * type.size, bits);
}

/** The number an integer stands for; generic ones have no sign but where an operation says so. */
function integerOf(value: StackValue): bigint {
  return value.type.kind === 'signed' ? signedOf(value) : value.bits;
}

function floatOf({ bits, type }: StackValue): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits, true);
  if (type.size === 8) return view.getFloat64(0, true);
  if (type.size === 4) return view.getFloat32(0, true);
  throw new DwarfError(`floating point of ${type.size} bytes is not computed`);
}

function ofFloat(number: number, type: ValueType): StackValue {
  const view = new DataView(new ArrayBuffer(8));
  if (type.size === 8) view.setFloat64(0, number, true);
  else if (type.size === 4) view.setFloat32(0, number, true);
  else throw new DwarfError(`floating point of ${type.size} bytes is not computed`);
  return stackValue(view.getBigUint64(0, true), type);
}

/** DW_OP_convert: the same number in another type. */
export function convert(value: StackValue, type: ValueType): StackValue {
  if (value.type.kind === 'float') {
    const number = floatOf(value);
    if (type.kind === 'float') return ofFloat(number, type);
    return stackValue(Number.isFinite(number) ? BigInt(Math.trunc(number)) : 0n, type);
  }
  return type.kind === 'float' ? ofFloat(Number(integerOf(value)), type) : stackValue(integerOf(value), type);
}

/** DW_OP_* with one operand. */
export function unary(opcode: number, value: StackValue): StackValue {
  const { type } = value;
  if (type.kind === 'float') {
    const number = floatOf(value);
    if (opcode === Op.abs) return ofFloat(Math.abs(number), type);
    if (opcode === Op.neg) return ofFloat(-number, type);
    throw new DwarfError('an expression computes bits of a floating-point number');
  }
  const number = signedOf(value);
  if (opcode === Op.abs) return stackValue(number < 0n ? -number : number, type);
  return stackValue(opcode === Op.neg ? -number : ~number, type);
}

/** DW_OP_* with two operands; `left` was below `right` on the stack. */
export function binary(opcode: number, left: StackValue, right: StackValue, generic: ValueType): StackValue {
  if (left.type.kind === 'float' || right.type.kind === 'float') return floatBinary(opcode, left, right, generic);
  const { type } = left;
  const width = BigInt(8 * type.size);
  const shift = right.bits > width ? width : right.bits;
  // Comparisons and division of generic values are signed.
  const [a, b] = type.kind === 'unsigned' ? [left.bits, right.bits] : [signedOf(left), signedOf(right)];
  const truth = (holds: boolean) => stackValue(holds ? 1n : 0n, generic);
  switch (opcode) {
    case Op.and:
      return stackValue(left.bits & right.bits, type);
    case Op.or:
      return stackValue(left.bits | right.bits, type);
    case Op.xor:
      return stackValue(left.bits ^ right.bits, type);
    case Op.plus:
      return stackValue(left.bits + right.bits, type);
    case Op.minus:
      return stackValue(left.bits - right.bits, type);
    case Op.mul:
      return stackValue(left.bits * right.bits, type);
    case Op.div:
      if (b === 0n) throw new DwarfError('an expression divides by zero');
      return stackValue(a / b, type);
    case Op.mod: {
      const [dividend, divisor] = type.kind === 'signed' ? [a, b] : [left.bits, right.bits];
      if (divisor === 0n) throw new DwarfError('an expression divides by zero');
      return stackValue(dividend % divisor, type);
    }
    case Op.shl:
      return stackValue(left.bits << shift, type);
    case Op.shr:
      return stackValue(left.bits >> shift, type);
    case Op.shra:
      return stackValue(signedOf(left) >> shift, type);
    case Op.eq:
      return truth(left.bits === right.bits);
    case Op.ne:
      return truth(left.bits !== right.bits);
    case Op.ge:
      return truth(a >= b);
    case Op.gt:
      return truth(a > b);
    case Op.le:
      return truth(a <= b);
    case Op.lt:
      return truth(a < b);
  }
  throw new DwarfError(`operation 0x${opcode.toString(16)} is not known`);
}

function floatBinary(opcode: number, left: StackValue, right: StackValue, generic: ValueType): StackValue {
  const [a, b] = [left, right].map((value) => floatOf(convert(value, left.type))) as [number, number];
  const truth = (holds: boolean) => stackValue(holds ? 1n : 0n, generic);
  switch (opcode) {
    case Op.plus:
      return ofFloat(a + b, left.type);
    case Op.minus:
      return ofFloat(a - b, left.type);
    case Op.mul:
      return ofFloat(a * b, left.type);
    case Op.div:
      return ofFloat(a / b, left.type);
    case Op.eq:
      return truth(a === b);
    case Op.ne:
      return truth(a !== b);
    case Op.ge:
      return truth(a >= b);
    case Op.gt:
      return truth(a > b);
    case Op.le:
      return truth(a <= b);
    case Op.lt:
      return truth(a < b);
  }
  throw new DwarfError('an expression computes bits of a floating-point number');
}

/** DW_OP_* (DWARF 5, section 7.7.1 "DWARF Expressions"), and GNU's. */
export const Op = {
  addr: 0x03,
  deref: 0x06,
  const1u: 0x08,
  const1s: 0x09,
  const2u: 0x0a,
  const2s: 0x0b,
  const4u: 0x0c,
  const4s: 0x0d,
  const8u: 0x0e,
  const8s: 0x0f,
  constu: 0x10,
  consts: 0x11,
  dup: 0x12,
  drop: 0x13,
  over: 0x14,
  pick: 0x15,
  swap: 0x16,
  rot: 0x17,
  abs: 0x19,
  and: 0x1a,
  div: 0x1b,
  minus: 0x1c,
  mod: 0x1d,
  mul: 0x1e,
  neg: 0x1f,
  not: 0x20,
  or: 0x21,
  plus: 0x22,
  plusUconst: 0x23,
  shl: 0x24,
  shr: 0x25,
  shra: 0x26,
  xor: 0x27,
  bra: 0x28,
  eq: 0x29,
  ge: 0x2a,
  gt: 0x2b,
  le: 0x2c,
  lt: 0x2d,
  ne: 0x2e,
  skip: 0x2f,
  lit0: 0x30,
  lit31: 0x4f,
  reg0: 0x50,
  reg31: 0x6f,
  breg0: 0x70,
  breg31: 0x8f,
  regx: 0x90,
  fbreg: 0x91,
  bregx: 0x92,
  piece: 0x93,
  derefSize: 0x94,
  nop: 0x96,
  pushObjectAddress: 0x97,
  call2: 0x98,
  call4: 0x99,
  callRef: 0x9a,
  formTlsAddress: 0x9b,
  callFrameCfa: 0x9c,
  bitPiece: 0x9d,
  implicitValue: 0x9e,
  stackValue: 0x9f,
  implicitPointer: 0xa0,
  addrx: 0xa1,
  constx: 0xa2,
  entryValue: 0xa3,
  constType: 0xa4,
  regvalType: 0xa5,
  derefType: 0xa6,
  convert: 0xa8,
  reinterpret: 0xa9,
  gnuPushTlsAddress: 0xe0,
  gnuUninit: 0xf0,
  gnuImplicitPointer: 0xf2,
  gnuEntryValue: 0xf3,
  gnuConstType: 0xf4,
  gnuRegvalType: 0xf5,
  gnuDerefType: 0xf6,
  gnuConvert: 0xf7,
  gnuReinterpret: 0xf9,
  gnuParameterRef: 0xfa,
  gnuAddrIndex: 0xfb,
  gnuConstIndex: 0xfc,
  gnuVariableValue: 0xfd,
} as const;
