// Other names of instructions: the pseudo-instructions that GNU objdump prints by default (binutils 2.44), and the macros
// that only the assembler knows (assembly programmer's manual, "Pseudoinstructions").

import type { Operands } from './row.ts';

/** Text for an instruction whose operands have the values in `when`. The first alias that fits is the one. */
export interface Alias {
  readonly mnemonic: string;
  /** The mnemonic that it stands for; of a compressed instruction where it begins with `c.`. */
  readonly of: string;
  /** `sameSources`: rs1 and rs2 are one register. */
  readonly when: Partial<Operands> & { readonly sameSources?: true };
  /** Absent = both. */
  readonly xlen?: 32;
  /** Operands in the words of `operandText`. */
  readonly operands: string;
  /** One sentence for hovers. */
  readonly text: string;
}

function alias(mnemonic: string, of: string, when: Alias['when'], operands: string, text: string): Alias {
  return { mnemonic, of, when, operands, text };
}

const ra = 1;

const integer: readonly Alias[] = [
  alias('nop', 'addi', { rd: 0, rs1: 0, imm: 0 }, '', 'Does nothing.'),
  alias('li', 'addi', { rs1: 0 }, 'rd,imm', 'Loads an immediate into rd.'),
  alias('mv', 'addi', { imm: 0 }, 'rd,rs1', 'Copies a register.'),
  alias('not', 'xori', { imm: -1 }, 'rd,rs1', 'Inverts every bit.'),
  alias('zext.b', 'andi', { imm: 255 }, 'rd,rs1', 'Keeps the low byte.'),
  alias('seqz', 'sltiu', { imm: 1 }, 'rd,rs1', 'Sets rd to 1 if the register is zero, else to 0.'),
  alias('zext.w', 'add.uw', { rs2: 0 }, 'rd,rs1', 'Keeps the low word.'),
  alias('neg', 'sub', { rs1: 0 }, 'rd,rs2', 'Negates.'),
  alias('sltz', 'slt', { rs2: 0 }, 'rd,rs1', 'Sets rd to 1 if the register is negative, else to 0.'),
  alias('sgtz', 'slt', { rs1: 0 }, 'rd,rs2', 'Sets rd to 1 if the register is greater than zero, else to 0.'),
  alias('snez', 'sltu', { rs1: 0 }, 'rd,rs2', 'Sets rd to 1 if the register is not zero, else to 0.'),
  alias('sext.w', 'addiw', { imm: 0 }, 'rd,rs1', 'Sign-extends the low word.'),
  alias('negw', 'subw', { rs1: 0 }, 'rd,rs2', 'Negates the low word and sign-extends.'),
];

const control: readonly Alias[] = [
  alias('j', 'jal', { rd: 0 }, 'target', 'Jumps relative to pc.'),
  alias('jal', 'jal', { rd: ra }, 'target', 'Calls: jumps relative to pc, the return address goes to ra.'),
  alias('ret', 'jalr', { rd: 0, rs1: ra, imm: 0 }, '', 'Returns: jumps to the address in ra.'),
  alias('jr', 'jalr', { rd: 0, imm: 0 }, 'rs1', 'Jumps to the address in a register.'),
  alias('jr', 'jalr', { rd: 0 }, 'imm(rs1)', 'Jumps to the address in a register plus an offset.'),
  alias('jalr', 'jalr', { rd: ra, imm: 0 }, 'rs1', 'Calls the address in a register; the return address goes to ra.'),
  alias('jalr', 'jalr', { rd: ra }, 'imm(rs1)', 'Calls a register plus an offset; the return address goes to ra.'),
  alias('jalr', 'jalr', { imm: 0 }, 'rd,rs1', 'Calls the address in a register; the return address goes to rd.'),
  alias('beqz', 'beq', { rs2: 0 }, 'rs1,target', 'Branches if the register is zero.'),
  alias('bnez', 'bne', { rs2: 0 }, 'rs1,target', 'Branches if the register is not zero.'),
  alias('blez', 'bge', { rs1: 0 }, 'rs2,target', 'Branches if the register is at most zero.'),
  alias('bgez', 'bge', { rs2: 0 }, 'rs1,target', 'Branches if the register is at least zero.'),
  alias('bltz', 'blt', { rs2: 0 }, 'rs1,target', 'Branches if the register is negative.'),
  alias('bgtz', 'blt', { rs1: 0 }, 'rs2,target', 'Branches if the register is greater than zero.'),
  alias('fence', 'fence', { imm: 0x0ff }, '', 'Orders every access before it against every one after it.'),
  alias(
    'fence.tso',
    'fence',
    { imm: 0x833 },
    '',
    'Orders loads before it against all, stores before it against stores.',
  ),
  alias('sfence.vma', 'sfence.vma', { rs1: 0, rs2: 0 }, '', 'Orders page-table stores before all later translations.'),
  alias('sfence.vma', 'sfence.vma', { rs2: 0 }, 'rs1', 'Orders page-table stores before later translations of rs1.'),
];

/** Reads of counters: `rdcycle a0`. */
const counterReads = [
  ['cycle', 0xc00],
  ['time', 0xc01],
  ['instret', 0xc02],
  ['cycleh', 0xc80],
  ['timeh', 0xc81],
  ['instreth', 0xc82],
] as const;

/** Floating-point CSRs: `frcsr`, `fscsr`, `frrm`… */
const floatRegisters = [
  ['flags', 0x001],
  ['rm', 0x002],
  ['csr', 0x003],
] as const;

const csr: readonly Alias[] = [
  alias('unimp', 'csrrw', { rd: 0, rs1: 0, imm: 0xc00 }, '', 'Is an illegal instruction for ever.'),
  ...counterReads.map(([name, imm]) => ({
    ...alias(`rd${name}`, 'csrrs', { rs1: 0, imm }, 'rd', `Reads ${name}.`),
    ...(name.endsWith('h') && { xlen: 32 as const }),
  })),
  ...floatRegisters.flatMap(([name, imm]) => [
    alias(`fr${name}`, 'csrrs', { rs1: 0, imm }, 'rd', `Reads f${name}.`),
    alias(`fs${name}`, 'csrrw', { rd: 0, imm }, 'rs1', `Writes f${name}.`),
    alias(`fs${name}`, 'csrrw', { imm }, 'rd,rs1', `Swaps f${name}.`),
  ]),
  ...floatRegisters
    .filter(([name]) => name !== 'csr')
    .map(([name, imm]) => alias(`fs${name}i`, 'csrrwi', { imm }, 'rd,zimm', `Swaps f${name} with an immediate.`)),
  alias('csrr', 'csrrs', { rs1: 0 }, 'rd,csr', 'Reads a CSR.'),
  alias('csrw', 'csrrw', { rd: 0 }, 'csr,rs1', 'Writes a CSR.'),
  alias('csrs', 'csrrs', { rd: 0 }, 'csr,rs1', 'Sets bits of a CSR.'),
  alias('csrc', 'csrrc', { rd: 0 }, 'csr,rs1', 'Clears bits of a CSR.'),
  alias('csrwi', 'csrrwi', { rd: 0 }, 'csr,zimm', 'Writes a 5-bit immediate to a CSR.'),
  alias('csrsi', 'csrrsi', { rd: 0 }, 'csr,zimm', 'Sets bits of a CSR by a 5-bit immediate.'),
  alias('csrci', 'csrrci', { rd: 0 }, 'csr,zimm', 'Clears bits of a CSR by a 5-bit immediate.'),
];

const float: readonly Alias[] = (['s', 'd', 'h'] as const).flatMap((suffix) => [
  alias(`fmv.${suffix}`, `fsgnj.${suffix}`, { sameSources: true }, 'fd,fs1', 'Copies a floating-point register.'),
  alias(`fneg.${suffix}`, `fsgnjn.${suffix}`, { sameSources: true }, 'fd,fs1', 'Flips the sign.'),
  alias(`fabs.${suffix}`, `fsgnjx.${suffix}`, { sameSources: true }, 'fd,fs1', 'Clears the sign.'),
]);

const hint = 'A hint: it does nothing.';

/** Where a compressed word is not written as what it expands to: hints, and two forms. */
const compressed: readonly Alias[] = [
  alias('nop', 'c.nop', { imm: 0 }, '', 'Does nothing.'),
  alias('c.nop', 'c.nop', {}, 'imm', hint),
  alias('addi', 'c.addi', {}, 'rd,rs1,imm', 'Adds an immediate.'),
  alias('c.li', 'c.li', { rd: 0 }, 'rd,imm', hint),
  alias('c.lui', 'c.lui', { rd: 0 }, 'rd,upper', hint),
  alias('c.srli64', 'c.srli', { imm: 0 }, 'rd', hint),
  alias('c.srai64', 'c.srai', { imm: 0 }, 'rd', hint),
  alias('c.slli64', 'c.slli', { imm: 0 }, 'rd', hint),
  alias('c.slli', 'c.slli', { rd: 0 }, 'rd,shamt', hint),
  alias('c.mv', 'c.mv', { rd: 0 }, 'rd,rs2', hint),
  alias('mv', 'c.mv', {}, 'rd,rs2', 'Copies a register.'),
  alias('c.add', 'c.add', { rd: 0 }, 'rd,rs2', hint),
];

/** Every alias, the more special ones first. */
export const aliases: readonly Alias[] = [...integer, ...control, ...csr, ...float, ...compressed];

/** What the assembler knows beyond the aliases: mnemonic and one sentence for hovers. */
export const macros: readonly { readonly mnemonic: string; readonly text: string }[] = [
  { mnemonic: 'la', text: 'Loads the address of a symbol; through the GOT in position-independent code.' },
  { mnemonic: 'lla', text: 'Loads the address of a symbol relative to pc.' },
  { mnemonic: 'lga', text: 'Loads the address of a symbol from the GOT.' },
  { mnemonic: 'call', text: 'Calls a symbol at any distance within 2 GiB (auipc and jalr).' },
  {
    mnemonic: 'tail',
    text: 'Jumps to a symbol at any distance within 2 GiB, without return (auipc and jalr through t1).',
  },
  { mnemonic: 'jump', text: 'Jumps to a symbol at any distance within 2 GiB through the register given.' },
  { mnemonic: 'bgt', text: 'Branches if the first register is greater, signed.' },
  { mnemonic: 'ble', text: 'Branches if the first register is at most the second, signed.' },
  { mnemonic: 'bgtu', text: 'Branches if the first register is greater, unsigned.' },
  { mnemonic: 'bleu', text: 'Branches if the first register is at most the second, unsigned.' },
  { mnemonic: 'sgt', text: 'Sets rd to 1 if the first register is greater, signed.' },
  { mnemonic: 'sgtu', text: 'Sets rd to 1 if the first register is greater, unsigned.' },
  { mnemonic: 'fgt.s', text: 'Compares: greater, single-precision.' },
  { mnemonic: 'fge.s', text: 'Compares: at least, single-precision.' },
  { mnemonic: 'fgt.d', text: 'Compares: greater, double-precision.' },
  { mnemonic: 'fge.d', text: 'Compares: at least, double-precision.' },
  { mnemonic: 'fgt.h', text: 'Compares: greater, half-precision.' },
  { mnemonic: 'fge.h', text: 'Compares: at least, half-precision.' },
  { mnemonic: 'fmv.x.s', text: 'The older name of fmv.x.w.' },
  { mnemonic: 'fmv.s.x', text: 'The older name of fmv.w.x.' },
  { mnemonic: 'scall', text: 'The older name of ecall.' },
  { mnemonic: 'sbreak', text: 'The older name of ebreak.' },
];
