// Runs one floating-point instruction on registers of its own, and makes operands that hit the corners.

import assert from 'node:assert/strict';
import { decode } from '../../emulator/isa/decode.ts';
import { executeFp, type FpState } from '../../emulator/isa/fp/execute.ts';
import type { Instruction } from '../../emulator/isa/row.ts';
import { instructionNamed, instructions } from '../../emulator/isa/table.ts';

/** The rows of F and D; those of Zfh and Zfa are compared with QEMU by test/oracle. */
export const fpRows = instructions.filter(({ host, extension }) => host === 'fp' && /^[FD]$/.test(extension));

export interface Outcome {
  /** False: the rounding mode is reserved. */
  readonly legal: boolean;
  /** rd as the register file holds it: a single boxed, an integer sign-extended. */
  readonly result: bigint;
  readonly flags: number;
}

export const dynamic = 7;

const known = new Map<string, Instruction>();

/** The instruction as the decoder gives it, with rd = 4, rs1 = 1, rs2 = 2, rs3 = 3. */
function instructionFor(mnemonic: string, rm: number): Instruction {
  const key = `${mnemonic} ${rm}`;
  const cached = known.get(key);
  if (cached) return cached;
  const row = instructionNamed(mnemonic, 64);
  assert.ok(row, `${mnemonic} is in the table`);
  const fields = (3 << 27) | (rm << 12) | (2 << 20) | (1 << 15) | (4 << 7);
  const instruction = decode(row.match | (fields & ~row.mask), 64);
  assert.equal(instruction?.row, row);
  known.set(key, instruction);
  return instruction;
}

/** Executes with the operands in f1 to f3, the first in x1 too; the result is in f4 or x4. `rm` is the mode in the instruction. */
export function execute(mnemonic: string, operands: readonly bigint[], frm = 0, rm = dynamic): Outcome {
  const instruction = instructionFor(mnemonic, rm);
  const [f, x] = [
    [0n, ...operands, 0n, 0n, 0n],
    [0n, operands[0] ?? 0n],
  ];
  let flags = 0;
  let result = 0n;
  const set = (index: number, value: bigint): void => {
    if (index === 4) result = value;
  };
  const state: FpState = {
    f: (index) => f[index] ?? 0n,
    x: (index) => x[index] ?? 0n,
    setF: set,
    setX: set,
    frm,
    raise: (raised) => {
      flags |= raised;
    },
  };
  return { legal: executeFp(instruction, state), result, flags };
}

/** A seeded source of random numbers (xorshift64*), so that a failure can be repeated. */
export class Random {
  private state: bigint;

  constructor(seed: bigint) {
    this.state = seed;
  }

  bits64(): bigint {
    let state = this.state;
    state ^= state >> 12n;
    state ^= BigInt.asUintN(64, state << 25n);
    state ^= state >> 27n;
    this.state = state;
    return BigInt.asUintN(64, state * 0x2545f4914f6cdd1dn);
  }

  below(bound: number): number {
    return Number(this.bits64() >> 33n) % bound;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

const view = new DataView(new ArrayBuffer(8));

export function bitsOfDouble(value: number): bigint {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

export function doubleOfBits(bits: bigint): number {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

/** The encoding without its box. */
export function bitsOfSingle(value: number): bigint {
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

export function singleOfBits(bits: bigint): number {
  view.setUint32(0, Number(bits));
  return view.getFloat32(0);
}

export function boxed(single: bigint): bigint {
  return 0xffff_ffff_0000_0000n | single;
}

/** Zeros, subnormals, halves, integers' bounds, overflow's edge, infinities, NaNs; each with both signs. */
function corners(fractionBits: number, exponentBits: number): bigint[] {
  const [f, bias] = [BigInt(fractionBits), (1n << BigInt(exponentBits - 1)) - 1n];
  const infinity = ((1n << BigInt(exponentBits)) - 1n) << f;
  const power = (exponent: bigint): bigint => (bias + exponent) << f;
  const values = [0n, 1n, 2n, 3n, (1n << f) - 1n, 1n << f, (1n << f) + 1n, infinity - 1n, infinity - 2n, infinity];
  values.push(infinity + 1n, infinity | (1n << (f - 1n)), (infinity << 1n) - infinity + (1n << f) - 1n);
  for (const exponent of [-f - 1n, -f, -2n, -1n, 0n, 1n, f - 1n, f, f + 1n, 30n, 31n, 32n, 62n, 63n, 64n]) {
    values.push(power(exponent), power(exponent) - 1n, power(exponent) + 1n, power(exponent) | (1n << (f - 1n)));
  }
  const sign = 1n << (f + BigInt(exponentBits));
  return values.flatMap((value) => [value, value | sign]);
}

const singleCorners = corners(23, 8);
const doubleCorners = corners(52, 11);
const integerCorners = [
  0n,
  1n,
  -1n,
  0x7fff_ffffn,
  -0x8000_0000n,
  0x8000_0000n,
  0xffff_ffffn,
  1n << 63n,
  (1n << 63n) - 1n,
];

/** A number whose product with another such is just around the smallest normal number. */
function nearUnderflow(random: Random, fractionBits: number, exponentBits: number): bigint {
  const ones = (1n << BigInt(fractionBits)) - 1n;
  const fraction = random.pick([0n, 1n, 2n, ones - 2n, ones - 1n, ones, random.bits64() & ones]);
  const exponent = (1n << BigInt(exponentBits - 2)) - BigInt(random.below(2));
  const sign = BigInt(random.below(2)) << BigInt(fractionBits + exponentBits);
  return sign | (exponent << BigInt(fractionBits)) | fraction;
}

/** The encoding of a single: a corner, anything, one near 1 so that operands meet, or one at underflow's edge. */
export function randomSingle(random: Random): bigint {
  const bits = random.bits64() >> 32n;
  const near = (bits & 0x83ff_ffffn) + 0x3d80_0000n;
  return [random.pick(singleCorners), bits, near, nearUnderflow(random, 23, 8)][random.below(4)] as bigint;
}

export function randomDouble(random: Random): bigint {
  const bits = random.bits64();
  const near = (bits & 0x803f_ffff_ffff_ffffn) + 0x3fd0_0000_0000_0000n;
  return [random.pick(doubleCorners), bits, near, nearUnderflow(random, 52, 11)][random.below(4)] as bigint;
}

export function randomInteger(random: Random): bigint {
  const integer = random.below(4) ? random.bits64() >> BigInt(random.below(64)) : random.pick(integerCorners);
  return BigInt.asUintN(64, random.below(2) ? integer : -integer);
}
