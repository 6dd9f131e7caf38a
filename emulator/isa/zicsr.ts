// Unprivileged manual, chapter '"Zicsr" Extension for Control and Status Register Instructions'.

import { iType } from './encoding.ts';
import type { InstructionRow } from './row.ts';

const SYSTEM = 0x73;

const changes = ['write', 'set', 'clear'] as const;

/** The low bits of funct3 tell the change. */
function row(mnemonic: string, format: 'csr' | 'csri', funct3: number, text: string): InstructionRow {
  const change = changes[(funct3 & 3) - 1] as (typeof changes)[number];
  return {
    mnemonic,
    extension: 'Zicsr',
    xlen: 'any',
    format,
    ...iType(funct3, SYSTEM),
    text,
    host: 'csr',
    semantics: (e) => e.csr(change, format === 'csri'),
  };
}

export const zicsr: readonly InstructionRow[] = [
  row('csrrw', 'csr', 1, 'Swaps a CSR: the old value goes to rd, rs1 is written; rd = zero does not read it.'),
  row('csrrs', 'csr', 2, 'Reads a CSR into rd and sets the bits that are 1 in rs1; rs1 = zero does not write it.'),
  row('csrrc', 'csr', 3, 'Reads a CSR into rd and clears the bits that are 1 in rs1; rs1 = zero does not write it.'),
  row('csrrwi', 'csri', 5, 'Reads a CSR into rd and writes a 5-bit unsigned immediate; rd = zero does not read it.'),
  row('csrrsi', 'csri', 6, 'Reads a CSR into rd and sets the bits of a 5-bit immediate; 0 does not write it.'),
  row('csrrci', 'csri', 7, 'Reads a CSR into rd and clears the bits of a 5-bit immediate; 0 does not write it.'),
];
