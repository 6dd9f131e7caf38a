// RV32A and RV64A (unprivileged manual, "A Extension for Atomic Instructions"). The aq and rl bits order nothing more:
// harts take turns, so memory is sequentially consistent.

import type { AmoOperation } from '../core/emitter.ts';
import { type I32, type I64, i32, i64, select } from '../wasm/code.ts';
import { amoType } from './encoding.ts';
import type { InstructionRow } from './row.ts';

type Pair = readonly [InstructionRow, InstructionRow];

const suffix = { 4: 'w', 8: 'd' } as const;

function both(make: (size: 4 | 8) => InstructionRow): Pair {
  return [make(4), make(8)];
}

function row(
  name: string,
  size: 4 | 8,
  format: InstructionRow['format'],
  funct5: number,
  text: string,
  semantics: NonNullable<InstructionRow['semantics']>,
): InstructionRow {
  const encoding = amoType(funct5, size === 4 ? 2 : 3);
  // lr has no rs2: the field must be zero.
  const lr = { mask: encoding.mask | 0x01f00000, match: encoding.match };
  return {
    mnemonic: `${name}.${suffix[size]}`,
    extension: 'A',
    xlen: size === 8 ? 64 : 'any',
    format,
    ...(format === 'lr' ? lr : encoding),
    text,
    semantics,
  };
}

function amo(name: string, funct5: number, words: string, operation: AmoOperation): Pair {
  const text = `Loads from rs1 into rd and stores ${words} there, as one access.`;
  return both((size) => row(name, size, 'amo', funct5, text, (e) => e.amo(size, operation)));
}

const minimum =
  (less: (a: I64, b: I64) => I32): AmoOperation =>
  (loaded, operand) =>
    select(loaded, operand, less(loaded, operand));
const maximum =
  (less: (a: I64, b: I64) => I32): AmoOperation =>
  (loaded, operand) =>
    select(loaded, operand, i32.eqz(less(loaded, operand)));

export const rvA: readonly InstructionRow[] = [
  both((size) =>
    row('lr', size, 'lr', 2, 'Loads from rs1 and reserves the address for a following sc.', (e) =>
      e.loadReserved(size),
    ),
  ),
  both((size) =>
    row('sc', size, 'amo', 3, 'Stores rs2 at rs1 if the reservation still holds; rd = 0 if it did, else 1.', (e) =>
      e.storeConditional(size),
    ),
  ),
  amo('amoswap', 1, 'rs2', (_, operand) => operand),
  amo('amoadd', 0, 'the sum with rs2', i64.add),
  amo('amoxor', 4, 'the exclusive or with rs2', i64.xor),
  amo('amoand', 12, 'the and with rs2', i64.and),
  amo('amoor', 8, 'the or with rs2', i64.or),
  amo('amomin', 16, 'the signed minimum with rs2', minimum(i64.ltS)),
  amo('amomax', 20, 'the signed maximum with rs2', maximum(i64.ltS)),
  amo('amominu', 24, 'the unsigned minimum with rs2', minimum(i64.ltU)),
  amo('amomaxu', 28, 'the unsigned maximum with rs2', maximum(i64.ltU)),
].flat();
