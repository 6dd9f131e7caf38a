// Unprivileged manual, chapter '"C" Extension for Compressed Instructions', in the order of its encoding tables. A
// reserved word has no operands; a hint executes as its expansion.

import type { CompressedRow, Operands } from './row.ts';

/** Where each bit of an immediate lies: `[bit of the word, bit of the value]` for a run of `length` bits. */
type Run = readonly [from: number, to: number, length: number];

/** An unsigned immediate put together from runs of bits. */
export function gather(word: number, runs: readonly Run[]): number {
  let value = 0;
  for (const [from, to, length] of runs) value |= ((word >> from) & ((1 << length) - 1)) << to;
  return value;
}

/** The same, sign-extended from its highest bit, `top`. */
function gatherSigned(word: number, runs: readonly Run[], top: number): number {
  return (gather(word, runs) << (31 - top)) >> (31 - top);
}

const full = (word: number) => (word >> 7) & 31; // rd and rs1 of CR and CI
const second = (word: number) => (word >> 2) & 31; // rs2 of CR and CSS
export const high = (word: number) => ((word >> 7) & 7) + 8; // rs1′, rd′ of CB, CL, CS and CA
const low = (word: number) => ((word >> 2) & 7) + 8; // rs2′, rd′ of CL, CS, CA and CIW

const immediate = (word: number) =>
  gatherSigned(
    word,
    [
      [2, 0, 5],
      [12, 5, 1],
    ],
    5,
  );
const shamt = (word: number) =>
  gather(word, [
    [2, 0, 5],
    [12, 5, 1],
  ]);
const sp4 = (word: number) =>
  gather(word, [
    [4, 2, 3],
    [12, 5, 1],
    [2, 6, 2],
  ]);
const sp8 = (word: number) =>
  gather(word, [
    [5, 3, 2],
    [12, 5, 1],
    [2, 6, 3],
  ]);
const spStore4 = (word: number) =>
  gather(word, [
    [9, 2, 4],
    [7, 6, 2],
  ]);
const spStore8 = (word: number) =>
  gather(word, [
    [10, 3, 3],
    [7, 6, 3],
  ]);
const offset4 = (word: number) =>
  gather(word, [
    [6, 2, 1],
    [10, 3, 3],
    [5, 6, 1],
  ]);
const offset8 = (word: number) =>
  gather(word, [
    [10, 3, 3],
    [5, 6, 2],
  ]);
const addi4spn = (word: number) =>
  gather(word, [
    [6, 2, 1],
    [5, 3, 1],
    [11, 4, 2],
    [7, 6, 4],
  ]);
const addi16sp = (word: number) =>
  gatherSigned(
    word,
    [
      [6, 4, 1],
      [2, 5, 1],
      [5, 6, 1],
      [3, 7, 2],
      [12, 9, 1],
    ],
    9,
  );
const branch = (word: number) =>
  gatherSigned(
    word,
    [
      [3, 1, 2],
      [10, 3, 2],
      [2, 5, 1],
      [5, 6, 2],
      [12, 8, 1],
    ],
    8,
  );
const jump = (word: number) =>
  gatherSigned(
    word,
    [
      [3, 1, 3],
      [11, 4, 1],
      [2, 5, 1],
      [7, 6, 1],
      [6, 7, 1],
      [9, 8, 2],
      [8, 10, 1],
      [12, 11, 1],
    ],
    11,
  );

function operands(rd: number, rs1: number, rs2: number, imm: number): Operands {
  return { rd, rs1, rs2, imm };
}

export const loadAt = (offset: (word: number) => number) => (word: number) =>
  operands(low(word), high(word), 0, offset(word));
export const storeAt = (offset: (word: number) => number) => (word: number) =>
  operands(0, high(word), low(word), offset(word));
const loadSp = (offset: (word: number) => number) => (word: number) => operands(full(word), 2, 0, offset(word));
const storeSp = (offset: (word: number) => number) => (word: number) => operands(0, 2, second(word), offset(word));
export const twoRegisters = (word: number) => operands(high(word), high(word), low(word), 0);
const shift = (word: number) => operands(high(word), high(word), 0, shamt(word));
const shiftFull = (word: number) => operands(full(word), full(word), 0, shamt(word));

/** The same, reserved where rd is zero. */
function needsRd(make: (word: number) => Operands) {
  return (word: number) => (full(word) === 0 ? undefined : make(word));
}

type Make = CompressedRow['operands'];

const quadrant = 0xe003;

function row(
  mnemonic: string,
  xlen: CompressedRow['xlen'],
  mask: number,
  match: number,
  expandsTo: string,
  make: Make,
  text: string,
): CompressedRow {
  return { mnemonic, extension: 'C', xlen, mask, match, text, expandsTo, operands: make };
}

const quadrant0: readonly CompressedRow[] = [
  row(
    'c.addi4spn',
    'any',
    quadrant,
    0x0000,
    'addi',
    (word) => (addi4spn(word) === 0 ? undefined : operands(low(word), 2, 0, addi4spn(word))),
    'Forms the address sp plus a non-zero multiple of 4.',
  ),
  row('c.fld', 'any', quadrant, 0x2000, 'fld', loadAt(offset8), 'Loads a double-precision value.'),
  row('c.lw', 'any', quadrant, 0x4000, 'lw', loadAt(offset4), 'Loads a word, sign-extended.'),
  row('c.flw', 32, quadrant, 0x6000, 'flw', loadAt(offset4), 'Loads a single-precision value.'),
  row('c.ld', 64, quadrant, 0x6000, 'ld', loadAt(offset8), 'Loads a doubleword.'),
  row('c.fsd', 'any', quadrant, 0xa000, 'fsd', storeAt(offset8), 'Stores a double-precision value.'),
  row('c.sw', 'any', quadrant, 0xc000, 'sw', storeAt(offset4), 'Stores a word.'),
  row('c.fsw', 32, quadrant, 0xe000, 'fsw', storeAt(offset4), 'Stores a single-precision value.'),
  row('c.sd', 64, quadrant, 0xe000, 'sd', storeAt(offset8), 'Stores a doubleword.'),
];

const jumpBy = (rd: number) => (word: number) => operands(rd, 0, 0, jump(word));
const branchBy = (word: number) => operands(0, high(word), 0, branch(word));
const addImmediate = (word: number) => operands(full(word), full(word), 0, immediate(word));

const quadrant1: readonly CompressedRow[] = [
  row('c.nop', 'any', 0xef83, 0x0001, 'addi', addImmediate, 'Does nothing.'),
  row('c.addi', 'any', quadrant, 0x0001, 'addi', needsRd(addImmediate), 'Adds a 6-bit immediate to rd.'),
  row('c.jal', 32, quadrant, 0x2001, 'jal', jumpBy(1), 'Jumps relative to pc and leaves the return address in ra.'),
  row(
    'c.addiw',
    64,
    quadrant,
    0x2001,
    'addiw',
    needsRd(addImmediate),
    'Adds a 6-bit immediate to the low word of rd and sign-extends.',
  ),
  row(
    'c.li',
    'any',
    quadrant,
    0x4001,
    'addi',
    (word) => operands(full(word), 0, 0, immediate(word)),
    'Loads a 6-bit signed immediate into rd.',
  ),
  row(
    'c.addi16sp',
    'any',
    0xef83,
    0x6101,
    'addi',
    (word) => (addi16sp(word) === 0 ? undefined : operands(2, 2, 0, addi16sp(word))),
    'Adds a non-zero multiple of 16 to sp.',
  ),
  row(
    'c.lui',
    'any',
    quadrant,
    0x6001,
    'lui',
    (word) =>
      full(word) === 2 || immediate(word) === 0 ? undefined : operands(full(word), 0, 0, immediate(word) << 12),
    'Loads a non-zero 6-bit immediate into bits 17 to 12 of rd, sign-extended.',
  ),
  row('c.srli', 32, 0xfc03, 0x8001, 'srli', shift, 'Shifts rd right by an immediate, filling with zeros.'),
  row('c.srli', 64, 0xec03, 0x8001, 'srli', shift, 'Shifts rd right by an immediate, filling with zeros.'),
  row('c.srai', 32, 0xfc03, 0x8401, 'srai', shift, 'Shifts rd right by an immediate, keeping the sign.'),
  row('c.srai', 64, 0xec03, 0x8401, 'srai', shift, 'Shifts rd right by an immediate, keeping the sign.'),
  row(
    'c.andi',
    'any',
    0xec03,
    0x8801,
    'andi',
    (word) => operands(high(word), high(word), 0, immediate(word)),
    'Keeps the bits of rd that are 1 in a sign-extended 6-bit immediate.',
  ),
  row('c.sub', 'any', 0xfc63, 0x8c01, 'sub', twoRegisters, 'Subtracts rs2 from rd.'),
  row('c.xor', 'any', 0xfc63, 0x8c21, 'xor', twoRegisters, 'Exclusive-ors rs2 into rd.'),
  row('c.or', 'any', 0xfc63, 0x8c41, 'or', twoRegisters, 'Ors rs2 into rd.'),
  row('c.and', 'any', 0xfc63, 0x8c61, 'and', twoRegisters, 'Ands rs2 into rd.'),
  row('c.subw', 64, 0xfc63, 0x9c01, 'subw', twoRegisters, 'Subtracts the low words and sign-extends.'),
  row('c.addw', 64, 0xfc63, 0x9c21, 'addw', twoRegisters, 'Adds the low words and sign-extends.'),
  row('c.j', 'any', quadrant, 0xa001, 'jal', jumpBy(0), 'Jumps relative to pc.'),
  row('c.beqz', 'any', quadrant, 0xc001, 'beq', branchBy, 'Branches where rs1 is zero.'),
  row('c.bnez', 'any', quadrant, 0xe001, 'bne', branchBy, 'Branches where rs1 is not zero.'),
];

const jumpTo = (rd: number) => needsRd((word) => operands(rd, full(word), 0, 0));

const quadrant2: readonly CompressedRow[] = [
  row('c.slli', 32, 0xf003, 0x0002, 'slli', shiftFull, 'Shifts rd left by an immediate.'),
  row('c.slli', 64, quadrant, 0x0002, 'slli', shiftFull, 'Shifts rd left by an immediate.'),
  row('c.fldsp', 'any', quadrant, 0x2002, 'fld', loadSp(sp8), 'Loads a double-precision value from the stack.'),
  row('c.lwsp', 'any', quadrant, 0x4002, 'lw', needsRd(loadSp(sp4)), 'Loads a word from the stack.'),
  row('c.flwsp', 32, quadrant, 0x6002, 'flw', loadSp(sp4), 'Loads a single-precision value from the stack.'),
  row('c.ldsp', 64, quadrant, 0x6002, 'ld', needsRd(loadSp(sp8)), 'Loads a doubleword from the stack.'),
  row('c.jr', 'any', 0xf07f, 0x8002, 'jalr', jumpTo(0), 'Jumps to the address in rs1.'),
  row(
    'c.mv',
    'any',
    0xf003,
    0x8002,
    'add',
    (word) => (second(word) === 0 ? undefined : operands(full(word), 0, second(word), 0)),
    'Copies rs2 to rd.',
  ),
  row('c.ebreak', 'any', 0xffff, 0x9002, 'ebreak', () => operands(0, 0, 0, 0), 'Raises a breakpoint exception.'),
  row(
    'c.jalr',
    'any',
    0xf07f,
    0x9002,
    'jalr',
    jumpTo(1),
    'Jumps to the address in rs1; the return address goes to ra.',
  ),
  row(
    'c.add',
    'any',
    0xf003,
    0x9002,
    'add',
    (word) => (second(word) === 0 ? undefined : operands(full(word), full(word), second(word), 0)),
    'Adds rs2 to rd.',
  ),
  row('c.fsdsp', 'any', quadrant, 0xa002, 'fsd', storeSp(spStore8), 'Stores a double-precision value to the stack.'),
  row('c.swsp', 'any', quadrant, 0xc002, 'sw', storeSp(spStore4), 'Stores a word to the stack.'),
  row('c.fswsp', 32, quadrant, 0xe002, 'fsw', storeSp(spStore4), 'Stores a single-precision value to the stack.'),
  row('c.sdsp', 64, quadrant, 0xe002, 'sd', storeSp(spStore8), 'Stores a doubleword to the stack.'),
];

export const rvC: readonly CompressedRow[] = [...quadrant0, ...quadrant1, ...quadrant2];
