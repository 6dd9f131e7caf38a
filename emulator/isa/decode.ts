// From an instruction's bits to its row and operands. Rows are found in buckets by opcode and funct3, made at
// the first need.

import type { Isa } from './isa-string.ts';
import type { CompressedRow, Format, Instruction, InstructionRow, Operands } from './row.ts';
import { compressedInstructions, existsIn, instructions } from './table.ts';

/** A compressed row with the row that it stands for. */
interface Expansion {
  readonly compressed: CompressedRow;
  readonly row: InstructionRow;
}

interface Index {
  /** By opcode bits 6 to 2 and funct3. */
  readonly full: readonly (readonly InstructionRow[])[];
  /** By quadrant and funct3. */
  readonly short: readonly (readonly Expansion[])[];
}

const bucketOf = (word: number) => ((word >> 2) & 31) | ((word >> 7) & 0xe0);
const shortBucketOf = (word: number) => (word & 3) | ((word >> 11) & 0x1c);

const everything: Partial<Record<32 | 64, Index>> = {};

/** The rows with most bits in their masks first. */
function mostSpecificFirst<Row extends { readonly mask: number }>(rows: readonly Row[]): Row[] {
  const byBits: Row[][] = Array.from({ length: 33 }, () => []);
  for (const row of rows) {
    let count = 0;
    for (let rest = row.mask >>> 0; rest; rest &= rest - 1) count += 1;
    byBits[32 - count]?.push(row);
  }
  return byBits.flat();
}

/**
 * The rows of a machine. Where a row is a special case of another (`pause` of `fence`) it stands before it; without its
 * extension the word is the other.
 */
function indexFor(xlen: 32 | 64, has: (extension: string) => boolean): Index {
  const full: InstructionRow[][] = Array.from({ length: 256 }, () => []);
  const short: Expansion[][] = Array.from({ length: 32 }, () => []);
  const funct3 = 0x7000;
  const present = instructions.filter(
    (row) => existsIn(row, xlen) && has(row.extension) && (row.alsoNeeds === undefined || has(row.alsoNeeds)),
  );
  for (const row of mostSpecificFirst(present)) {
    for (let value = 0; value < 8; value += 1) {
      if ((row.mask & funct3) === 0 || ((row.match >> 12) & 7) === value) {
        full[bucketOf((row.match & ~funct3) | (value << 12))]?.push(row);
      }
    }
  }
  const byName = new Map(present.map((row) => [row.mnemonic, row]));
  for (const compressed of mostSpecificFirst(compressedInstructions)) {
    if (!existsIn(compressed, xlen) || !has(compressed.extension)) continue;
    const row = byName.get(compressed.expandsTo);
    if (row) short[shortBucketOf(compressed.match)]?.push({ compressed, row });
  }
  return { full, short };
}

/** Bytes of the instruction that begins with this halfword. Longer encodings than 4 bytes are read as 4. */
export function lengthOf(halfword: number): 2 | 4 {
  return (halfword & 3) === 3 ? 4 : 2;
}

/**
 * The instruction that these bits are, of any extension; undefined where they are none. Bits above the instruction's
 * length are ignored.
 */
export function decode(word: number, xlen: 32 | 64): Instruction | undefined {
  everything[xlen] ??= indexFor(xlen, () => true);
  return decodeBy(everything[xlen], word, xlen);
}

/** `decode` of a machine: what belongs to an absent extension is none. */
export function decoderFor({ xlen, extensions }: Isa): (word: number) => Instruction | undefined {
  const index = indexFor(xlen, (extension) => extensions.has(extension.toLowerCase()));
  return (word) => decodeBy(index, word, xlen);
}

function decodeBy(index: Index, word: number, xlen: 32 | 64): Instruction | undefined {
  return lengthOf(word) === 2 ? decodeShort(index, word & 0xffff) : decodeFull(index, word, xlen);
}

/** The bits of a word that its format reserves: the sixth of a shift amount on RV32, the lowest of a pair's number. */
function reservedBits(format: Format, xlen: 32 | 64): number {
  if (format === 'shift' && xlen === 32) return 1 << 25;
  return format === 'amo-pair' ? (1 << 7) | (1 << 20) : 0;
}

function decodeFull(index: Index, word: number, xlen: 32 | 64): Instruction | undefined {
  const row = index.full[bucketOf(word)]?.find(({ mask, match }) => (word & mask) === match);
  if (!row || word & reservedBits(row.format, xlen)) return undefined;
  return { row, operands: operandsOf(word, row.format), length: 4, word: word >>> 0 };
}

function decodeShort(index: Index, word: number): Instruction | undefined {
  for (const { compressed, row } of index.short[shortBucketOf(word)] ?? []) {
    if ((word & compressed.mask) !== compressed.match) continue;
    const operands = compressed.operands(word);
    if (operands) return { row, compressed, operands, length: 2, word };
  }
  return undefined;
}

const immediateS = (word: number) => ((word >> 25) << 5) | ((word >> 7) & 31);

const immediateB = (word: number) =>
  ((word >> 31) << 12) | ((word << 4) & 0x800) | ((word >> 20) & 0x7e0) | ((word >> 7) & 0x1e);

const immediateJ = (word: number) =>
  ((word >> 31) << 20) | (word & 0xff000) | ((word >> 9) & 0x800) | ((word >> 20) & 0x7fe);

/**
 * The operands of a 32-bit instruction. A CSR's number and the fields fm, pred and succ of a fence stand in `imm`,
 * a CSR's immediate in `rs1`. What stays in the word: rm, rs3, aq and rl.
 */
export function operandsOf(word: number, format: Format): Operands {
  return {
    rd: (word >> 7) & 31,
    rs1: (word >> 15) & 31,
    rs2: (word >> 20) & 31,
    imm: immediateOf(word, format),
  };
}

function immediateOf(word: number, format: Format): number {
  switch (format) {
    case 'I':
    case 'load':
    case 'jalr':
    case 'fp-load':
      return word >> 20;
    case 'S':
    case 'fp-store':
      return immediateS(word);
    case 'B':
      return immediateB(word);
    case 'U':
      return word & ~0xfff;
    case 'J':
      return immediateJ(word);
    case 'prefetch':
      return (word >> 20) & ~31;
    case 'shift':
      return (word >> 20) & 63;
    case 'fence':
    case 'csr':
    case 'csri':
      return word >>> 20;
    default:
      return 0;
  }
}
