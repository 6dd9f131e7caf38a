// RV32A and RV64A (unprivileged manual, "A Extension for Atomic Instructions"), Zacas and Zabha. The aq and rl bits order nothing more:
// harts take turns, so memory is sequentially consistent.

import type { AmoOperation, Emitter } from '../core/emitter.ts';
import { type I32, type I64, i32, i64, select } from '../wasm/code.ts';
import { amoType, lrType } from './encoding.ts';
import type { InstructionRow } from './row.ts';

type Size = 1 | 2 | 4 | 8 | 16;

/** Mnemonic suffix and funct3 of each size. */
const widths = { 1: ['b', 0], 2: ['h', 1], 4: ['w', 2], 8: ['d', 3], 16: ['q', 4] } as const;

const rowsOf =
  (extension: string) =>
  (
    name: string,
    size: Size,
    format: InstructionRow['format'],
    funct5: number,
    text: string,
    semantics: InstructionRow['semantics'],
    xlen: InstructionRow['xlen'] = size === 8 ? 64 : 'any',
  ): InstructionRow => {
    const [suffix, funct3] = widths[size];
    return {
      mnemonic: `${name}.${suffix}`,
      extension,
      xlen,
      format,
      ...(format === 'lr' ? lrType(funct3) : amoType(funct5, funct3)),
      text,
      ...(semantics ? { semantics } : { host: 'amo' }),
    };
  };

const a = rowsOf('A');
const zabha = rowsOf('Zabha');
const zacas = rowsOf('Zacas');

type Amo = readonly [name: string, funct5: number, words: string, operation: AmoOperation];

const minimum =
  (less: (a: I64, b: I64) => I32): AmoOperation =>
  (loaded, operand) =>
    select(loaded, operand, less(loaded, operand));
const maximum =
  (less: (a: I64, b: I64) => I32): AmoOperation =>
  (loaded, operand) =>
    select(loaded, operand, i32.eqz(less(loaded, operand)));

/** Read-modify-write operations, which every size has. */
const operations: readonly Amo[] = [
  ['amoswap', 1, 'rs2', (_, operand) => operand],
  ['amoadd', 0, 'the sum with rs2', i64.add],
  ['amoxor', 4, 'the exclusive or with rs2', i64.xor],
  ['amoand', 12, 'the and with rs2', i64.and],
  ['amoor', 8, 'the or with rs2', i64.or],
  ['amomin', 16, 'the signed minimum with rs2', minimum(i64.ltS)],
  ['amomax', 20, 'the signed maximum with rs2', maximum(i64.ltS)],
  ['amominu', 24, 'the unsigned minimum with rs2', minimum(i64.ltU)],
  ['amomaxu', 28, 'the unsigned maximum with rs2', maximum(i64.ltU)],
];

const amos = (row: ReturnType<typeof rowsOf>, sizes: readonly (1 | 2 | 4 | 8)[]) =>
  operations.flatMap(([name, funct5, words, operation]) =>
    sizes.map((size) => {
      const text = `Loads from rs1 into rd and stores ${words} there, as one access.`;
      return row(name, size, 'amo', funct5, text, (e) => e.amo(size, operation));
    }),
  );

export const rvA: readonly InstructionRow[] = [
  ...([4, 8] as const).map((size) =>
    a('lr', size, 'lr', 2, 'Loads from rs1 and reserves the address for a following sc.', (e) => e.loadReserved(size)),
  ),
  ...([4, 8] as const).map((size) =>
    a('sc', size, 'amo', 3, 'Stores rs2 at rs1 if the reservation still holds; rd = 0 if it did, else 1.', (e) =>
      e.storeConditional(size),
    ),
  ),
  ...amos(a, [4, 8]),
];

const CAS = 5;
const casText = 'Loads from rs1 into rd and, where that equals what rd was, stores rs2 there, as one access.';
const pairText = `${casText} The operands are pairs of registers, the lower half in the even one.`;

const compareAndSwap = (size: 1 | 2 | 4 | 8) => (e: Emitter) => {
  const expected = e.keep(e.rdBefore);
  const unused = i64.const(64 - size * 8);
  e.amo(size, (loaded, operand) => select(operand, loaded, i64.eqz(i64.shl(i64.xor(loaded, expected), unused))));
};

/** Unprivileged manual, chapters "Zacas" and "Zabha"; what needs register pairs is executed by the host. */
export const zacasZabha: readonly InstructionRow[] = [
  zacas('amocas', 4, 'amo', CAS, casText, compareAndSwap(4)),
  zacas('amocas', 8, 'amo', CAS, casText, compareAndSwap(8), 64),
  zacas('amocas', 8, 'amo-pair', CAS, pairText, undefined, 32),
  zacas('amocas', 16, 'amo-pair', CAS, pairText, undefined, 64),
  ...amos(zabha, [1, 2]),
  ...([1, 2] as const).map((size) => ({
    ...zabha('amocas', size, 'amo', CAS, casText, compareAndSwap(size)),
    alsoNeeds: 'Zacas',
  })),
];
