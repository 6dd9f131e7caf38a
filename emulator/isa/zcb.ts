// Unprivileged manual, chapter '"Zc*" Extension for Code Size Reduction', section "Zcb". What an instruction expands to may
// belong to another extension (M, Zba, Zbb), which must be there too.

import type { CompressedRow } from './row.ts';
import { gather, high, loadAt, storeAt, twoRegisters } from './rv-c.ts';

function row(
  mnemonic: string,
  mask: number,
  match: number,
  expandsTo: string,
  operands: CompressedRow['operands'],
  text: string,
  xlen: CompressedRow['xlen'] = 'any',
): CompressedRow {
  return { mnemonic, extension: 'Zcb', xlen, mask, match, text, expandsTo, operands };
}

const byteOffset = (word: number) =>
  gather(word, [
    [6, 0, 1],
    [5, 1, 1],
  ]);
const halfOffset = (word: number) => gather(word, [[5, 1, 1]]);

/** rd is the only register; `imm` completes the expansion. */
const inPlace = (imm: number) => (word: number) => ({ rd: high(word), rs1: high(word), rs2: 0, imm });

export const zcb: readonly CompressedRow[] = [
  row('c.lbu', 0xfc03, 0x8000, 'lbu', loadAt(byteOffset), 'Loads a byte, zero-extended.'),
  row('c.lhu', 0xfc43, 0x8400, 'lhu', loadAt(halfOffset), 'Loads a halfword, zero-extended.'),
  row('c.lh', 0xfc43, 0x8440, 'lh', loadAt(halfOffset), 'Loads a halfword, sign-extended.'),
  row('c.sb', 0xfc03, 0x8800, 'sb', storeAt(byteOffset), 'Stores a byte.'),
  row('c.sh', 0xfc43, 0x8c00, 'sh', storeAt(halfOffset), 'Stores a halfword.'),
  row('c.mul', 0xfc63, 0x9c41, 'mul', twoRegisters, 'Multiplies rd by rs2.'),
  row('c.zext.b', 0xfc7f, 0x9c61, 'andi', inPlace(255), 'Keeps the low byte of rd.'),
  row('c.sext.b', 0xfc7f, 0x9c65, 'sext.b', inPlace(0), 'Sign-extends the low byte of rd.'),
  row('c.zext.h', 0xfc7f, 0x9c69, 'zext.h', inPlace(0), 'Keeps the low halfword of rd.'),
  row('c.sext.h', 0xfc7f, 0x9c6d, 'sext.h', inPlace(0), 'Sign-extends the low halfword of rd.'),
  row('c.zext.w', 0xfc7f, 0x9c71, 'add.uw', inPlace(0), 'Keeps the low word of rd.', 64),
  row('c.not', 0xfc7f, 0x9c75, 'xori', inPlace(-1), 'Inverts rd.'),
];
