// Atomics off the fast path: misaligned ones, device memory, watched pages, pages with code, faults.

import { type VirtAddr, virt } from '../address.ts';
import { hartOffset, Status } from '../core/layout.ts';
import type { Access } from '../inspection.ts';
import type { Instruction } from '../isa/row.ts';
import type { HartContext } from './context.ts';
import type { Hart } from './hart.ts';
import { takeTrap } from './traps.ts';

type Operation = (loaded: bigint, operand: bigint, bits: number) => bigint;

const smaller = (a: bigint, b: bigint) => (a < b ? a : b);
const larger = (a: bigint, b: bigint) => (a > b ? a : b);
const signed =
  (choose: (a: bigint, b: bigint) => bigint): Operation =>
  (loaded, operand, bits) =>
    choose(BigInt.asIntN(bits, loaded), BigInt.asIntN(bits, operand));
const unsigned =
  (choose: (a: bigint, b: bigint) => bigint): Operation =>
  (loaded, operand, bits) =>
    choose(BigInt.asUintN(bits, loaded), BigInt.asUintN(bits, operand));

const operations: Readonly<Record<string, Operation>> = {
  amoswap: (_, operand) => operand,
  amoadd: (loaded, operand) => loaded + operand,
  amoxor: (loaded, operand) => loaded ^ operand,
  amoand: (loaded, operand) => loaded & operand,
  amoor: (loaded, operand) => loaded | operand,
  amomin: signed(smaller),
  amomax: signed(larger),
  amominu: unsigned(smaller),
  amomaxu: unsigned(larger),
};

const sizes = { b: 1, h: 2, w: 4, d: 8, q: 16 } as const;

export function executeAtomic(hart: Hart, instruction: Instruction, context: HartContext): number {
  const { row, operands } = instruction;
  const [name, width] = row.mnemonic.split('.') as [string, keyof typeof sizes];
  const size = sizes[width];
  const bits = size * 8;
  const address = BigInt.asUintN(context.xlen, hart.x(operands.rs1));
  const extend = (value: bigint) => BigInt.asUintN(64, BigInt.asIntN(bits, value));
  if (address % BigInt(size) !== 0n) {
    takeTrap(hart, name === 'lr' ? 4 : 6, address, false, context);
    return Status.trap;
  }
  const va = virt(address);
  if (name === 'lr') {
    const place = hostAddress(hart, va, 'load', size, context);
    const value = place === undefined ? undefined : context.load(hart, va, size);
    if (place === undefined || value === undefined) return Status.trap;
    hart.setWord(hartOffset.reservation, place);
    hart.setX(operands.rd, extend(value));
    return Status.done;
  }
  // A pair holds its upper half in the odd register; x0 is a pair of zeros.
  const pair = row.format === 'amo-pair';
  const half = bits / 2;
  const registers = (index: number) =>
    BigInt.asUintN(bits, pair && index ? joined(hart.x(index), hart.x(index + 1), half) : hart.x(index));
  const operand = registers(operands.rs2);
  if (name === 'sc') {
    const place = hostAddress(hart, va, 'store', size, context);
    if (place === undefined) return Status.trap;
    const held = hart.word(hartOffset.reservation) === place;
    hart.dropReservation();
    if (held && !context.store(hart, va, size, operand)) return Status.trap;
    hart.setX(operands.rd, held ? 0n : 1n);
    return Status.done;
  }
  // An AMO needs W even for its load (rule of the A chapter: faults are those of stores).
  const loaded = context.load(hart, va, size, 'store');
  if (loaded === undefined) return Status.trap;
  const swaps = name !== 'amocas' || loaded === registers(operands.rd);
  const result = operations[name]?.(loaded, operand, bits) ?? operand;
  if (swaps && !context.store(hart, va, size, BigInt.asUintN(bits, result))) return Status.trap;
  hart.setX(operands.rd, pair ? BigInt.asIntN(half, loaded) : extend(loaded));
  if (pair && operands.rd) hart.setX(operands.rd + 1, BigInt.asIntN(half, loaded >> BigInt(half)));
  return Status.done;
}

const joined = (low: bigint, high: bigint, half: number) => BigInt.asUintN(half, low) | (high << BigInt(half));

/** Where the address lies in linear memory, by which reservations are told apart; outside RAM there are none (access fault). */
function hostAddress(hart: Hart, va: VirtAddr, access: Access, size: number, context: HartContext): number | undefined {
  const pa = context.translate(hart, va, access, size);
  if (pa === undefined) return undefined;
  const page = context.guest.pageOf(pa);
  if (page !== undefined) return context.guest.touch(page) + Number(pa & 0xfffn);
  takeTrap(hart, access === 'load' ? 5 : 7, va, false, context);
  return undefined;
}
