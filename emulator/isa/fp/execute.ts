// What the instructions of F, D, Zfh and Zfa do to a hart's registers.

import type { Format, Instruction } from '../row.ts';
import { add, divide, multiply, multiplyAdd, negate, squareRoot } from './arithmetic.ts';
import { classify, compare, extreme } from './compare.ts';
import { constantBits } from './constants.ts';
import { convertFormat, fromInteger, integerFormats, toInteger, toIntegerModulo, toIntegral } from './convert.ts';
import { box, double, type FpFormat, type FpValue, half, single, unbox, unpack } from './format.ts';
import { type FpResult, Rounding } from './round.ts';

/** The part of a hart that floating point sees. Registers are unsigned, 64 bits. */
export interface FpState {
  f(index: number): bigint;
  setF(index: number, value: bigint): void;
  x(index: number): bigint;
  setX(index: number, value: bigint): void;
  /** fcsr.frm, which may hold a reserved value. */
  readonly frm: number;
  /** Sets these bits of fflags. */
  raise(flags: number): void;
}

const formats: Readonly<Record<string, FpFormat>> = { h: half, s: single, d: double };

/** Where bits 14–12 are the field rm. */
const rounded: ReadonlySet<Format> = new Set(['fp-R', 'fp-unary', 'fp-R4', 'fp-to-int', 'fp-from-int']);
const dynamic = 7;

/**
 * Executes an instruction that is neither a load nor a store; false when its rounding mode is reserved: an illegal
 * instruction, and nothing has been done.
 */
export function executeFp({ row, operands, word }: Instruction, state: FpState): boolean {
  const { rd, rs1, rs2 } = operands;
  const [operation = '', first = '', second = ''] = row.mnemonic.split('.');
  const mode = rounded.has(row.format) ? roundingMode((word >>> 12) & 7, state.frm) : Rounding.RNE;
  if (mode === undefined) return false;

  const value = (format: FpFormat, register: number): FpValue => unpack(format, unbox(format, state.f(register)));
  const toF = (format: FpFormat, { bits, flags }: FpResult): true => {
    state.setF(rd, box(format, bits));
    state.raise(flags);
    return true;
  };
  const toX = ({ bits, flags }: FpResult, width: 32 | 64 = 64): true => {
    state.setX(rd, BigInt.asUintN(64, BigInt.asIntN(width, bits)));
    state.raise(flags);
    return true;
  };

  if (operation === 'fmv') return move(first, second, rd, rs1, state);
  if (operation === 'fmvh') return toX({ bits: state.f(rs1) >> 32n, flags: 0 }, 32);
  if (operation === 'fmvp') {
    state.setF(rd, BigInt.asUintN(32, state.x(rs1)) | (BigInt.asUintN(32, state.x(rs2)) << 32n));
    return true;
  }
  if (operation === 'fcvtmod') return toX(toIntegerModulo(value(double, rs1)));
  if (operation === 'fcvt') {
    const [toInt, fromInt] = [integerFormats[first], integerFormats[second]];
    const [to, from] = [formats[first], formats[second]];
    if (toInt && from) return toX(toInteger(toInt, mode, value(from, rs1)), toInt.width);
    if (fromInt && to) return toF(to, fromInteger(to, mode, fromInt, state.x(rs1)));
    if (to && from) return toF(to, convertFormat(to, mode, value(from, rs1)));
  }

  const format = formats[first];
  if (!format) throw new Error(`no floating-point instruction: ${row.mnemonic}`);
  const a = value(format, rs1);
  const b = () => value(format, rs2);
  const c = () => value(format, word >>> 27);
  switch (operation) {
    case 'fadd':
      return toF(format, add(format, mode, a, b()));
    case 'fsub':
      return toF(format, add(format, mode, a, negate(b())));
    case 'fmul':
      return toF(format, multiply(format, mode, a, b()));
    case 'fdiv':
      return toF(format, divide(format, mode, a, b()));
    case 'fsqrt':
      return toF(format, squareRoot(format, mode, a));
    case 'fmadd':
      return toF(format, multiplyAdd(format, mode, a, b(), c()));
    case 'fmsub':
      return toF(format, multiplyAdd(format, mode, a, b(), negate(c())));
    case 'fnmsub':
      return toF(format, multiplyAdd(format, mode, negate(a), b(), c()));
    case 'fnmadd':
      return toF(format, multiplyAdd(format, mode, negate(a), b(), negate(c())));
    case 'fli':
      return toF(format, { bits: constantBits(format, rs1), flags: 0 });
    case 'fround':
    case 'froundnx':
      return toF(format, toIntegral(format, mode, a, operation === 'fround'));
    case 'fmin':
    case 'fmax':
    case 'fminm':
    case 'fmaxm':
      return toF(format, extreme(operation, format, a, b()));
    case 'fsgnj':
      return toF(format, withSign(format, a, b().negative));
    case 'fsgnjn':
      return toF(format, withSign(format, a, !b().negative));
    case 'fsgnjx':
      return toF(format, withSign(format, a, a.negative !== b().negative));
    case 'feq':
    case 'flt':
    case 'fle':
    case 'fltq':
    case 'fleq':
      return toX(compare(operation, format, a, b()));
    case 'fclass':
      return toX({ bits: classify(format, a), flags: 0 });
    default:
      throw new Error(`no floating-point instruction: ${row.mnemonic}`);
  }
}

/** The mode in force; undefined = reserved. */
function roundingMode(rm: number, frm: number): Rounding | undefined {
  const mode = rm === dynamic ? frm : rm;
  return mode <= Rounding.RMM ? (mode as Rounding) : undefined;
}

function withSign(format: FpFormat, { bits }: FpValue, negative: boolean): FpResult {
  return { bits: (bits & ~format.signBit) | (negative ? format.signBit : 0n), flags: 0 };
}

/** By the letter of fmv.x.w and its like. */
const moved: Readonly<Record<string, FpFormat>> = { h: half, w: single, d: double };

/** fmv.x.w, fmv.w.x and their like: bit for bit, boxed or not. */
function move(to: string, from: string, rd: number, rs1: number, state: FpState): true {
  const format = moved[from] ?? moved[to] ?? double;
  if (to === 'x') state.setX(rd, BigInt.asUintN(64, BigInt.asIntN(format.width, state.f(rs1))));
  else state.setF(rd, box(format, BigInt.asUintN(format.width, state.x(rs1))));
  return true;
}
