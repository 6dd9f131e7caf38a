// The rows that the F, D and Zfh chapters share: the same operations in another format (unprivileged manual, chapters "F",
// "D" and "Zfh"). `fmt` is the two-bit field that tells the formats apart.

import { type Encoding, fixed, iType, rType } from './encoding.ts';
import type { Format, InstructionRow } from './row.ts';

/** One floating-point format. */
export interface FloatFormat {
  readonly extension: 'F' | 'D' | 'Zfh' | 'Zfhmin';
  /** Mnemonic suffix. */
  readonly suffix: 's' | 'd' | 'h';
  /** The field fmt. */
  readonly fmt: number;
  /** As sentences say it. */
  readonly precision: string;
}

const OP_FP = 0x53;

/** An OP-FP row whose last bits of funct7 are fmt; rs2 and rm are fixed where given. */
export function opFp(funct5: number, fmt: number, rs2?: number, rm?: number): Encoding {
  const mask = 0xfe00007f | (rs2 === undefined ? 0 : 31 << 20) | (rm === undefined ? 0 : 7 << 12);
  return fixed(mask, (funct5 << 27) | (fmt << 25) | ((rs2 ?? 0) << 20) | ((rm ?? 0) << 12) | OP_FP);
}

/** What generated code may compute: see core/float/paths.ts. */
const computed =
  /^(f(add|sub|mul|div|n?madd|n?msub|min|max|sgnj[nx]?|eq|lt|le|sqrt)\.[sd]|fmv\.(x\.[wd]|[wd]\.x)|fcvt\.([sd]\.(wu?|lu?)|(wu?|lu?)\.[sd]|s\.d|d\.s))$/;

/** A row that the host computes where generated code does not. */
export function fpRow(
  extension: string,
  xlen: InstructionRow['xlen'],
  mnemonic: string,
  format: Format,
  encoding: Encoding,
  text: string,
): InstructionRow {
  const row = { mnemonic, extension, xlen, format, ...encoding, text, host: 'fp' } as const;
  return computed.test(mnemonic) ? { ...row, semantics: (e) => e.float(mnemonic) } : row;
}

/** Conversion between two formats; `from` sits where rs2 would. */
export function convertFormat(to: FloatFormat, from: FloatFormat, extension: string): InstructionRow {
  const text = `Converts the ${from.precision} value in rs1 to ${to.precision}.`;
  return fpRow(extension, 'any', `fcvt.${to.suffix}.${from.suffix}`, 'fp-unary', opFp(0b01000, to.fmt, from.fmt), text);
}

/** Load and store; `width` is in bytes. */
export function memoryRows(format: FloatFormat, width: 2 | 4 | 8): InstructionRow[] {
  const { extension, precision } = format;
  const [letter, funct3] = ({ 2: ['h', 1], 4: ['w', 2], 8: ['d', 3] } as const)[width];
  return [
    {
      mnemonic: `fl${letter}`,
      extension,
      xlen: 'any',
      format: 'fp-load',
      ...iType(funct3, 0x07),
      text: `Loads a ${precision} value from memory at rs1 plus a 12-bit offset, bit for bit.`,
      semantics: (e) => e.loadFp(width),
    },
    {
      mnemonic: `fs${letter}`,
      extension,
      xlen: 'any',
      format: 'fp-store',
      ...iType(funct3, 0x27),
      text: `Stores the ${precision} value in rs2 to memory at rs1 plus a 12-bit offset, bit for bit.`,
      semantics: (e) => e.storeFp(width),
    },
  ];
}

/** Fused and plain arithmetic, sign injection, minimum and maximum. */
export function arithmeticRows({ extension, suffix, fmt, precision }: FloatFormat): InstructionRow[] {
  const row = (name: string, format: Format, encoding: Encoding, text: string) =>
    fpRow(extension, 'any', `${name}.${suffix}`, format, encoding, text);
  const fused = (opcode: number) => fixed(0x0600007f, (fmt << 25) | opcode);
  return [
    row('fmadd', 'fp-R4', fused(0x43), `Gives rs1 × rs2 + rs3 in ${precision}, rounded once.`),
    row('fmsub', 'fp-R4', fused(0x47), `Gives rs1 × rs2 − rs3 in ${precision}, rounded once.`),
    row('fnmsub', 'fp-R4', fused(0x4b), `Gives −(rs1 × rs2) + rs3 in ${precision}, rounded once.`),
    row('fnmadd', 'fp-R4', fused(0x4f), `Gives −(rs1 × rs2) − rs3 in ${precision}, rounded once.`),
    row('fadd', 'fp-R', opFp(0b00000, fmt), `Adds rs1 and rs2 in ${precision}.`),
    row('fsub', 'fp-R', opFp(0b00001, fmt), `Subtracts rs2 from rs1 in ${precision}.`),
    row('fmul', 'fp-R', opFp(0b00010, fmt), `Multiplies rs1 by rs2 in ${precision}.`),
    row('fdiv', 'fp-R', opFp(0b00011, fmt), `Divides rs1 by rs2 in ${precision}.`),
    row('fsqrt', 'fp-unary', opFp(0b01011, fmt, 0), `Gives the square root of rs1 in ${precision}.`),
    row('fsgnj', 'fp-R-norm', opFp(0b00100, fmt, undefined, 0), 'Takes rs1 with the sign of rs2.'),
    row('fsgnjn', 'fp-R-norm', opFp(0b00100, fmt, undefined, 1), 'Takes rs1 with the opposite of the sign of rs2.'),
    row('fsgnjx', 'fp-R-norm', opFp(0b00100, fmt, undefined, 2), 'Takes rs1, its sign flipped where rs2 is negative.'),
    row('fmin', 'fp-R-norm', opFp(0b00101, fmt, undefined, 0), 'Gives the smaller of rs1 and rs2; a NaN loses.'),
    row('fmax', 'fp-R-norm', opFp(0b00101, fmt, undefined, 1), 'Gives the larger of rs1 and rs2; a NaN loses.'),
  ];
}

/** Comparisons into an integer register, and the class of a value. */
export function compareRows({ extension, suffix, fmt }: FloatFormat): InstructionRow[] {
  const row = (name: string, format: Format, encoding: Encoding, text: string) =>
    fpRow(extension, 'any', `${name}.${suffix}`, format, encoding, text);
  const compare = (rm: number) => opFp(0b10100, fmt, undefined, rm);
  return [
    row(
      'feq',
      'fp-compare',
      compare(2),
      'Writes 1 to rd where rs1 equals rs2, else 0; only a signalling NaN is invalid.',
    ),
    row('flt', 'fp-compare', compare(1), 'Writes 1 to rd where rs1 is less than rs2, else 0; any NaN is invalid.'),
    row('fle', 'fp-compare', compare(0), 'Writes 1 to rd where rs1 is at most rs2, else 0; any NaN is invalid.'),
    row('fclass', 'fp-move-to-int', opFp(0b11100, fmt, 0, 1), 'Writes to rd one bit that names the class of rs1.'),
  ];
}

const integers = [
  { letter: 'w', code: 0, xlen: 'any', name: 'signed 32-bit integer' },
  { letter: 'wu', code: 1, xlen: 'any', name: 'unsigned 32-bit integer' },
  { letter: 'l', code: 2, xlen: 64, name: 'signed 64-bit integer' },
  { letter: 'lu', code: 3, xlen: 64, name: 'unsigned 64-bit integer' },
] as const;

/** Conversions to (`fcvt.w.s`) and from (`fcvt.s.w`) integers of one width. */
export function convertRows(format: FloatFormat, width: 'w' | 'l', direction: 'to' | 'from'): InstructionRow[] {
  const { extension, suffix, fmt, precision } = format;
  return integers
    .filter(({ letter }) => letter.startsWith(width))
    .map(({ letter, code, xlen, name }) =>
      direction === 'to'
        ? fpRow(
            extension,
            xlen,
            `fcvt.${letter}.${suffix}`,
            'fp-to-int',
            opFp(0b11000, fmt, code),
            `Converts the ${precision} value in rs1 to a ${name}; out of range gives the nearest bound.`,
          )
        : fpRow(
            extension,
            xlen,
            `fcvt.${suffix}.${letter}`,
            'fp-from-int',
            opFp(0b11010, fmt, code),
            `Converts the ${name} in rs1 to ${precision}.`,
          ),
    );
}

/** Moves of the bits between register files; `letter` tells the width in the mnemonic. */
export function moveRows(format: FloatFormat, letter: 'h' | 'w' | 'd', xlen: InstructionRow['xlen']): InstructionRow[] {
  const { extension, fmt, precision } = format;
  return [
    fpRow(
      extension,
      xlen,
      `fmv.x.${letter}`,
      'fp-move-to-int',
      rType(0b1110000 | fmt, 0, OP_FP),
      `Copies the bits of a ${precision} value into rd, sign-extended to XLEN.`,
    ),
    fpRow(
      extension,
      xlen,
      `fmv.${letter}.x`,
      'fp-move-from-int',
      rType(0b1111000 | fmt, 0, OP_FP),
      `Copies the low bits of integer register rs1 into rd as a ${precision} value.`,
    ),
  ].map((row) => ({ ...row, mask: row.mask | (31 << 20) }));
}
