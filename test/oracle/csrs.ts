// CSRs one by one, from M-mode: which numbers exist, and what a register holds after random values were written to it.

import { isReadOnly } from '../../emulator/csr/row.ts';
import { csrs } from '../../emulator/csr/table.ts';
import { assemble, powerOff } from './assemble.ts';
import { type Model, type Program, ramBase, runOurs, runTheirs, xlenOf } from './machines.ts';
import { integer, type Random } from './random.ts';

const dataAt = ramBase + 0x40_0000;
const resultsAt = ramBase + 0x80_0000;
/** Values written to each register. */
const VALUES = 12;

/** A register whose writes are compared, and bits in which both may differ. */
interface Written {
  readonly number: number;
  readonly name: string;
  readonly ignored: bigint;
}

const bits = (high: number, low: number) => ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);

/** Fields that QEMU holds otherwise; why stands in docs/oracle.md. */
const settled: Readonly<Record<string, bigint>> = {
  // Interrupts above 12 are reserved here.
  mie: bits(63, 13) | bits(12, 12) | bits(10, 10) | bits(6, 6) | bits(2, 2),
  mideleg: bits(63, 13) | bits(12, 12) | bits(10, 10) | bits(6, 6) | bits(2, 2),
  sie: bits(63, 13),
  mip: bits(63, 10) | bits(7, 6) | bits(3, 2),
  sip: bits(63, 10),
  // IALIGN is 16: bit 0 is always 0.
  mepc: 1n,
  sepc: 1n,
  // QEMU delegates exceptions of extensions that are not there.
  medeleg: bits(63, 16) | bits(14, 14) | bits(11, 10),
  // CBIE = 2 is reserved; CDE and P1P13 are switches of what neither has.
  menvcfg: bits(5, 4) | bits(60, 60),
  menvcfgh: bits(28, 28),
  mstateen0: bits(56, 56),
  mstateen0h: bits(24, 24),
  senvcfg: bits(5, 4),
  // UXL is fixed.
  mstatus: bits(33, 32),
  sstatus: bits(33, 32),
};

/** Left to other comparisons (locks of PMP, counters that run) or different by nature. */
function isLeftOut(name: string): boolean {
  return /^(pmp|mhpm|hpm|[mst]?(cycle|instret|time)|seed|mseccfg|t(select|data|info)|mcountinhibit)/.test(name);
}

export function writtenCsrs(model: Model): Written[] {
  const rows = csrs.filter(({ xlen, number }) => (xlen ?? xlenOf(model)) === xlenOf(model) && !isReadOnly(number));
  return rows
    .filter(({ name }) => !isLeftOut(name))
    .map(({ number, name }) => ({ number, name, ignored: settled[name] ?? 0n }));
}

/** Vectors get no reserved MODE: what is kept of such a write is left open. */
const valueFor = ({ name }: Written, value: bigint) => (name.endsWith('tvec') ? value & ~2n : value);

const csr = (number: number) => `0x${number.toString(16)}`;

/** A trap tells its cause plus one in s1 and goes on behind the instruction. */
const handler = `
.balign 4
handler:
  csrr s1, mcause
  addi s1, s1, 1
  csrr t6, mepc
  addi t6, t6, 4
  csrw mepc, t6
  mret
`;

/** Whatever was written, the program goes on in M-mode, without interrupts, with its handler. */
const recover = `
  csrw mstatus, s5
  csrw mtvec, s6
  csrw mie, zero
  csrw satp, zero
`;

function source(steps: readonly string[]): string {
  return `
  la s6, handler
  csrw mtvec, s6
  li s5, 0x7800
  csrw mstatus, s5
  li s0, ${dataAt}
  li s2, ${resultsAt}
  j start
  ${handler}
start:
  ${steps.join('\n')}
  ${powerOff}`;
}

/** Numbers that `csrr` reads in M-mode, of all 4096, as our machine and QEMU have it: cause plus one for each. */
export async function existing(model: Model): Promise<[ours: number[], theirs: number[]]> {
  const numbers = Array.from({ length: 4096 }, (_, number) => number);
  const read = (number: number) => `li s1, 0\ncsrr t1, ${csr(number)}\nS s1, 0(s2)\naddi s2, s2, 8`;
  const bytes = assemble(source(numbers.map(read)), xlenOf(model));
  const program = { pieces: [{ address: ramBase, bytes }], compared: [{ address: resultsAt, length: 4096 * 8 }] };
  const causes = (result: Uint8Array) => numbers.map((number) => result[number * 8] as number);
  const [ours, theirs] = await both(model, program);
  return [causes(ours), causes(theirs)];
}

async function both(model: Model, program: Program): Promise<[Uint8Array, Uint8Array]> {
  const [ours] = runOurs(model, program);
  const [theirs] = await runTheirs(model, program);
  return [ours as Uint8Array, theirs as Uint8Array];
}

/** Writes random values and reads back; the first disagreement in words. */
export async function compareWrites(model: Model, random: Random): Promise<string | undefined> {
  const xlen = xlenOf(model);
  const cases = writtenCsrs(model).flatMap((row) =>
    Array.from({ length: VALUES }, () => ({ row, value: valueFor(row, BigInt.asUintN(xlen, integer(random))) })),
  );
  const steps = cases.map(
    ({ row }) => `
  L t0, 0(s0)
  addi s0, s0, 8
  li s1, 0
  li t1, 0
  csrw ${csr(row.number)}, t0
  csrr t1, ${csr(row.number)}
  ${recover}
  S t1, 0(s2)
  S s1, 8(s2)
  addi s2, s2, 16`,
  );
  const bytes = assemble(source(steps), xlen);
  const data = new BigUint64Array(cases.map(({ value }) => value));
  const program = {
    pieces: [
      { address: ramBase, bytes },
      { address: dataAt, bytes: new Uint8Array(data.buffer) },
    ],
    compared: [{ address: resultsAt, length: cases.length * 16 }],
  };
  const [ours, theirs] = (await both(model, program)).map((result) => new DataView(result.buffer, result.byteOffset));
  const wide = (view: DataView | undefined, at: number) => BigInt.asUintN(xlen, view?.getBigUint64(at, true) ?? 0n);
  for (const [index, { row, value }] of cases.entries()) {
    const [held, cause] = [wide(ours, index * 16), wide(ours, index * 16 + 8)];
    const [expected, expectedCause] = [wide(theirs, index * 16), wide(theirs, index * 16 + 8)];
    if ((held & ~row.ignored) === (expected & ~row.ignored) && cause === expectedCause) continue;
    const hex = (number: bigint) => `0x${number.toString(16)}`;
    return `${row.name} after ${hex(value)}: ours ${hex(held)} (trap ${cause}), QEMU ${hex(expected)} (trap ${expectedCause})`;
  }
  return undefined;
}
