// Unprivileged manual, chapter '"Zicond" Extension for Integer Conditional Operations'.

import type { Emitter } from '../core/emitter.ts';
import { i64, select } from '../wasm/code.ts';
import { rType } from './encoding.ts';
import type { InstructionRow } from './row.ts';

function row(mnemonic: string, funct3: number, text: string, semantics: (e: Emitter) => void): InstructionRow {
  const encoding = rType(0x07, funct3, 0x33);
  return { mnemonic, extension: 'Zicond', xlen: 'any', format: 'R', ...encoding, text, semantics };
}

const zero = i64.const(0);

export const zicond: readonly InstructionRow[] = [
  row('czero.eqz', 5, 'Gives 0 where rs2 is zero, else rs1.', (e) => e.rd(select(zero, e.rs1, i64.eqz(e.rs2)))),
  row('czero.nez', 7, 'Gives 0 where rs2 is not zero, else rs1.', (e) => e.rd(select(e.rs1, zero, i64.eqz(e.rs2)))),
];
