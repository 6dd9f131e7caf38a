// Arithmetic as in C with 64-bit integers: everything is widened to 64 bits; an operation is signed when both operands
// are. Literals below 2^63 are signed, registers, CSRs, symbols and memory unsigned, so `a0 < 0` is never true and
// `(s64)a0 < 0` asks for the sign. `>>` follows its left operand.

import { mistake } from './tokens.ts';
import { isSigned, numberIn, sizeOf, truth, type Value } from './value.ts';

const comparisons: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

const arithmetic: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
};

export function unary(operator: string, operand: Value): Value {
  if (operator === '!') return truth(operand.bits === 0n);
  const bits = operator === '-' ? -operand.bits : operator === '~' ? ~operand.bits : operand.bits;
  return { bits: BigInt.asUintN(64, bits), type: isSigned(operand.type) ? 's64' : 'u64' };
}

export function binary(operator: string, left: Value, right: Value, at: number): Value {
  const signed = isSigned(left.type) && isSigned(right.type);
  const read = ({ bits }: Value) => (signed ? BigInt.asIntN(64, bits) : bits);

  const compare = comparisons[operator];
  if (compare) return truth(compare(read(left), read(right)));
  if (operator === '<<' || operator === '>>') return shift(operator, left, right.bits & 63n);
  if ((operator === '/' || operator === '%') && right.bits === 0n) throw mistake(at, 'Division by zero');

  const compute = arithmetic[operator] as (a: bigint, b: bigint) => bigint;
  const additive = operator === '+' || operator === '-';
  if (operator === '-' && isPointer(left) && isPointer(right)) return difference(left, right);
  const pointer = !additive ? undefined : isPointer(left) ? left : isPointer(right) ? right : undefined;
  const scaled = (value: Value) => read(value) * (pointer && value !== pointer ? strideOf(pointer) : 1n);
  return {
    bits: BigInt.asUintN(64, compute(scaled(left), scaled(right))),
    type: signed ? 's64' : 'u64',
    ...(pointer?.pointee && { pointee: pointer.pointee }),
    ...(pointer?.space && { space: pointer.space }),
  };
}

function shift(operator: string, left: Value, by: bigint): Value {
  const bits = operator === '<<' ? left.bits << by : numberIn(left) >> by;
  return { bits: BigInt.asUintN(64, bits), type: isSigned(left.type) ? 's64' : 'u64' };
}

/** How many elements lie between two pointers. */
function difference(left: Value, right: Value): Value {
  const bytes = BigInt.asIntN(64, left.bits - right.bits);
  return { bits: BigInt.asUintN(64, bytes / strideOf(left)), type: 's64' };
}

/** Carries what an address knows beyond its bits. */
function isPointer(value: Value): boolean {
  return value.pointee !== undefined || value.space !== undefined;
}

function strideOf(pointer: Value): bigint {
  return pointer.pointee ? BigInt(sizeOf(pointer.pointee)) : 1n;
}
