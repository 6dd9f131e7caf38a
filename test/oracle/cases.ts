// Random cases for every row of the instruction table. A case is random in every bit that the row leaves free; addresses
// are then made to lie where the program may look and jump.

import { decode } from '../../emulator/isa/decode.ts';
import { isaText, parseIsa } from '../../emulator/isa/isa-string.ts';
import type { CompressedRow, Instruction, InstructionRow, Operands } from '../../emulator/isa/row.ts';
import { compressedInstructions, existsIn, instructions } from '../../emulator/isa/table.ts';
import type { Piece } from '../support/qemu.ts';
import { type Model, ramBase, xlenOf } from './machines.ts';
import { floating, integer, type Random } from './random.ts';
import { previousMachine, type RegisterCase, windowBytes } from './register-harness.ts';

export type Row = InstructionRow | CompressedRow;

/** The model with every extension that the project knows. */
export function fullModel(xlen: 32 | 64): Model {
  return { isa: isaText(parseIsa(`rv${xlen}max`)), mmu: xlen === 32 ? 'sv32' : 'sv57' };
}

export function rowsOf(xlen: 32 | 64): Row[] {
  return [...instructions, ...compressedInstructions].filter((row) => existsIn(row, xlen));
}

/** Where code lies: a slot for each case, with ebreaks all around as far as a jump can reach. */
const slots = ramBase + 0x40_0000;
const reach = 0x10_0000;
export const slotBytes = 16;
const EBREAK = 0x9002;

/** Where memory operands lie: across the end of a page. */
const window = ramBase + 0x80_1000 - windowBytes / 2;
const data = { address: ramBase + 0x80_0000, length: 0x2000 };

/** CSRs that any instruction may access: they take any value and steer nothing. */
const harmless = [0x001, 0x002, 0x003, 0x140, 0x142, 0x143, 0x301, 0x343, 0xf11, 0xf14];

export interface Case extends RegisterCase {
  readonly row: Row;
  readonly word: number;
}

export const isShort = (row: Row): row is CompressedRow => (row.match & 3) !== 3;
const random32 = (row: Row, random: Random) => (row.match | (random.bits() & ~row.mask)) & (isShort(row) ? 0xffff : -1);

/** A word of the row with random free bits, as the decoder sees it. */
export function instructionOf(row: Row, xlen: 32 | 64, random: Random): Instruction {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    let word = random32(row, random);
    if (!isShort(row) && row.format.startsWith('csr')) word = (word & 0xfffff) | (random.of(harmless) << 20);
    // Small register numbers collide more often.
    if (!isShort(row) && random.once(4)) word = (word & ~(0x18 << 7) & ~(0x18 << 15) & ~(0x18 << 20)) | row.match;
    const found = decode(word, xlen);
    if (found && (found.compressed ?? found.row) === row) return found;
  }
  throw new Error(`no word of ${row.mnemonic} is decoded as ${row.mnemonic}`);
}

/** Whether an instruction has its address in rs1, with or without an offset. */
export function usesMemory({ row }: Instruction): boolean {
  return /^(load|S|fp-load|fp-store)$/.test(row.format) || /^(amo|lr\.|sc\.|cbo\.|prefetch)/.test(row.mnemonic);
}

/** Bytes of an access, for its alignment; 8 where the mnemonic does not tell. */
function sizeOf({ row }: Instruction): number {
  const sizes: Record<string, number> = { b: 1, h: 2, w: 4, d: 8, q: 16 };
  const letter = /\.([bhwdq])\b/.exec(row.mnemonic)?.[1] ?? /^f?[ls]([bhwd])u?$/.exec(row.mnemonic)?.[1];
  return sizes[letter ?? 'd'] ?? 8;
}

/** Where neither machine has memory. */
const hole = 0x0a00_0000;

const wrapTo = (xlen: 32 | 64, value: bigint) => BigInt.asUintN(xlen, value);

/** An address in the window for an access; misaligned in some of the cases, so that it may cross the page's end. */
function operandAddress(instruction: Instruction, random: Random): number {
  const size = sizeOf(instruction);
  const room = windowBytes - size;
  const at = random.below(room + 1);
  return window + (random.once(3) ? at : at - (at % size));
}

/** A target among the ebreaks or at the edge of the slot itself. */
function jumpTarget(slot: number, random: Random): number {
  return slot + 4 + 2 * random.below(6) - (random.once(4) ? 0x2_0000 : 0);
}

/** Whether a pc-relative target is an ebreak. */
function lands(offset: number, slot: number): boolean {
  const target = slot + offset;
  const inSlots = target >= slots && target < slots + 0x1_0000;
  return !inSlots || (target - slots) % slotBytes >= 4;
}

/** A case of the row in the slot of this number. */
export function caseOf(row: Row, xlen: 32 | 64, slot: number, random: Random): Case {
  const entry = slots + slot * slotBytes;
  const x = BigUint64Array.from({ length: 32 }, () => integer(random));
  const f = BigUint64Array.from({ length: 32 }, () => floating(random));
  let instruction = instructionOf(row, xlen, random);
  const format = () => instruction.row.format;
  while ((format() === 'B' || format() === 'J') && !lands(instruction.operands.imm, entry)) {
    instruction = instructionOf(row, xlen, random);
  }
  const { rs1, imm }: Operands = instruction.operands;
  if (usesMemory(instruction)) {
    const address = random.once(20) ? hole : operandAddress(instruction, random);
    x[rs1] = wrapTo(xlen, BigInt(address - imm));
  }
  if (format() === 'jalr') x[rs1] = wrapTo(xlen, BigInt(jumpTarget(entry, random) - imm + random.below(2)));
  // Equal operands are rare by chance.
  if (format() === 'B' && random.once(3)) x[instruction.operands.rs2] = x[rs1] as bigint;
  const frm = random.once(20) ? random.below(8) : random.below(5);
  const fcsr = (frm << 5) | (random.once(4) ? random.below(32) : 0);
  const mstatus = previousMachine | (random.once(50) ? 0n : BigInt(1 + random.below(3)) << 13n);
  return { row, word: instruction.word, entry, x, f, fcsr, mstatus, window };
}

/** What the cases need in RAM: their code, the ebreaks around, random data. */
export function piecesOf(cases: readonly Case[], random: Random): Piece[] {
  const code = new Uint16Array((2 * reach + 0x1_0000) / 2).fill(EBREAK);
  for (const { entry, word } of cases) {
    const at = (entry - (slots - reach)) / 2;
    code[at] = word & 0xffff;
    if ((word & 3) === 3) code[at + 1] = word >>> 16;
  }
  const bytes = Uint32Array.from({ length: data.length / 4 }, () => random.bits());
  return [
    { address: slots - reach, bytes: new Uint8Array(code.buffer) },
    { address: data.address, bytes: new Uint8Array(bytes.buffer) },
  ];
}

/** Cases of each row, mixed, in batches that fit a program. */
export function batches(model: Model, rows: readonly Row[], perRow: number, random: Random): Case[][] {
  const xlen = xlenOf(model);
  const size = 4096;
  const wanted = rows.flatMap((row) => Array.from({ length: perRow }, () => row));
  const out: Case[][] = [];
  for (let start = 0; start < wanted.length; start += size) {
    out.push(wanted.slice(start, start + size).map((row, slot) => caseOf(row, xlen, slot, random)));
  }
  return out;
}
