// Arithmetic as in C: integer promotions, the usual conversions, pointers that count in elements. Where C leaves a result
// undefined, it is what a machine would do: signed overflow wraps; a shift by the width or more is done in 64 bits.

import {
  double,
  elementOf,
  int,
  integerShape,
  isFloat,
  longOf,
  pointerTo,
  s64,
  u64,
  unsignedInt,
  type Xlen,
} from '../../kernel/objects/c-types.ts';
import { structOf } from '../../kernel/objects/members.ts';
import { strip, type Type, typeText } from '../../symbols/index.ts';
import { mistake } from './tokens.ts';
import { convert, floatIn, floatValue, numberIn, truth, type Value } from './value.ts';

const comparisons: Readonly<Record<string, <N extends bigint | number>(a: N, b: N) => boolean>> = {
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

const floating: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

export function unary(operator: string, operand: Value, at: number): Value {
  if (operator === '!') return truth(!isTrue(operand, at));
  if (isFloat(operand.type)) {
    if (operator === '~') throw mistake(at, '"~" needs an integer');
    return operator === '-' ? floatValue(-floatIn(operand), operand.type) : plain(operand);
  }
  const promoted = promote(operand, at);
  const bits = operator === '-' ? -promoted.bits : operator === '~' ? ~promoted.bits : promoted.bits;
  return { bits: convert(bits, promoted.type), type: promoted.type };
}

export function isTrue(value: Value, at: number): boolean {
  return isFloat(value.type) ? floatIn(value) !== 0 : numeric(value, at).bits !== 0n;
}

/** The value as a number: without where it came from. */
export function plain({ bits, type }: Value): Value {
  return { bits, type };
}

export function isPointer({ type }: Pick<Value, 'type'>): boolean {
  return strip(type).kind === 'pointer';
}

export function binary(operator: string, leftOperand: Value, rightOperand: Value, at: number, xlen: Xlen): Value {
  if ((isFloat(leftOperand.type) || isFloat(rightOperand.type)) && !isPointer(leftOperand) && !isPointer(rightOperand))
    return floatBinary(operator, leftOperand, rightOperand, at);
  const left = numeric(leftOperand, at);
  const right = numeric(rightOperand, at);
  if (operator === '<<' || operator === '>>') return shift(operator, promote(left, at), promote(right, at));
  if (operator === '+' || operator === '-') {
    const moved = pointerArithmetic(operator, left, right, at, xlen);
    if (moved) return moved;
  }
  const { type, a, b } = balanced(left, right, at);
  const compare = comparisons[operator];
  if (compare) return truth(compare(a, b));
  if ((operator === '/' || operator === '%') && b === 0n) throw mistake(at, 'Division by zero');
  const compute = arithmetic[operator] as (x: bigint, y: bigint) => bigint;
  const space = /^[-+&|]$/.test(operator) ? (left.space ?? right.space) : undefined;
  return { bits: convert(compute(a, b), type), type, ...(space && { space }) };
}

/** Both operands in the type that C gives to their operation. */
function balanced(
  leftValue: Value,
  rightValue: Value,
  at: number,
): { readonly type: Type; readonly a: bigint; readonly b: bigint } {
  const [left, right] = [promote(leftValue, at), promote(rightValue, at)];
  const type = commonType(left.type, right.type);
  const number = ({ bits }: Value) => numberIn({ bits: convert(bits, type), type });
  return { type, a: number(left), b: number(right) };
}

/** The usual arithmetic conversions, of promoted types. */
export function commonType(left: Type, right: Type): Type {
  const [a, b] = [integerShape(left), integerShape(right)];
  if (!a || !b) return u64;
  if (a.size !== b.size) return a.size > b.size ? left : right;
  return a.signed && !b.signed ? right : left;
}

/** Integer promotion; a pointer counts as an unsigned word, an enum as what it is stored as. */
export function promote(value: Value, at: number): Value {
  const number = numeric(value, at);
  const { bits, type, location, space } = number;
  const shape = integerShape(type);
  if (!shape) return number;
  const bare = strip(type);
  const field = location && 'bits' in location ? location.bits?.size : undefined;
  const kept = space && { space };
  const small = shape.size < 4 || (field !== undefined && (field < 32 || (field === 32 && shape.signed)));
  if (small) return { bits, type: int, ...kept };
  if (field === 32) return { bits, type: unsignedInt, ...kept };
  if (bare.kind === 'base') return { bits, type, ...kept };
  const type64 = shape.signed ? s64 : u64;
  return { bits, type: shape.size === 4 ? (shape.signed ? int : unsignedInt) : type64, ...kept };
}

/** A struct that only wraps one number (`pte_t`, `atomic_t`) counts as that number. @throws UserError for any other. */
export function numeric(value: Value, at: number): Value {
  const { type } = value;
  const bare = strip(type);
  if (integerShape(type) || isFloat(type) || bare.kind === 'function') return value;
  const inner = wrapped(type);
  if (inner) return { ...value, type: inner };
  if (bare.kind === 'base' && bare.size === 16) throw mistake(at, `${typeText(type)} is wider than 64 bits`);
  throw mistake(at, bare.kind === 'void' ? 'It has no value: its type is void' : `${article(type)} is no number`);
}

function article(type: Type): string {
  return structOf(type) ? `A whole ${typeText(type)}` : `${typeText(type)}`;
}

/** The type of the only member of a struct that wraps one number; undefined for any other type. */
export function wrapped(type: Type): Type | undefined {
  const struct = structOf(type);
  const only = struct?.members.length === 1 ? struct.members[0] : undefined;
  if (!struct || !only || only.bits || struct.variants || only.type.size !== struct.size) return undefined;
  return integerShape(only.type) ? only.type : wrapped(only.type);
}

function floatBinary(operator: string, left: Value, right: Value, at: number): Value {
  const [a, b] = [floatIn(left), floatIn(right)];
  const compare = comparisons[operator];
  if (compare) return truth(compare(a, b));
  const compute = floating[operator];
  if (!compute) throw mistake(at, `"${operator}" needs integers`);
  const single = [left, right].every(({ type }) => !isFloat(type) || type.size === 4);
  const type = single ? (isFloat(left.type) ? left.type : right.type) : double;
  return floatValue(compute(a, b), type);
}

function shift(operator: string, left: Value, right: Value): Value {
  const by = right.bits & 63n;
  const width = BigInt((integerShape(left.type)?.size ?? 8) * 8);
  const type = by < width ? left.type : integerShape(left.type)?.signed ? s64 : u64;
  const bits = operator === '<<' ? left.bits << by : numberIn(left) >> by;
  return { bits: convert(bits, type), type };
}

/** Pointer plus integer, pointer minus pointer; undefined when no pointer takes part. */
function pointerArithmetic(operator: string, left: Value, right: Value, at: number, xlen: Xlen): Value | undefined {
  const [a, b] = [asPointer(left, xlen), asPointer(right, xlen)];
  if (!a && !b) return undefined;
  if (a && b) {
    if (operator === '+') throw mistake(at, 'Two pointers cannot be added');
    const bytes = BigInt.asIntN(xlen, left.bits - right.bits);
    return { bits: BigInt.asUintN(64, bytes / strideOf(a.type)), type: longOf(xlen) };
  }
  if (!a && operator === '-') throw mistake(at, 'A pointer cannot be subtracted from a number');
  const pointer = (a ?? b) as Value;
  const count = numberIn(promote(a ? right : left, at)) * strideOf(pointer.type);
  const bits = operator === '+' ? pointer.bits + count : pointer.bits - count;
  const { type, space } = pointer;
  return { bits: BigInt.asUintN(xlen, bits), type, ...(space && { space }) };
}

function asPointer(value: Value, xlen: Xlen): Value | undefined {
  const bare = strip(value.type);
  if (bare.kind === 'pointer') return value;
  return bare.kind === 'function' ? { ...plain(value), type: pointerTo(value.type, xlen) } : undefined;
}

/** How many bytes the next element is away; 1 for void and functions, as GNU C has it. */
function strideOf(type: Type): bigint {
  const bare = strip(type);
  const target = bare.kind === 'pointer' ? strip(bare.target) : undefined;
  return BigInt((target?.kind === 'array' ? sizeOfArray(target) : target?.size) || 1);
}

function sizeOfArray(type: Type): number | undefined {
  return type.size ?? (type.kind === 'array' ? elementOf(type).size : undefined);
}
