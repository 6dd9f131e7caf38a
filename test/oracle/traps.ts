// Random traps: a case sets the CSRs that steer them, enters a mode by mret, and runs a few instructions there. Who takes
// which trap, interrupt or exception, and what it finds in its CSRs, is compared.

import { type Model, type Program, ramBase, runOurs, runTheirs, xlenOf } from './machines.ts';
import { integer, type Random } from './random.ts';
import {
  clint,
  dumpEntry,
  dumpOf,
  floatsOn,
  previousMachine,
  type RegisterCase,
  registerProgram,
  vectors,
} from './register-harness.ts';
import { differences, listing } from './report.ts';
import { settleTraps } from './settled.ts';

const slots = ramBase + 0x20_0000;
const slotBytes = 128;
const casesAProgram = 4096;
/** Handlers of S-mode: 16 vectors of ecall, then 16 of ebreak. */
const handlers = ramBase + 0x80_0000;
const ebreaks = handlers + 0x100;

const [ECALL, EBREAK, MRET, SRET, WFI] = [0x73, 0x10_0073, 0x3020_0073, 0x1020_0073, 0x1050_0073] as const;
const write = (csr: number, register: number) => (csr << 20) | (register << 15) | (1 << 12) | 0x73;
const read = (csr: number, register: number) => (csr << 20) | (2 << 12) | (register << 7) | 0x73;
const storeWord = (value: number, base: number, offset: number) =>
  (value << 20) | (base << 15) | (2 << 12) | (offset << 7) | 0x23;

export interface TrapCase extends RegisterCase {
  readonly words: readonly number[];
  readonly set: readonly (readonly [csr: number, value: bigint])[];
}

const chance = (random: Random, bits: bigint) => (random.once(2) ? bits : 0n);
const manyBits = (random: Random) => (random.once(3) ? 0n : random.once(3) ? ~0n : random.bits64());

const [SIE, MPIE, SPIE, SPP, MPRV, SUM, MXR, TVM, TW, TSR] = [1, 7, 5, 8, 17, 18, 19, 20, 21, 22].map(
  (bit) => 1n << BigInt(bit),
) as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/** UXL and SXL stay 64 bits: QEMU would take other widths. */
const WIDTHS = 0xa_0000_0000n;
/** mie's and mip's bits of the standard interrupts; QEMU has writable ones above. */
const INTERRUPTS = 0xaaan;

function statusOf(random: Random): bigint {
  const switches = [SIE, MPIE, SPIE, SPP, MPRV, SUM, MXR, TVM, TW, TSR];
  const privilege = random.of([0n, 0n, 1n, 1n, 1n, 3n]) << 11n;
  return switches.reduce(
    (bits, bit) => bits | chance(random, bit),
    WIDTHS | privilege | (BigInt(random.below(4)) << 13n),
  );
}

/** Numbers of CSRs that a lower mode may try, and whether it may write there what it likes. */
const tried = [0x100, 0x104, 0x106, 0x140, 0x142, 0x143, 0x144, 0x300, 0x304, 0x344, 0x7c0, 0x003];
const onlyRead = [0x105, 0x180, 0x14d, 0xc00, 0xc01, 0xc02, 0xc03, 0xf14, 0x301, 0x3a0, 0xb00];

/** CSRs whose values differ between machines by nature: only whether they may be read is compared. */
const unlike = [0x14d, 0xc00, 0xc01, 0xc02, 0xc03, 0xb00];

function instruction(mayWait: boolean, random: Random): number {
  const csr = random.of(tried);
  switch (random.below(12)) {
    case 0:
      return random.of([ECALL, EBREAK]);
    case 1:
      return random.of([SRET, MRET]);
    case 2:
      return mayWait ? WFI : ECALL;
    case 3:
      // sfence.vma, sinval.vma (QEMU lets U-mode execute sfence.w.inval: docs/oracle.md, svinval-in-u)
      return random.of([0x12 << 24, 0x16 << 24]) | 0x73;
    case 4:
    case 5: {
      const number = random.of(onlyRead);
      return read(number, unlike.includes(number) ? 0 : 28);
    }
    case 6:
      // Reserved encodings.
      return random.of([0x0000_0000, 0xffff_ffff | 0, 0x0000_707f, 0x4000_0073]);
    case 7:
      // A load, a store and an AMO where nothing is, and misaligned.
      return random.of([0x0003_2e03 & ~0x1000, 0x01c3_2023, 0x01c3_2e2f, 0x0003_2e2f | (2 << 27)]);
    default: {
      const isStatus = csr === 0x100 || csr === 0x300;
      return (
        (csr << 20) |
        (random.of([7, 29, 0]) << 15) |
        (random.of(isStatus ? [2, 3] : [1, 2, 3]) << 12) |
        (28 << 7) |
        0x73
      );
    }
  }
}

function caseOf(xlen: 32 | 64, slot: number, random: Random): TrapCase {
  const x = BigUint64Array.from({ length: 32 }, () => integer(random));
  const entry = slots + slot * slotBytes;
  const medeleg = manyBits(random);
  // S-mode's handler must come back to M-mode by something that is not delegated to itself.
  const byEcall = random.once(2);
  const handler = BigInt(byEcall ? handlers : ebreaks);
  const [mie, mip] = [manyBits(random) & INTERRUPTS, BigInt(random.bits()) & 0x222n];
  const machine = { software: random.once(4), timer: random.once(4) };
  const pending = (machine.software ? 8n : 0n) | (machine.timer ? 0x80n : 0n);
  const timerOfSupervisor = random.once(4) ? 1n << 63n : 0n;
  const mstatus = statusOf(random);
  // QEMU's sip does not always show STIP to M-mode (docs/oracle.md, stip-in-m).
  const due = random.once(2) && (mstatus & previousMachine) !== previousMachine ? 0n : ~0n;
  const set: [number, bigint][] = [
    [0x302, medeleg & ~(byEcall ? 0x200n : 8n)],
    [0x303, manyBits(random)],
    [0x304, mie],
    [0x305, random.once(2) ? BigInt(vectors) | 1n : BigInt(dumpEntry)],
    [0x105, handler | chance(random, 1n)],
    [0x306, manyBits(random)],
    [0x106, manyBits(random)],
    // In this order: QEMU compares when stimecmp is written (docs/oracle.md, stce-late).
    ...(xlen === 64 ? [[0x30a, timerOfSupervisor] as [number, bigint]] : []),
    [0x14d, due],
    [0x344, mip],
    [0x300, mstatus],
  ];
  const prologue = set.map(([csr, value], index) => {
    const register = 8 + index;
    x[register] = BigInt.asUintN(xlen, value);
    return write(csr, register);
  });
  const [value, base] = [30, 31];
  x[value] = machine.timer ? 0n : ~0n & 0xffff_ffffn;
  x[base] = BigInt(clint.mtimecmp);
  // What the body writes to CSRs; not 0, for then QEMU's csrrs and csrrc do not write (docs/oracle.md, empty-masks).
  x[7] = (random.bits64() & INTERRUPTS) | 0x80n;
  x[29] = (random.bits64() & INTERRUPTS) | 0x80n;
  x[27] = machine.software ? 1n : 0n;
  x[26] = BigInt(clint.msip);
  const stores = [storeWord(value, base, 0), storeWord(value, base, 4), storeWord(27, 26, 0)];
  // x5 holds the beginning of the body, x25 its end; x6 is an address with nothing behind it.
  // Only what lower modes cannot take back lets wfi end.
  const wakes = (mie & pending & 0x88n) !== 0n;
  const body = Array.from({ length: 4 }, (_, index) => instruction(wakes && index === 0, random));
  const before = (stores.length + prologue.length + 3) * 4;
  x[5] = BigInt(entry + before);
  x[25] = BigInt(entry + before + 4 * body.length);
  x[6] = 0xc000_0000n;
  const words = [...stores, write(0x341, 5), write(0x141, 25), ...prologue, MRET, ...body, ECALL, EBREAK];
  return {
    words,
    set,
    entry,
    x,
    f: new BigUint64Array(32),
    fcsr: 0,
    mstatus: previousMachine | floatsOn,
    window: handlers,
  };
}

/** A program of trap cases. */
export function trapProgram(model: Model, random: Random): { cases: TrapCase[]; program: Program } {
  const xlen = xlenOf(model);
  const cases = Array.from({ length: casesAProgram }, (_, slot) => caseOf(xlen, slot, random));
  const code = new Uint32Array((casesAProgram * slotBytes) / 4).fill(EBREAK);
  for (const { words, entry } of cases) code.set(Uint32Array.from(words), (entry - slots) / 4);
  const table = Uint32Array.from({ length: 128 }, (_, index) => (index < 64 ? ECALL : EBREAK));
  const program = registerProgram(xlen, cases, [
    { address: slots, bytes: new Uint8Array(code.buffer) },
    { address: handlers, bytes: new Uint8Array(table.buffer) },
  ]);
  return { cases, program };
}

/** Runs one program; what the machines do not agree in, or undefined. */
export async function compareTraps(model: Model, random: Random): Promise<string | undefined> {
  const xlen = xlenOf(model);
  const { cases, program } = trapProgram(model, random);
  const theirs = runTheirs(model, program);
  const [mine] = runOurs(model, program) as [Uint8Array];
  const [other] = (await theirs) as [Uint8Array];
  for (const [index, each] of cases.entries()) {
    const [a, b] = [dumpOf(mine, index), dumpOf(other, index)];
    settleTraps(a, b, xlen);
    const text = differences(a, b);
    if (!text) continue;
    const set = each.set.map(([csr, value]) => `0x${csr.toString(16)}=0x${BigInt.asUintN(xlen, value).toString(16)}`);
    return `case ${index}: ${set.join(' ')}\n${listing(each.words, each.entry, xlen)}\n${text}`;
  }
  return undefined;
}
