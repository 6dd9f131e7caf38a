// One row of the instruction table: everything the project knows about an instruction. The decoder, the interpreter,
// the disassembler, the hovers, the grammars and the coverage page are all made from these rows.

import type { Emitter } from '../core/emitter.ts';

/** How the operands sit in the word (unprivileged manual, "Base Instruction Formats" and "Compressed"). */
export type Format =
  | 'R'
  | 'I'
  | 'shift' // I with a shift amount
  | 'unary' // rd, rs1
  | 'cbo' // (rs1)
  | 'prefetch' // offset(rs1), the offset a multiple of 32
  | 'load'
  | 'S'
  | 'B'
  | 'U'
  | 'J'
  | 'jalr'
  | 'fence'
  | 'none'
  | 'csr'
  | 'csri'
  | 'amo' // rd, rs2, (rs1)
  | 'amo-pair' // the same, rd and rs2 even: each names a register and the next
  | 'lr' // rd, (rs1)
  | 'sfence' // rs1, rs2
  | 'fp-R' // fd, fs1, fs2 with rm
  | 'fp-R-norm' // fd, fs1, fs2 without rm (sign injection, min, max)
  | 'fp-unary' // fd, fs1 with rm
  | 'fp-R4' // fd, fs1, fs2, fs3 with rm
  | 'fp-compare' // rd, fs1, fs2
  | 'fp-to-int' // rd, fs1 with rm
  | 'fp-from-int' // fd, rs1 with rm
  | 'fp-move-to-int' // rd, fs1 (fmv.x, fclass)
  | 'fp-move-from-int' // fd, rs1
  | 'fp-immediate' // fd, the constant that rs1 numbers
  | 'fp-from-pair' // fd, rs1, rs2
  | 'fp-load'
  | 'fp-store';

/** Operands of a decoded instruction. Register numbers 0–31; `imm` already sign-extended and scaled. */
export interface Operands {
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly imm: number;
}

export interface FloatOperands {
  readonly rd: boolean;
  readonly rs1: boolean;
  readonly rs2: boolean;
}

const floats = new Map<Format, FloatOperands>();

/** Which operands of a format are in the floating-point registers. */
export function floatOperands(format: Format): FloatOperands {
  const known = floats.get(format);
  if (known) return known;
  const made = floatOperandsOf(format);
  floats.set(format, made);
  return made;
}

function floatOperandsOf(format: Format): FloatOperands {
  if (format === 'fp-store') return { rd: false, rs1: false, rs2: true };
  const isFloat = format.startsWith('fp-');
  const rd = isFloat && !/compare|to-int/.test(format);
  return { rd, rs1: isFloat && !/load|from|immediate/.test(format), rs2: isFloat && !/load|from/.test(format) };
}

/** Work that the host (TypeScript) does with the hart's precise state, rather than generated code. */
export type HostOperation = 'csr' | 'system' | 'fp' | 'amo' | 'cbo';

export interface InstructionRow {
  /** As in the manual and GNU as, lower case. */
  readonly mnemonic: string;
  /** The extension that brings it: `I`, `M`, `A`, `F`, `D`, `Zicsr`, `Zifencei`…; `Sm` is the machine level. */
  readonly extension: string;
  /** Another that must be there too: `D` of `fli.d`. */
  readonly alsoNeeds?: string;
  readonly xlen: 32 | 64 | 'any';
  readonly format: Format;
  /** A word is this instruction when (word & mask) === match. 32-bit rows have match & 3 === 3. */
  readonly mask: number;
  readonly match: number;
  /** One sentence for hovers. */
  readonly text: string;
  /** Generated-code meaning. */
  readonly semantics?: (e: Emitter) => void;
  /** Who in TypeScript does it: without `semantics` always, with them where generated code cannot do the whole of it. */
  readonly host?: HostOperation;
}

/** A compressed instruction: an encoding that stands for a row of the other table with these operands. */
export interface CompressedRow {
  readonly mnemonic: string;
  /** `C` or `Zcb`; the row that it expands to must be there too. */
  readonly extension: string;
  readonly xlen: 32 | 64 | 'any';
  readonly mask: number;
  readonly match: number;
  readonly text: string;
  /** Mnemonic of the row it expands to. */
  readonly expandsTo: string;
  /** Operands for the expansion; undefined where this word is reserved (then it is an illegal instruction). */
  readonly operands: (word: number) => Operands | undefined;
}

/** A decoded instruction. */
export interface Instruction {
  readonly row: InstructionRow;
  /** Present when the word was compressed. */
  readonly compressed?: CompressedRow;
  readonly operands: Operands;
  /** 2 or 4. */
  readonly length: 2 | 4;
  /** The instruction bits, unsigned (16 of them when compressed). */
  readonly word: number;
}
