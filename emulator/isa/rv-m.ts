// RV32M and RV64M (unprivileged manual, "M Extension for Integer Multiplication and Division").

import type { Emitter } from '../core/emitter.ts';
import { choose, type I32, type I64, i32, i64 } from '../wasm/code.ts';
import { rType } from './encoding.ts';
import type { InstructionRow } from './row.ts';

function row(
  mnemonic: string,
  funct3: number,
  text: string,
  semantics: (e: Emitter) => void,
  xlen: InstructionRow['xlen'] = 'any',
): InstructionRow {
  const opcode = xlen === 64 ? 0x3b : 0x33;
  return { mnemonic, extension: 'M', xlen, format: 'R', ...rType(1, funct3, opcode), text, semantics };
}

const minusOne = i64.const(-1n);

/** High 64 bits of the unsigned product, from four 32-bit partial products. */
function highUnsigned(e: Emitter, left: I64, right: I64): I64 {
  const low = (value: I64) => i64.and(value, i64.const(0xffffffffn));
  const high = (value: I64) => i64.shrU(value, i64.const(32));
  const a = e.keep(left);
  const b = e.keep(right);
  const cross = e.keep(i64.add(i64.mul(high(a), low(b)), high(i64.mul(low(a), low(b)))));
  const middle = e.keep(i64.add(i64.mul(low(a), high(b)), low(cross)));
  return i64.add(i64.add(i64.mul(high(a), high(b)), high(cross)), high(middle));
}

/** `value` where `sign` is negative, else 0. */
const ifNegative = (sign: I64, value: I64) => i64.and(i64.shrS(sign, i64.const(63)), value);

/** Division by zero gives all ones, the overflowing one the dividend (rules of the M chapter's table). */
function divideSigned(e: Emitter): I64 {
  return choose(
    i64.eqz(e.rs2),
    minusOne,
    choose(i64.eq(e.rs2, minusOne), i64.sub(i64.const(0), e.rs1), i64.divS(e.rs1, e.rs2)),
  );
}

function remainderSigned(e: Emitter): I64 {
  return choose(i64.eqz(e.rs2), e.rs1, choose(i64.eq(e.rs2, minusOne), i64.const(0), i64.remS(e.rs1, e.rs2)));
}

const left32 = (e: Emitter): I32 => i32.wrap(e.rs1);
const right32 = (e: Emitter): I32 => i32.wrap(e.rs2);
const minusOne32 = i32.const(-1);

/** Zero-extended low words on RV32, whose registers hold sign-extended ones. */
const unsigned = (e: Emitter, value: I64) => (e.xlen === 64 ? value : i64.and(value, i64.const(0xffffffffn)));
/** RV32 results are kept sign-extended. */
const narrow = (e: Emitter, value: I64) => (e.xlen === 64 ? value : i64.extendS(i32.wrap(value)));
/** High word of a product that fits 64 bits. */
const high32 = (value: I64) => i64.shrS(value, i64.const(32));

export const rvM: readonly InstructionRow[] = [
  row('mul', 0, 'Low XLEN bits of rs1 × rs2.', (e) => e.rd(narrow(e, i64.mul(e.rs1, e.rs2)))),
  row('mulh', 1, 'High XLEN bits of the product, both signed.', (e) => {
    if (e.xlen === 32) return e.rd(high32(i64.mul(e.rs1, e.rs2)));
    const product = e.keep(highUnsigned(e, e.rs1, e.rs2));
    e.rd(i64.sub(i64.sub(product, ifNegative(e.rs1, e.rs2)), ifNegative(e.rs2, e.rs1)));
  }),
  row('mulhsu', 2, 'High XLEN bits of the product, rs1 signed and rs2 unsigned.', (e) => {
    if (e.xlen === 32) return e.rd(high32(i64.mul(e.rs1, unsigned(e, e.rs2))));
    const product = e.keep(highUnsigned(e, e.rs1, e.rs2));
    e.rd(i64.sub(product, ifNegative(e.rs1, e.rs2)));
  }),
  row('mulhu', 3, 'High XLEN bits of the product, both unsigned.', (e) => {
    if (e.xlen === 32) return e.rd(high32(i64.mul(unsigned(e, e.rs1), unsigned(e, e.rs2))));
    e.rd(highUnsigned(e, e.rs1, e.rs2));
  }),
  row('div', 4, 'Quotient, signed, rounded towards zero; by zero all ones.', (e) => e.rd(narrow(e, divideSigned(e)))),
  row('divu', 5, 'Quotient, unsigned; by zero all ones.', (e) =>
    e.rd(choose(i64.eqz(e.rs2), minusOne, narrow(e, i64.divU(unsigned(e, e.rs1), unsigned(e, e.rs2))))),
  ),
  row('rem', 6, 'Remainder, signed, with the sign of the dividend; by zero the dividend.', (e) =>
    e.rd(narrow(e, remainderSigned(e))),
  ),
  row('remu', 7, 'Remainder, unsigned; by zero the dividend.', (e) =>
    e.rd(choose(i64.eqz(e.rs2), e.rs1, narrow(e, i64.remU(unsigned(e, e.rs1), unsigned(e, e.rs2))))),
  ),
  row('mulw', 0, 'Low 32 bits of the product of the low words.', (e) => e.rdWord(i32.mul(left32(e), right32(e))), 64),
  row(
    'divw',
    4,
    'Quotient of the low words, signed.',
    (e) =>
      e.rdWord(
        choose(
          i32.eqz(right32(e)),
          minusOne32,
          choose(i32.eq(right32(e), minusOne32), i32.sub(i32.const(0), left32(e)), i32.divS(left32(e), right32(e))),
        ),
      ),
    64,
  ),
  row(
    'divuw',
    5,
    'Quotient of the low words, unsigned.',
    (e) => e.rdWord(choose(i32.eqz(right32(e)), minusOne32, i32.divU(left32(e), right32(e)))),
    64,
  ),
  row(
    'remw',
    6,
    'Remainder of the low words, signed.',
    (e) =>
      e.rdWord(
        choose(
          i32.eqz(right32(e)),
          left32(e),
          choose(i32.eq(right32(e), minusOne32), i32.const(0), i32.remS(left32(e), right32(e))),
        ),
      ),
    64,
  ),
  row(
    'remuw',
    7,
    'Remainder of the low words, unsigned.',
    (e) => e.rdWord(choose(i32.eqz(right32(e)), left32(e), i32.remU(left32(e), right32(e)))),
    64,
  ),
];
