// Text of instructions, as GNU objdump (binutils 2.44) prints it by default, with a space after the mnemonic.

import { hex, type VirtAddr, virt } from '../address.ts';
import { csrNumbered } from '../csr/table.ts';
import { decode, lengthOf } from './decode.ts';
import { constantText } from './fp/constants.ts';
import { type Alias, aliases } from './pseudo.ts';
import { floatNames, integerNames } from './registers.ts';
import { roundingModes } from './rounding.ts';
import type { Format, Instruction } from './row.ts';

/** Where the instruction stands, and how to name where it leads. */
export interface Place {
  readonly address: VirtAddr;
  readonly xlen: 32 | 64;
  /** `name` or `name+0x10` of an address, undefined where none is known. */
  readonly symbol?: (address: VirtAddr) => string | undefined;
}

/** Operands of each format, in assembly order. The words are those of `operandText`. */
const formats: Readonly<Record<Format, string>> = {
  R: 'rd,rs1,rs2',
  I: 'rd,rs1,imm',
  shift: 'rd,rs1,shamt',
  unary: 'rd,rs1',
  cbo: '(rs1)',
  prefetch: 'imm(rs1)',
  load: 'rd,imm(rs1)',
  S: 'rs2,imm(rs1)',
  B: 'rs1,rs2,target',
  U: 'rd,upper',
  J: 'rd,target',
  jalr: 'rd,imm(rs1)',
  fence: 'pred,succ',
  none: '',
  csr: 'rd,csr,rs1',
  csri: 'rd,csr,zimm',
  amo: 'rd,rs2,(rs1)',
  'amo-pair': 'rd,rs2,(rs1)',
  lr: 'rd,(rs1)',
  sfence: 'rs1,rs2',
  'fp-R': 'fd,fs1,fs2,rm',
  'fp-R-norm': 'fd,fs1,fs2',
  'fp-unary': 'fd,fs1,rm',
  'fp-R4': 'fd,fs1,fs2,fs3,rm',
  'fp-compare': 'rd,fs1,fs2',
  'fp-to-int': 'rd,fs1,rm',
  'fp-from-int': 'fd,rs1,rm',
  'fp-move-to-int': 'rd,fs1',
  'fp-move-from-int': 'fd,rs1',
  'fp-immediate': 'fd,constant',
  'fp-from-pair': 'fd,rs1,rs2',
  'fp-load': 'fd,imm(rs1)',
  'fp-store': 'fs2,imm(rs1)',
};

/** Conversions that cannot round: rm says nothing, 0 is what assemblers put there. */
const exactConversions = new Set(['fcvt.d.w', 'fcvt.d.wu', 'fcvt.d.s', 'fcvt.s.h', 'fcvt.d.h']);

const aliasesByName = new Map<string, readonly Alias[]>();
for (const alias of aliases) aliasesByName.set(alias.of, [...(aliasesByName.get(alias.of) ?? []), alias]);

/** The text of a decoded instruction: `beqz a0,0x80200010 <loop>`. */
export function disassemble(instruction: Instruction, place: Place): string {
  const alias = aliasOf(instruction, place.xlen);
  const mnemonic = (alias?.mnemonic ?? instruction.row.mnemonic) + orderingSuffix(instruction);
  const operands = (alias?.operands ?? formats[instruction.row.format])
    .replace(/[a-z]+\d?/g, (name) => operandText(name, instruction, place))
    .replace(/,$/, '');
  return operands ? `${mnemonic} ${operands}` : mnemonic;
}

/** The text of the instruction that begins with these bits; of bits that are none, `.insn 2, 0x…` or `.insn 4, 0x…`. */
export function disassembleWord(word: number, place: Place): string {
  const instruction = decode(word, place.xlen);
  if (instruction) return disassemble(instruction, place);
  if (lengthOf(word) === 4) return `.insn 4, 0x${(word >>> 0).toString(16).padStart(8, '0')}`;
  return (word & 0xffff) === 0 ? 'unimp' : `.insn 2, 0x${(word & 0xffff).toString(16).padStart(4, '0')}`;
}

/** The pseudo-instruction that this one is written as, if any. */
export function aliasOf({ row, compressed, operands }: Instruction, xlen: 32 | 64): Alias | undefined {
  const fits = ({ when: { sameSources, ...values }, xlen: only }: Alias) =>
    (only === undefined || only === xlen) &&
    (!sameSources || operands.rs1 === operands.rs2) &&
    Object.entries(values).every(([name, value]) => operands[name as keyof typeof operands] === value);
  return (
    (compressed && aliasesByName.get(compressed.mnemonic)?.find(fits)) ?? aliasesByName.get(row.mnemonic)?.find(fits)
  );
}

function orderingSuffix({ row, word }: Instruction): string {
  if (row.format !== 'amo' && row.format !== 'amo-pair' && row.format !== 'lr') return '';
  return ['', '.rl', '.aq', '.aqrl'][(word >> 25) & 3] as string;
}

function operandText(name: string, instruction: Instruction, place: Place): string {
  const { row, operands, word } = instruction;
  switch (name) {
    case 'rd':
    case 'rs1':
    case 'rs2':
      return integerNames[operands[name]] as string;
    case 'fd':
      return floatNames[operands.rd] as string;
    case 'fs1':
      return floatNames[operands.rs1] as string;
    case 'fs2':
      return floatNames[operands.rs2] as string;
    case 'fs3':
      return floatNames[word >>> 27] as string;
    case 'rm':
      return roundingText((word >> 12) & 7, row.mnemonic);
    case 'constant':
      return constantText(operands.rs1);
    case 'shamt':
      return hex(operands.imm);
    case 'upper':
      return hex((operands.imm >>> 12) & 0xfffff);
    case 'target':
      return targetText(operands.imm, place);
    case 'csr':
      return (csrNumbered(operands.imm, place.xlen) ?? csrNumbered(operands.imm, 32))?.name ?? hex(operands.imm);
    case 'zimm':
      return String(operands.rs1);
    case 'pred':
      return fenceSet(operands.imm >> 4);
    case 'succ':
      return fenceSet(operands.imm);
    default:
      return String(operands.imm);
  }
}

function roundingText(rm: number, mnemonic: string): string {
  const silent = exactConversions.has(mnemonic) ? 0 : 7;
  return rm === silent ? '' : (roundingModes[rm] ?? 'unknown');
}

function fenceSet(bits: number): string {
  return [...'iorw'].filter((_, index) => (bits >> (3 - index)) & 1).join('') || 'unknown';
}

function targetText(offset: number, { address, xlen, symbol }: Place): string {
  const target = virt(BigInt.asUintN(xlen, address + BigInt(offset)));
  const name = symbol?.(target);
  return name === undefined ? hex(target) : `${hex(target)} <${name}>`;
}
