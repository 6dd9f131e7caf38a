// Unprivileged manual, chapter '"B" Extension for Bit Manipulation': Zba, Zbb, Zbc and Zbs. Registers of RV32 are kept
// sign-extended; what stands above XLEN in a result is cut off.

import type { Emitter } from '../core/emitter.ts';
import { type I64, i32, i64, select } from '../wasm/code.ts';
import { type Encoding, fixed, rType, shift32, shift64 } from './encoding.ts';
import type { Format, InstructionRow } from './row.ts';

type Semantics = (e: Emitter) => void;

const OP = 0x33;
const OP_32 = 0x3b;
const OP_IMM = 0x13;
const OP_IMM_32 = 0x1b;

const rowsOf =
  (extension: string) =>
  (
    mnemonic: string,
    format: Format,
    encoding: Encoding,
    text: string,
    semantics: Semantics,
    xlen: InstructionRow['xlen'] = 'any',
  ): InstructionRow => ({ mnemonic, extension, xlen, format, ...encoding, text, semantics });

/** One source: the upper 12 bits are fixed too. */
const unary = (funct12: number, funct3: number, opcode: number) =>
  fixed(0xfff0707f, (funct12 << 20) | (funct3 << 12) | opcode);

const word = i32.wrap;
const lowWord = (value: I64) => i64.and(value, i64.const(0xffffffffn));
/** A shift amount of which only the low log2(XLEN) bits count. */
const amount = (e: Emitter, value: I64) => (e.xlen === 64 ? value : i64.and(value, i64.const(31)));

const zba = rowsOf('Zba');

const shiftedAdds = ([1, 2, 3] as const).flatMap((shift) => [
  zba(`sh${shift}add`, 'R', rType(0x10, 2 * shift, OP), `Adds rs2 and rs1 shifted left by ${shift}.`, (e) =>
    e.rd(i64.add(e.rs2, i64.shl(e.rs1, i64.const(shift)))),
  ),
  zba(
    `sh${shift}add.uw`,
    'R',
    rType(0x10, 2 * shift, OP_32),
    `Adds rs2 and the zero-extended low word of rs1 shifted left by ${shift}.`,
    (e) => e.rd(i64.add(e.rs2, i64.shl(lowWord(e.rs1), i64.const(shift)))),
    64,
  ),
]);

const zbaRows = [
  ...shiftedAdds,
  zba(
    'add.uw',
    'R',
    rType(0x04, 0, OP_32),
    'Adds rs2 and the zero-extended low word of rs1.',
    (e) => e.rd(i64.add(e.rs2, lowWord(e.rs1))),
    64,
  ),
  zba(
    'slli.uw',
    'shift',
    shift64(0x02, 1, OP_IMM_32),
    'Shifts the zero-extended low word of rs1 left by the immediate.',
    (e) => e.rd(i64.shl(lowWord(e.rs1), e.imm)),
    64,
  ),
];

const zbb = rowsOf('Zbb');

const counts = (
  [
    ['clz', 0x600, i64.clz, i32.clz, 'Counts the zeros above the highest 1'],
    ['ctz', 0x601, i64.ctz, i32.ctz, 'Counts the zeros below the lowest 1'],
    ['cpop', 0x602, i64.popcnt, i32.popcnt, 'Counts the bits that are 1'],
  ] as const
).flatMap(([name, funct12, whole, half, text]) => [
  zbb(name, 'unary', unary(funct12, 1, OP_IMM), `${text} in rs1.`, (e) =>
    e.xlen === 64 ? e.rd(whole(e.rs1)) : e.rdWord(half(word(e.rs1))),
  ),
  zbb(
    `${name}w`,
    'unary',
    unary(funct12, 1, OP_IMM_32),
    `${text} in the low word of rs1.`,
    (e) => e.rdWord(half(word(e.rs1))),
    64,
  ),
]);

const rotations = (
  [
    ['rol', 1, i64.rotl, i32.rotl, 'left'],
    ['ror', 5, i64.rotr, i32.rotr, 'right'],
  ] as const
).flatMap(([name, funct3, whole, half, side]) => [
  zbb(name, 'R', rType(0x30, funct3, OP), `Rotates rs1 ${side} by rs2.`, (e) =>
    e.xlen === 64 ? e.rd(whole(e.rs1, e.rs2)) : e.rdWord(half(word(e.rs1), word(e.rs2))),
  ),
  zbb(
    `${name}w`,
    'R',
    rType(0x30, funct3, OP_32),
    `Rotates the low word of rs1 ${side} by rs2.`,
    (e) => e.rdWord(half(word(e.rs1), word(e.rs2))),
    64,
  ),
]);

/** Swaps neighbours of `bits` bits, those under `mask` and those above them. */
function swapNeighbours(value: I64, bits: number, mask: bigint): I64 {
  const shift = i64.const(bits);
  return i64.or(i64.shl(i64.and(value, i64.const(mask)), shift), i64.and(i64.shrU(value, shift), i64.const(mask)));
}

function reverseBytes(e: Emitter, value: I64): I64 {
  const pairs = e.keep(swapNeighbours(e.keep(value), 8, 0x00ff00ff00ff00ffn));
  return i64.rotl(e.keep(swapNeighbours(pairs, 16, 0x0000ffff0000ffffn)), i64.const(32));
}

function reverseBits(e: Emitter, value: I64): I64 {
  const ones = e.keep(swapNeighbours(e.keep(value), 1, 0x5555555555555555n));
  const twos = e.keep(swapNeighbours(ones, 2, 0x3333333333333333n));
  return reverseBytes(e, swapNeighbours(twos, 4, 0x0f0f0f0f0f0f0f0fn));
}

const lowSeven = i64.const(0x7f7f7f7f7f7f7f7fn);

/** All ones in each byte that is not zero: its low bits carry into its highest unless they are zero. */
function orCombineBytes(e: Emitter): void {
  const value = e.keep(e.rs1);
  const top = i64.or(i64.add(i64.and(value, lowSeven), lowSeven), value);
  e.rd(i64.mul(i64.and(i64.shrU(top, i64.const(7)), i64.const(0x0101010101010101n)), i64.const(255)));
}

const zbbRows = [
  zbb('andn', 'R', rType(0x20, 7, OP), 'And of rs1 and the inverted rs2.', (e) =>
    e.rd(i64.and(e.rs1, i64.xor(e.rs2, i64.const(-1)))),
  ),
  zbb('orn', 'R', rType(0x20, 6, OP), 'Or of rs1 and the inverted rs2.', (e) =>
    e.rd(i64.or(e.rs1, i64.xor(e.rs2, i64.const(-1)))),
  ),
  zbb('xnor', 'R', rType(0x20, 4, OP), 'Inverted exclusive or of rs1 and rs2.', (e) =>
    e.rd(i64.xor(i64.xor(e.rs1, e.rs2), i64.const(-1))),
  ),
  ...counts,
  zbb('min', 'R', rType(0x05, 4, OP), 'The smaller of rs1 and rs2, signed.', (e) =>
    e.rd(select(e.rs1, e.rs2, i64.ltS(e.rs1, e.rs2))),
  ),
  zbb('minu', 'R', rType(0x05, 5, OP), 'The smaller of rs1 and rs2, unsigned.', (e) =>
    e.rd(select(e.rs1, e.rs2, i64.ltU(e.rs1, e.rs2))),
  ),
  zbb('max', 'R', rType(0x05, 6, OP), 'The larger of rs1 and rs2, signed.', (e) =>
    e.rd(select(e.rs2, e.rs1, i64.ltS(e.rs1, e.rs2))),
  ),
  zbb('maxu', 'R', rType(0x05, 7, OP), 'The larger of rs1 and rs2, unsigned.', (e) =>
    e.rd(select(e.rs2, e.rs1, i64.ltU(e.rs1, e.rs2))),
  ),
  zbb('sext.b', 'unary', unary(0x604, 1, OP_IMM), 'Sign-extends the low byte.', (e) => e.rd(i64.extend8s(e.rs1))),
  zbb('sext.h', 'unary', unary(0x605, 1, OP_IMM), 'Sign-extends the low halfword.', (e) => e.rd(i64.extend16s(e.rs1))),
  ...([32, 64] as const).map((xlen) =>
    zbb(
      'zext.h',
      'unary',
      unary(0x080, 4, xlen === 32 ? OP : OP_32),
      'Keeps the low halfword.',
      (e) => e.rd(i64.and(e.rs1, i64.const(0xffff))),
      xlen,
    ),
  ),
  ...rotations,
  zbb('rori', 'shift', shift64(0x18, 5, OP_IMM), 'Rotates rs1 right by the immediate.', (e) =>
    e.xlen === 64 ? e.rd(i64.rotr(e.rs1, e.imm)) : e.rdWord(i32.rotr(word(e.rs1), word(e.imm))),
  ),
  zbb(
    'roriw',
    'shift',
    shift32(0x30, 5, OP_IMM_32),
    'Rotates the low word of rs1 right by the immediate.',
    (e) => e.rdWord(i32.rotr(word(e.rs1), word(e.imm))),
    64,
  ),
  zbb('orc.b', 'unary', unary(0x287, 5, OP_IMM), 'Makes each byte all ones unless it is zero.', orCombineBytes),
  ...([32, 64] as const).map((xlen) =>
    zbb(
      'rev8',
      'unary',
      unary(xlen === 32 ? 0x698 : 0x6b8, 5, OP_IMM),
      'Reverses the order of the bytes.',
      (e) => e.rd(i64.shrU(reverseBytes(e, e.rs1), i64.const(64 - xlen))),
      xlen,
    ),
  ),
];

const zbc = rowsOf('Zbc');

/**
 * The low 64 bits of the carry-less product. Every fourth bit of each operand is multiplied at a time: the three bits
 * between hold the carries of up to 15 ones, and of the 16 that meet at the top the carry falls out.
 */
function multiplyCarryless(e: Emitter, left: I64, right: I64): I64 {
  const masks = [1n, 2n, 4n, 8n].map((bit) => i64.const(bit * 0x1111111111111111n));
  const split = (value: I64) => masks.map((mask) => e.keep(i64.and(value, mask)));
  const a = split(e.keep(left));
  const b = split(e.keep(right));
  const product = (i: number, j: number) => i64.mul(a[i] as I64, b[j & 3] as I64);
  const columns = masks.map((mask, k) =>
    i64.and(
      [1, 2, 3].reduce((sum, i) => i64.xor(sum, product(i, k - i)), product(0, k)),
      mask,
    ),
  );
  return columns.reduce(i64.or);
}

/** Bits `shift` and up of the product. On RV64 the upper ones come from the reversed operands. */
const highProduct =
  (bits: number): Semantics =>
  (e) => {
    if (e.xlen === 32) {
      const product = multiplyCarryless(e, lowWord(e.rs1), lowWord(e.rs2));
      return e.rd(i64.shrU(product, i64.const(32 - bits)));
    }
    const reversed = multiplyCarryless(e, reverseBits(e, e.rs1), reverseBits(e, e.rs2));
    e.rd(i64.shrU(reverseBits(e, reversed), i64.const(1 - bits)));
  };

const zbcRows = [
  zbc('clmul', 'R', rType(0x05, 1, OP), 'Low XLEN bits of the carry-less product.', (e) =>
    e.rd(multiplyCarryless(e, e.rs1, e.rs2)),
  ),
  zbc('clmulr', 'R', rType(0x05, 2, OP), 'Bits 2 × XLEN − 2 to XLEN − 1 of the carry-less product.', highProduct(1)),
  zbc('clmulh', 'R', rType(0x05, 3, OP), 'High XLEN bits of the carry-less product.', highProduct(0)),
];

const zbs = rowsOf('Zbs');
const one = i64.const(1);

/** Of each operation the form with the bit's number in rs2 and the one with it in the immediate. */
const zbsRows = (
  [
    ['bclr', 0x24, 1, 'Clears', (value: I64, bit: I64) => i64.and(value, i64.xor(i64.shl(one, bit), i64.const(-1)))],
    ['bext', 0x24, 5, 'Gives', (value: I64, bit: I64) => i64.and(i64.shrU(value, bit), one)],
    ['binv', 0x34, 1, 'Inverts', (value: I64, bit: I64) => i64.xor(value, i64.shl(one, bit))],
    ['bset', 0x14, 1, 'Sets', (value: I64, bit: I64) => i64.or(value, i64.shl(one, bit))],
  ] as const
).flatMap(([name, funct7, funct3, verb, operation]) => [
  zbs(name, 'R', rType(funct7, funct3, OP), `${verb} the bit of rs1 that rs2 numbers.`, (e) =>
    e.rd(operation(e.rs1, amount(e, e.rs2))),
  ),
  zbs(`${name}i`, 'shift', shift64(funct7 >> 1, funct3, OP_IMM), `${verb} the bit that the immediate numbers.`, (e) =>
    e.rd(operation(e.rs1, e.imm)),
  ),
]);

export const zb: readonly InstructionRow[] = [...zbaRows, ...zbbRows, ...zbcRows, ...zbsRows];
