// Random programs as guests: in M-mode, or in S- or U-mode under paging, on one hart or on several that share memory.

import { Csr } from '../../../emulator/hart/csr-numbers.ts';
import { createMachine, type MachineControl, type MachineOptions, phys, virt } from '../../../emulator/index.ts';
import { isaText, parseIsa } from '../../../emulator/isa/isa-string.ts';
import { type PagingMode, Sv32, Sv39, Sv48, Sv57 } from '../../../emulator/mmu/modes.ts';
import { floating, integer, Random } from '../../oracle/random.ts';
import type { Guest } from '../compare.ts';
import { MRET } from './assembler.ts';
import { frame, handlersFor, shared } from './handlers.ts';
import {
  bareLayout,
  codePages,
  firstPage,
  frameBytes,
  type Layout,
  pageBytes,
  pagedLayout,
  places,
  ramBase,
  ramBytes,
  stackBytes,
  windowPages,
} from './layout.ts';
import { type Program, programFor, ROUNDS } from './program.ts';
import { bases, chance, hart as hartNumber, stack } from './registers.ts';

/** FS and VS on, SUM, and MPIE; MPP is added. */
const STATUS = (3n << 13n) | (1n << 18n) | (1n << 7n);
const mtimecmp = 0x0200_4000;

const modesOf = { 32: [undefined, Sv32], 64: [undefined, Sv39, Sv48, Sv57] } as const;

/** Everything that there is, with compressed instructions or without. */
function isaFor(xlen: 32 | 64, compressed: boolean): string {
  const isa = isaText(parseIsa(`rv${xlen}max`));
  if (compressed) return isa;
  return isa.replace(/^(rv\d+[abd-z]*)c/, '$1').replace(/_zc[a-z]*/g, '');
}

interface Start {
  readonly x: readonly bigint[];
  readonly f: readonly bigint[];
  readonly csrs: readonly (readonly [number: number, value: bigint])[];
}

function startsOf(
  layout: Layout,
  harts: number,
  xlen: 32 | 64,
  entry: bigint,
  M: bigint,
  S: bigint,
  random: Random,
): Start[] {
  const { mode } = layout;
  const previous = mode ? (layout.user ? 0n : 1n) : 3n;
  // Exceptions of M-mode alone stay there, and some others now and then.
  const delegated = 0xb1ffn & ~(random.once(3) ? 1n << BigInt(random.of([2, 3, 4, 6, 8, 12, 13, 15])) : 0n);
  const satp = mode && (BigInt(mode.code) << (xlen === 64 ? 60n : 31n)) | BigInt(layout.root >>> 12);
  const timers = mode ? random.of([0x22n, 0xa2n]) : 0x80n;
  return Array.from({ length: harts }, (_, id) => {
    const x = Array.from({ length: 32 }, () => BigInt.asUintN(xlen, integer(random)));
    x[stack] = layout.window + BigInt(firstPage.stack * pageBytes + (id + 1) * stackBytes - 64);
    x[chance] = BigInt(1 + random.below(1 << 30));
    x[hartNumber] = BigInt(id);
    for (const base of bases) x[base] = random.of(layout.data.slice(1));
    const frames = BigInt(places.frames + 2 * id * frameBytes);
    const csrs: [number, bigint][] = [
      [Csr.mcounteren, 0xffff_ffffn],
      [Csr.scounteren, 7n],
      [Csr.menvcfg, random.of([0xf0n, 0x10n]) | (xlen === 64 ? (1n << 63n) | (BigInt(random.below(2)) << 61n) : 0n)],
      [Csr.menvcfg + 0x10, (1n << 31n) | (BigInt(random.below(2)) << 29n)],
      [Csr.senvcfg, 0xf0n],
      [Csr.pmpaddr0, BigInt.asUintN(xlen === 64 ? 54 : 32, -1n)],
      [Csr.pmpcfg0, 0x1fn],
      [Csr.mtvec, M],
      [Csr.stvec, S],
      [Csr.mscratch, frames],
      [Csr.sscratch, frames + BigInt(frameBytes)],
      [Csr.mepc, entry],
      [Csr.medeleg, mode ? delegated : 0n],
      [Csr.mideleg, mode ? 0x222n : 0n],
      [Csr.mie, timers | 8n],
      [Csr.stimecmph, 0n],
      [Csr.stimecmp, BigInt(1 + random.below(100))],
      [Csr.satp, satp ?? 0n],
      [Csr.mstatus, STATUS | (previous << 11n) | (previous === 1n ? 2n : 0n)],
    ];
    return { x, f: Array.from({ length: 32 }, () => floating(random)), csrs };
  });
}

/** The guest of a seed. */
export function fuzzGuest(xlen: 32 | 64, harts: number, seed: number): Guest {
  const random = new Random(seed);
  const mode: PagingMode | undefined = random.of<PagingMode | undefined>(modesOf[xlen]);
  const layout = mode ? pagedLayout(mode, random.once(3), random) : bareLayout();
  const compressed = !random.once(6);
  const program = programFor({ xlen, layout, harts, compressed }, random);
  const handlers = handlersFor(layout, xlen, random.of([16, 128, 1024]));
  const { entry } = program;
  const starts = startsOf(layout, harts, xlen, entry, handlers.M, handlers.S, random);
  const pieces = piecesOf(layout, harts, program, handlers.bytes, random);
  const quantum = harts === 1 ? {} : { quantum: random.of([40, 300, 2000]) };
  const misaligned = random.once(5) ? 'trap' : 'supported';
  const isa = isaFor(xlen, compressed);
  const mmu = xlen === 32 ? 'sv32' : 'sv57';
  const rounds = (machine: MachineControl, id: number) => {
    const top = layout.physicalOf(firstPage.stack + ((id + 1) * stackBytes) / pageBytes - 1) + pageBytes - 64;
    const bytes = machine.readPhysical(phys(BigInt(top + ROUNDS)), 4);
    return new DataView(bytes.slice().buffer).getUint32(0, true);
  };
  const at = (page: number, offset: number) => ({
    virtual: virt(layout.window + BigInt(page * pageBytes + offset)),
    physical: phys(BigInt(layout.physicalOf(page) + offset)),
  });
  const where = `${mode?.name ?? 'bare'}${layout.user ? ', U-mode' : ''}${compressed ? '' : ', no C'}`;
  return {
    name: `RV${xlen}, ${where}, ${harts} harts, the random program of seed ${seed},`,
    machine(options: Partial<MachineOptions>) {
      const ram = phys(BigInt(ramBase));
      const plan = { xlen, isa, mmu, firmware: 'none', privilege: 3, entry: ram, segments: [], dtb: phys(0n) } as const;
      const hardware = { memory: BigInt(ramBytes), harts, isa, mmu, misaligned, ...quantum, ...options } as const;
      const machine = createMachine(hardware, { ...plan, kernel: { start: ram, end: ram } });
      for (const [address, bytes] of pieces) machine.writePhysical(phys(BigInt(address)), bytes);
      for (const [id, { x, f, csrs }] of starts.entries()) {
        for (const [number, value] of csrs) machine.setCsr(id, number, BigInt.asUintN(xlen, value));
        for (let index = 1; index < 32; index += 1) machine.setX(id, index, x[index] as bigint);
        for (let index = 0; index < 32; index += 1) machine.setF(id, index, f[index] as bigint);
      }
      return machine;
    },
    code(some) {
      const offset = 2 * some.below(program.size / 2);
      return at(Math.floor(offset / pageBytes), offset % pageBytes);
    },
    data(some) {
      return at(some.below(windowPages), some.below(pageBytes - 8));
    },
    lost(machine) {
      const idle = machine.harts.filter(({ id, instret }) => rounds(machine, id) === 0 && instret > 300_000n);
      const [one] = idle;
      return one && `hart ${one.id} comes to nothing at ${one.pc.toString(16)}, round ${rounds(machine, one.id)}`;
    },
  };
}

/** What is in memory before the first instruction, by address. */
function piecesOf(layout: Layout, harts: number, { bytes, sites }: Program, handlers: Uint8Array, random: Random) {
  const word = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);
  const long = (value: bigint) => new Uint8Array(BigUint64Array.of(value).buffer);
  const pieces: [number, Uint8Array][] = [
    [places.boot, word(MRET)],
    [places.handlers, handlers],
    [places.tables, layout.tables],
  ];
  const other = bytes.slice();
  for (const { label, words } of sites) {
    const at = Number((label.address as bigint) - layout.window);
    other.set(word(random.of(words)), at);
  }
  for (let page = 0; page < codePages; page += 1) {
    const [from, to] = [page * pageBytes, (page + 1) * pageBytes];
    if (layout.mode) pieces.push([layout.twinOf(page), other.subarray(from, to)]);
    pieces.push([layout.physicalOf(page), bytes.subarray(from, to)]);
  }
  for (let page = firstPage.data; page < firstPage.device; page += 1) {
    const data = Uint32Array.from({ length: pageBytes / 4 }, () => random.bits());
    pieces.push([layout.physicalOf(page), new Uint8Array(data.buffer)]);
  }
  const sharedAt = BigInt(layout.physicalOf(firstPage.shared));
  for (let id = 0; id < harts; id += 1) {
    pieces.push([mtimecmp + 8 * id, long(BigInt(1 + random.below(100)))]);
    for (const at of [0, frameBytes].map((offset) => places.frames + 2 * id * frameBytes + offset)) {
      pieces.push([at + frame.seed, word(random.bits())]);
      pieces.push([at + frame.sharedAt, long(sharedAt)]);
      pieces.push([at + frame.windowAt, long(layout.window)]);
    }
  }
  pieces.push([Number(sharedAt) + shared.lock, new Uint8Array(16)]);
  return pieces;
}
