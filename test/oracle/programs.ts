// Random programs: loops of mixed instructions over a piece of memory, with branches and jumps forward. What a loop leaves
// in the registers and in memory is compared.

import { decode } from '../../emulator/isa/decode.ts';
import type { Instruction } from '../../emulator/isa/row.ts';
import type { Piece } from '../support/qemu.ts';
import { instructionOf, type Row, rowsOf, usesMemory } from './cases.ts';
import { type Model, type Program, ramBase, runOurs, runTheirs, xlenOf } from './machines.ts';
import { floating, integer, type Random } from './random.ts';
import { dumpOf, floatsOn, previousMachine, type RegisterCase, registerProgram } from './register-harness.ts';
import { differences, listing } from './report.ts';

const slots = ramBase + 0x20_0000;
const slotBytes = 512;
/** Instructions of a loop's body, at most: with its end it fits a slot. */
const bodyLength = 96;
const loopsAProgram = 1024;
const data = { address: ramBase + 0x80_0000, length: 0x2000 };

/** Registers that no instruction writes: addresses of data, and the count of rounds. */
const bases = [2, 8, 10];
const rounds = 31;

/**
 * What cannot stand in a loop: it traps, waits, leaves for an address in a register or writes a base. QEMU drops roundings
 * whose result nobody reads, and their flags with them (docs/oracle.md, flags-of-dead-results).
 */
export const unfit =
  /^(fround.*|fcvtmod.*|ecall|ebreak|c\.ebreak|mret|sret|wfi|wrs\..*|jalr|c\.jr|c\.jalr|c\.addi16sp|csrr.*|sc\..*)$/;

export interface Loop extends RegisterCase {
  readonly words: readonly number[];
}

const roundedFormat = /^fp-(R|unary|R4|to-int|from-int)$/;
const floatResult = /^fp-(R|R-norm|unary|R4|from-int|move-from-int|load)$/;

/** Registers that random instructions leave alone: addresses of data, by which alone they access memory, and others. */
export interface Kept {
  readonly bases: readonly number[];
  readonly others: readonly number[];
}

const kept: Kept = { bases, others: [rounds] };

/** Whether an instruction traps nowhere, leaves the kept registers alone and reaches data through a base. */
function isFit(instruction: Instruction, { bases, others }: Kept): boolean {
  const { row, operands, word } = instruction;
  const { rd, rs1 } = operands;
  const rounding = (word >> 12) & 7;
  if (roundedFormat.test(row.format) && (rounding === 5 || rounding === 6)) return false;
  const reserved = (index: number) => bases.includes(index) || others.includes(index);
  const compares = row.mnemonic.startsWith('amocas');
  // QEMU's amocas to x0 spoils its zero for what follows (docs/oracle.md, amocas-zero).
  if (compares && rd === 0) return false;
  const writesPair = compares && reserved(rd + 1);
  if (!floatResult.test(row.format) && !writesStore(row.format) && (reserved(rd) || writesPair)) return false;
  return !usesMemory(instruction) || bases.includes(rs1);
}

const writesStore = (format: string) =>
  format === 'S' || format === 'B' || format === 'fp-store' || format === 'sfence';

export function fitInstruction(row: Row, xlen: 32 | 64, random: Random, keeps = kept): Instruction | undefined {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const found = instructionOf(row, xlen, random);
    if (isFit(found, keeps)) return found;
  }
  return undefined;
}

/** The word with its immediate replaced: each free bit of the encoding is asked which bit of the immediate it is. */
export function withImmediate(word: number, immediate: number, xlen: 32 | 64): number {
  const immediateOf = (bits: number) => decode(bits, xlen)?.operands.imm ?? 0;
  const row = decode(word, xlen)?.compressed ?? decode(word, xlen)?.row;
  const free = Array.from({ length: 32 }, (_, bit) => 1 << bit).filter((bit) => row && (row.mask & bit) === 0);
  const places = free.filter((bit) => immediateOf(word) !== immediateOf(word ^ bit));
  const cleared = places.reduce((bits, bit) => bits & ~bit, word);
  return places.reduce((bits, bit) => (immediateOf(cleared | bit) & ~immediate ? bits : bits | bit), cleared);
}

export const lengthOf = (word: number) => ((word & 3) === 3 ? 4 : 2);

/** addi x31, x31, -1; bne x31, x0, start; ebreak. */
function loopEnd(bytesBefore: number, xlen: 32 | 64): number[] {
  return [0xffff8f93 | 0, withImmediate(0x000f9063, -(bytesBefore + 4), xlen), 0x9002];
}

/** Instructions in pairs that are not to be torn apart: an SC behind its LR. */
function step(rows: readonly Row[], xlen: 32 | 64, random: Random): number[] {
  for (;;) {
    const row = random.of(rows);
    const found = fitInstruction(row, xlen, random);
    if (!found) continue;
    if (found.row.format !== 'lr') return [found.word];
    const result = [5, 6, 7, 28][random.below(4)] as number;
    const conditional = (found.word & ~0xf9f00f80) | (3 << 27) | (random.below(32) << 20) | (result << 7);
    return [found.word, conditional];
  }
}

function bodyOf(rows: readonly Row[], xlen: 32 | 64, random: Random): number[] {
  const words: number[] = [];
  while (words.length < bodyLength) words.push(...step(rows, xlen, random));
  const starts: number[] = [];
  let at = 0;
  for (const word of words) {
    starts.push(at);
    at += lengthOf(word);
  }
  starts.push(at);
  for (const [index, word] of words.entries()) {
    const format = decode(word, xlen)?.row.format;
    if (format !== 'B' && format !== 'J') continue;
    const target = Math.min(index + 1 + random.below(6), words.length);
    words[index] = withImmediate(word, (starts[target] as number) - (starts[index] as number), xlen);
  }
  return [...words, ...loopEnd(at, xlen)];
}

function loopOf(rows: readonly Row[], xlen: 32 | 64, slot: number, random: Random): Loop {
  const x = BigUint64Array.from({ length: 32 }, () => integer(random));
  const middle = data.address + data.length / 2;
  for (const base of bases) x[base] = BigInt(middle + 16 * (random.below(8) - 4));
  x[rounds] = BigInt(1 + random.below(24));
  return {
    words: bodyOf(rows, xlen, random),
    entry: slots + slot * slotBytes,
    x,
    f: BigUint64Array.from({ length: 32 }, () => floating(random)),
    fcsr: random.below(5) << 5,
    mstatus: previousMachine | floatsOn,
    window: middle - 32,
  };
}

function codeOf(loops: readonly Loop[]): Uint8Array {
  const code = new Uint16Array((loops.length * slotBytes) / 2).fill(0x9002);
  for (const { words, entry } of loops) {
    let at = (entry - slots) / 2;
    for (const word of words) {
      code[at++] = word & 0xffff;
      if ((word & 3) === 3) code[at++] = word >>> 16;
    }
  }
  return new Uint8Array(code.buffer);
}

/** A program of loops; it compares the dumps and the data. */
export function randomProgram(
  model: Model,
  random: Random,
  count = loopsAProgram,
): { loops: Loop[]; program: Program } {
  const xlen = xlenOf(model);
  const rows = rowsOf(xlen).filter(({ mnemonic }) => !unfit.test(mnemonic));
  const loops = Array.from({ length: count }, (_, slot) => loopOf(rows, xlen, slot, random));
  const contents = Uint32Array.from({ length: data.length / 4 }, () => random.bits());
  const pieces: Piece[] = [
    { address: slots, bytes: codeOf(loops) },
    { address: data.address, bytes: new Uint8Array(contents.buffer) },
  ];
  const program = registerProgram(xlen, loops, pieces);
  return { loops, program: { ...program, compared: [...program.compared, data] } };
}

/** Runs one random program; what the machines do not agree in, or undefined. */
export async function comparePrograms(model: Model, random: Random): Promise<string | undefined> {
  const { loops, program } = randomProgram(model, random);
  const theirs = runTheirs(model, program);
  const [mine, myData] = runOurs(model, program) as [Uint8Array, Uint8Array];
  const [other, otherData] = (await theirs) as [Uint8Array, Uint8Array];
  for (const [index, loop] of loops.entries()) {
    const text = differences(dumpOf(mine, index), dumpOf(other, index));
    if (text) return `loop ${index}:\n${text}\n${listing(loop.words, loop.entry, xlenOf(model))}`;
  }
  return Buffer.compare(myData, otherData) === 0 ? undefined : 'the data differ, though all registers are the same';
}
