// RV32I and RV64I (unprivileged manual, chapters "RV32I Base Integer Instruction Set" and "RV64I").

import type { Emitter } from '../core/emitter.ts';
import { type I32, i32, i64 } from '../wasm/code.ts';
import { iType, rType, shift32, shift64 } from './encoding.ts';
import type { Format, InstructionRow } from './row.ts';

type Semantics = (e: Emitter) => void;

function row(
  mnemonic: string,
  format: Format,
  encoding: { mask: number; match: number },
  text: string,
  semantics: Semantics,
  xlen: InstructionRow['xlen'] = 'any',
): InstructionRow {
  return { mnemonic, extension: 'I', xlen, format, ...encoding, text, semantics };
}

/** `lui` and its like: only the opcode tells. */
const opcode = (value: number) => ({ mask: 0x7f, match: value });

const OP = 0x33;
const OP_32 = 0x3b;
const OP_IMM = 0x13;
const OP_IMM_32 = 0x1b;

/** The low 32 bits of a register. */
const word = i32.wrap;
/** A shift amount's low 6 bits are taken by the machine itself; 32-bit shifts take 5. */
const amount = (e: Emitter, value = e.rs2) => (e.xlen === 64 ? value : i64.and(value, i64.const(31)));

export const rvI: readonly InstructionRow[] = [
  row('lui', 'U', opcode(0x37), 'Loads the immediate into the upper 20 bits of rd, clearing the low 12.', (e) =>
    e.rd(e.imm),
  ),
  row('auipc', 'U', opcode(0x17), 'Adds the upper immediate to the address of this instruction.', (e) =>
    e.rd(i64.add(e.pc, e.imm)),
  ),
  row('jal', 'J', opcode(0x6f), 'Jumps to pc + offset and puts the address of the next instruction in rd.', (e) =>
    e.jump(),
  ),
  row('jalr', 'jalr', iType(0, 0x67), 'Jumps to rs1 + offset with bit 0 cleared; rd gets the next address.', (e) =>
    e.jumpRegister(),
  ),
  branch('beq', 0, 'equal', (e) => i64.eq(e.rs1, e.rs2)),
  branch('bne', 1, 'not equal', (e) => i64.ne(e.rs1, e.rs2)),
  branch('blt', 4, 'less, signed', (e) => i64.ltS(e.rs1, e.rs2)),
  branch('bge', 5, 'not less, signed', (e) => i64.geS(e.rs1, e.rs2)),
  branch('bltu', 6, 'less, unsigned', (e) => i64.ltU(e.rs1, e.rs2)),
  branch('bgeu', 7, 'not less, unsigned', (e) => i64.geU(e.rs1, e.rs2)),
  load('lb', 0, 1, true),
  load('lh', 1, 2, true),
  load('lw', 2, 4, true),
  load('ld', 3, 8, true, 64),
  load('lbu', 4, 1, false),
  load('lhu', 5, 2, false),
  load('lwu', 6, 4, false, 64),
  store('sb', 0, 1),
  store('sh', 1, 2),
  store('sw', 2, 4),
  store('sd', 3, 8, 64),
  row('addi', 'I', iType(0, OP_IMM), 'Adds the immediate to rs1.', (e) => e.rd(i64.add(e.rs1, e.imm))),
  row('slti', 'I', iType(2, OP_IMM), 'Sets rd to 1 if rs1 is less than the immediate, signed.', (e) =>
    e.rdFlag(i64.ltS(e.rs1, e.imm)),
  ),
  row('sltiu', 'I', iType(3, OP_IMM), 'Sets rd to 1 if rs1 is less than the immediate, unsigned.', (e) =>
    e.rdFlag(i64.ltU(e.rs1, e.imm)),
  ),
  row('xori', 'I', iType(4, OP_IMM), 'Exclusive or of rs1 and the immediate.', (e) => e.rd(i64.xor(e.rs1, e.imm))),
  row('ori', 'I', iType(6, OP_IMM), 'Or of rs1 and the immediate.', (e) => e.rd(i64.or(e.rs1, e.imm))),
  row('andi', 'I', iType(7, OP_IMM), 'And of rs1 and the immediate.', (e) => e.rd(i64.and(e.rs1, e.imm))),
  row('slli', 'shift', shift64(0x00, 1, OP_IMM), 'Shifts rs1 left by the immediate.', (e) =>
    e.rd(i64.shl(e.rs1, e.imm)),
  ),
  row('srli', 'shift', shift64(0x00, 5, OP_IMM), 'Shifts rs1 right by the immediate, filling with zeros.', (e) =>
    e.rd(e.xlen === 64 ? i64.shrU(e.rs1, e.imm) : i64.extendS(i32.shrU(word(e.rs1), word(e.imm)))),
  ),
  row('srai', 'shift', shift64(0x10, 5, OP_IMM), 'Shifts rs1 right by the immediate, copying the sign.', (e) =>
    e.rd(i64.shrS(e.rs1, e.imm)),
  ),
  row('add', 'R', rType(0x00, 0, OP), 'Adds rs1 and rs2.', (e) => e.rd(i64.add(e.rs1, e.rs2))),
  row('sub', 'R', rType(0x20, 0, OP), 'Subtracts rs2 from rs1.', (e) => e.rd(i64.sub(e.rs1, e.rs2))),
  row('sll', 'R', rType(0x00, 1, OP), 'Shifts rs1 left by rs2.', (e) => e.rd(i64.shl(e.rs1, amount(e)))),
  row('slt', 'R', rType(0x00, 2, OP), 'Sets rd to 1 if rs1 is less than rs2, signed.', (e) =>
    e.rdFlag(i64.ltS(e.rs1, e.rs2)),
  ),
  row('sltu', 'R', rType(0x00, 3, OP), 'Sets rd to 1 if rs1 is less than rs2, unsigned.', (e) =>
    e.rdFlag(i64.ltU(e.rs1, e.rs2)),
  ),
  row('xor', 'R', rType(0x00, 4, OP), 'Exclusive or of rs1 and rs2.', (e) => e.rd(i64.xor(e.rs1, e.rs2))),
  row('srl', 'R', rType(0x00, 5, OP), 'Shifts rs1 right by rs2, filling with zeros.', (e) =>
    e.rd(e.xlen === 64 ? i64.shrU(e.rs1, e.rs2) : i64.extendS(i32.shrU(word(e.rs1), word(e.rs2)))),
  ),
  row('sra', 'R', rType(0x20, 5, OP), 'Shifts rs1 right by rs2, copying the sign.', (e) =>
    e.rd(i64.shrS(e.rs1, amount(e))),
  ),
  row('or', 'R', rType(0x00, 6, OP), 'Or of rs1 and rs2.', (e) => e.rd(i64.or(e.rs1, e.rs2))),
  row('and', 'R', rType(0x00, 7, OP), 'And of rs1 and rs2.', (e) => e.rd(i64.and(e.rs1, e.rs2))),
  row('fence', 'fence', iType(0, 0x0f), 'Orders memory and device accesses before it against those after it.', (e) =>
    e.fence(),
  ),
  row(
    'addiw',
    'I',
    iType(0, OP_IMM_32),
    'Adds the immediate to rs1 as 32-bit words.',
    (e) => e.rdWord(i32.add(word(e.rs1), word(e.imm))),
    64,
  ),
  row(
    'slliw',
    'shift',
    shift32(0x00, 1, OP_IMM_32),
    'Shifts the low word of rs1 left.',
    (e) => e.rdWord(i32.shl(word(e.rs1), word(e.imm))),
    64,
  ),
  row(
    'srliw',
    'shift',
    shift32(0x00, 5, OP_IMM_32),
    'Shifts the low word of rs1 right, filling with zeros.',
    (e) => e.rdWord(i32.shrU(word(e.rs1), word(e.imm))),
    64,
  ),
  row(
    'sraiw',
    'shift',
    shift32(0x20, 5, OP_IMM_32),
    'Shifts the low word of rs1 right, copying the sign.',
    (e) => e.rdWord(i32.shrS(word(e.rs1), word(e.imm))),
    64,
  ),
  row(
    'addw',
    'R',
    rType(0x00, 0, OP_32),
    'Adds rs1 and rs2 as 32-bit words.',
    (e) => e.rdWord(i32.add(word(e.rs1), word(e.rs2))),
    64,
  ),
  row(
    'subw',
    'R',
    rType(0x20, 0, OP_32),
    'Subtracts rs2 from rs1 as 32-bit words.',
    (e) => e.rdWord(i32.sub(word(e.rs1), word(e.rs2))),
    64,
  ),
  row(
    'sllw',
    'R',
    rType(0x00, 1, OP_32),
    'Shifts the low word of rs1 left by rs2.',
    (e) => e.rdWord(i32.shl(word(e.rs1), word(e.rs2))),
    64,
  ),
  row(
    'srlw',
    'R',
    rType(0x00, 5, OP_32),
    'Shifts the low word of rs1 right by rs2, filling with zeros.',
    (e) => e.rdWord(i32.shrU(word(e.rs1), word(e.rs2))),
    64,
  ),
  row(
    'sraw',
    'R',
    rType(0x20, 5, OP_32),
    'Shifts the low word of rs1 right by rs2, copying the sign.',
    (e) => e.rdWord(i32.shrS(word(e.rs1), word(e.rs2))),
    64,
  ),
];

function branch(mnemonic: string, funct3: number, words: string, condition: (e: Emitter) => I32): InstructionRow {
  const text = `Branches to pc + offset if rs1 and rs2 compare ${words}.`;
  return row(mnemonic, 'B', iType(funct3, 0x63), text, (e) => e.branch(condition(e)));
}

function load(
  mnemonic: string,
  funct3: number,
  size: 1 | 2 | 4 | 8,
  signed: boolean,
  xlen: 64 | 'any' = 'any',
): InstructionRow {
  const how = size === 8 ? '' : signed ? ', sign-extended' : ', zero-extended';
  const text = `Loads ${size === 1 ? 'a byte' : `${size} bytes`} from rs1 + offset${how}.`;
  return row(mnemonic, 'load', iType(funct3, 0x03), text, (e) => e.load(size, signed), xlen);
}

function store(mnemonic: string, funct3: number, size: 1 | 2 | 4 | 8, xlen: 64 | 'any' = 'any'): InstructionRow {
  const text = `Stores the low ${size === 1 ? 'byte' : `${size} bytes`} of rs2 at rs1 + offset.`;
  return row(mnemonic, 'S', iType(funct3, 0x23), text, (e) => e.store(size), xlen);
}
