// What an entry of a translation table holds that has no page's tag, or another page's: accesses to any other page with that
// entry fault in translated code as they do in the interpreter, above all to the pages of a table's first entry, where an
// empty tag is another one, and at the ends of pages and of the address space.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type MachineControl, type MachineOptions, phys, virt } from '../../emulator/index.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { bareMachine } from './bare.ts';

const ram = 0x8000_0000n;
const [SATP, STVEC, MSTATUS, MEDELEG, MTVEC, MEPC, PMPCFG] = [0x180, 0x105, 0x300, 0x302, 0x305, 0x341, 0x3a0];
const [A0, A1, S2, ROUNDS, FAULTS] = [10, 11, 18, 26, 27];

/**
 * Loops of one access or a few at a1; `call` returns from where it is mapped, or the handler does. The first has the first place
 * in the function table, which is 0, too, and would go on where it is entered by mistake.
 */
const accesses: Readonly<Record<string, string>> = {
  none: 'nop',
  lb: 'lb a0, 0(a1)',
  lh: 'lh a0, 0(a1)',
  lw: 'lw a0, 0(a1)',
  ld: 'ld a0, 0(a1)',
  sb: 'sb s10, 1(a1)',
  sh: 'sh s10, 2(a1)',
  sw: 'sw s10, -4(a1)',
  sd: 'sd s10, -8(a1)',
  'two loads': 'lw a0, 8(a1); lw a3, -4(a1)',
  'a load and a store': 'lw a0, 4(a1); sh s10, 14(a1)',
  'a load, far away': 'lb a0, 255(a1); lb a3, 0(a1)',
  atomic: 'amoadd.w a0, s10, (a1)',
  reserved: 'lr.w a0, (a1)',
  call: 'jalr a1',
};
/** What fences forget, in the order of their labels, and a call of what lies at a1. */
const snippets = ['sfence.vma', 'sfence.vma a1', 'sfence.vma zero, s2', 'jalr a1'] as const;

const codeAt = ram + 0x1_1000n;
const loopAt = (name: string) => codeAt + 64n * BigInt(Object.keys(accesses).indexOf(name));
const snippetAt = (name: (typeof snippets)[number]) => codeAt + 0x800n + 64n * BigInt(snippets.indexOf(name));
/** In each page that is there. */
const [RET, RET_AT] = [0x8067, 0x100n];

/** An entry's pages are 32 MiB apart. */
const APART = 0x200_0000n;
const ENTRIES = [0n, 1n, 4096n, 8191n];
const WARM = 2048n;

interface Kind {
  readonly xlen: 32 | 64;
  /** In S-mode under paging; else in M-mode, and the pages are RAM. */
  readonly paged: boolean;
  readonly misaligned?: 'trap';
}

function elfOf({ xlen, paged }: Kind): Uint8Array {
  const of64 = (body: string) => (xlen === 64 ? body : body.replace(/\b([ls])d\b/g, '$1w'));
  const [cause, epc, back] = paged ? ['scause', 'sepc', 'sret'] : ['mcause', 'mepc', 'mret'];
  const loops = Object.values(accesses).map(
    (body) => `.balign 64\n 1: ${of64(body)}\n addi s10, s10, 1\n addi s9, s9, 3\n j 1b`,
  );
  const source = `.globl _start
    _start: mret
    .balign 4096
    .space 0xf000
    # A fetch faults at its target: it goes back.
    handler: csrr t0, ${epc}
    addi s11, s11, 1
    csrr t1, ${cause}
    addi t0, t0, 4
    li t2, 12
    beq t1, t2, 1f
    li t2, 1
    bne t1, t2, 2f
    1: mv t0, ra
    2: csrw ${epc}, t0
    ${back}
    .balign 4096
    ${loops.join('\n')}
    .balign 2048
    ${snippets.map((body) => `.balign 64\n ${body}\n 1: j 1b`).join('\n')}`;
  const flags = [`-march=rv${xlen}ima_zicsr`, xlen === 64 ? '-mabi=lp64' : '-mabi=ilp32', '-mcmodel=medany', '-static'];
  return readFileSync(build({ 'entries.S': source }, [...flags, '-Wl,-Ttext=0x80000000,--no-relax']));
}

/** Pages with the entries, which are there, and others with the same, which are not. */
function pagesOf({ xlen, paged }: Kind) {
  const there = (entry: bigint) => (entry << 12n) + (paged ? APART : ram);
  const top = (1n << BigInt(xlen)) - APART;
  const from = paged ? [0n, 3n * APART, top] : [0n, ram + 4n * APART, top];
  return { there, others: ENTRIES.flatMap((entry) => from.map((start) => start + (entry << 12n))) };
}

type Step = (pair: Pair) => void;

/** The same machine, translated and interpreted, and what is done with both. */
class Pair {
  readonly kind: Kind;
  readonly pages: ReturnType<typeof pagesOf>;
  readonly translated: MachineControl;
  private readonly all: readonly MachineControl[];
  /** The kind's loops. */
  readonly names: readonly string[];

  constructor(kind: Kind, elf: Uint8Array) {
    const { xlen } = kind;
    this.kind = kind;
    this.pages = pagesOf(kind);
    const options = {
      memory: kind.paged ? 4n << 20n : 34n << 20n,
      isa: xlen === 64 ? 'rv64ima_svnapot' : 'rv32ima',
      mmu: xlen === 64 ? 'sv39' : 'sv32',
      ...(kind.misaligned ? { misaligned: kind.misaligned } : {}),
    } as const satisfies Partial<MachineOptions>;
    this.translated = bareMachine(elf, { ...options, translateAfter: 3 });
    this.all = [this.translated, bareMachine(elf, { ...options, translateAfter: 'never' })];
    this.names = Object.keys(accesses);
    this.start();
  }

  each(what: (machine: MachineControl) => void): void {
    for (const machine of this.all) what(machine);
  }

  private put(at: bigint, value: bigint): void {
    const bytes = new Uint8Array(BigUint64Array.of(value).buffer);
    this.each((machine) => machine.writePhysical(phys(at), bytes.subarray(0, this.kind.xlen / 8)));
  }

  /** The page of RAM of a page that is there: 64 KiB of it. */
  frame(entry: bigint): bigint {
    return this.kind.paged
      ? ram + 0x10_0000n + BigInt([...ENTRIES, WARM].indexOf(entry)) * 0x1_0000n
      : this.pages.there(entry);
  }

  /** Maps the page with an entry; Sv39 or Sv32. */
  map(entry: bigint, flags = 0xc7n, to = this.frame(entry)): void {
    const { xlen } = this.kind;
    const [bits, size] = xlen === 64 ? [9n, 8n] : [10n, 4n];
    const va = this.pages.there(entry);
    const table = (number: bigint) => ram + 0x4_0000n + (number << 12n);
    const slot = (level: bigint) => ((va >> (12n + bits * level)) & ((1n << bits) - 1n)) * size;
    const last = 2n + (va >> (12n + bits));
    const pointer = (number: bigint) => (table(number) >> 2n) | 1n;
    if (xlen === 64) this.put(table(0n), pointer(1n));
    this.put(table(xlen === 64 ? 1n : 0n) + slot(1n), pointer(last));
    this.put(table(last) + slot(0n), ((to >> 12n) << 10n) | flags);
  }

  /** At the first instruction, with all loops translated by accesses to a page with none of the entries. */
  start(): void {
    const { kind, names } = this;
    for (const entry of [...ENTRIES, WARM]) {
      if (kind.paged) this.map(entry, entry === WARM ? ALL : undefined);
      this.put(this.frame(entry) + RET_AT, BigInt(RET));
    }
    if (kind.paged) {
      if (kind.xlen === 64) this.put(ram + 0x4_0010n, (ram >> 2n) | 0xcfn);
      else this.put(ram + 0x4_0800n, (ram >> 2n) | 0xcfn);
    }
    this.each((machine) => {
      machine.setCsr(0, 0x3b0, (1n << BigInt(kind.xlen === 64 ? 54 : 32)) - 1n);
      machine.setCsr(0, PMPCFG, 0x1fn);
      machine.setCsr(0, MSTATUS, kind.paged ? 1n << 11n : 3n << 11n);
      machine.setCsr(0, MEDELEG, kind.paged ? 0xb1ffn : 0n);
      machine.setCsr(0, STVEC, ram + 0x1_0000n);
      machine.setCsr(0, MTVEC, ram + 0x1_0000n);
      machine.setCsr(0, MEPC, snippetAt('sfence.vma'));
      machine.setPc(0, virt(ram));
    });
    if (kind.paged) this.space(0n);
    this.each((machine) => machine.run(8));
    for (const name of names) {
      const at = this.pages.there(WARM) + (name === 'call' ? RET_AT : 0x10n);
      const warm = () => this.go(loopAt(name), at, 400, name);
      warm();
      const before = this.translated.counts.regionInstructions ?? 0;
      warm();
      const inRegions = (this.translated.counts.regionInstructions ?? 0) - before;
      assert.ok(inRegions > 200, `${name} is not translated`);
    }
  }

  /** Another address space. */
  space(asid: bigint): void {
    const root = (ram + 0x4_0000n) >> 12n;
    const satp = this.kind.xlen === 64 ? (8n << 60n) | (asid << 44n) | root : (1n << 31n) | (asid << 22n) | root;
    this.each((machine) => {
      machine.setCsr(0, SATP, satp);
      machine.setX(0, S2, asid);
    });
  }

  /** Runs both from `pc` with a1; returns how often they have faulted. */
  go(pc: bigint, a1: bigint, count = 40, what = ''): number {
    const { xlen } = this.kind;
    const found = this.all.map((machine) => {
      for (const register of [A0, ROUNDS, FAULTS]) machine.setX(0, register, 0n);
      machine.setX(0, A1, BigInt.asUintN(xlen, a1));
      machine.setPc(0, virt(pc));
      const outcome = machine.run(count);
      const hart = machine.harts[0];
      const state = [A0, ROUNDS, FAULTS].map((register) => hart?.x(register));
      return { reason: outcome.reason, pc: hart?.pc, state, faults: Number(hart?.x(FAULTS)) };
    });
    assert.deepEqual(found[0], found[1], `${what} at 0x${a1.toString(16)}`);
    return found[0]?.faults ?? 0;
  }

  snippet(name: (typeof snippets)[number], a1 = 0n): void {
    this.go(snippetAt(name), a1, 20, name);
  }

  /** Accesses to the pages that are there, by loops of these names. */
  fill(...names: string[]): void {
    for (const entry of ENTRIES)
      for (const name of names) this.go(loopAt(name), this.pages.there(entry) + 0x10n, 40, name);
  }

  /** Nothing but faults in the other pages; as interpreted at the ends of those that are there. */
  check(what: string): void {
    for (const name of this.names.slice(1)) {
      for (const page of this.pages.others) {
        for (const offset of [0n, 8n, 0x400n, 0x801n, 0xffcn, 0xfffn]) {
          const faults = this.go(loopAt(name), page + offset, 24, `${name}, ${what}`);
          // Behind the page may be one that is there.
          if (offset < 0xff0n) assert.ok(faults > 0, `${name} at 0x${(page + offset).toString(16)} faults, ${what}`);
        }
      }
      for (const entry of ENTRIES) {
        for (const offset of [0n, 0x11n, 0x400n, 0x804n, 0xff9n, 0xffen]) {
          if (name !== 'call') this.go(loopAt(name), this.pages.there(entry) + offset, 24, `${name}, ${what}`);
        }
      }
    }
  }
}

const fence: Step = (pair) => pair.snippet('sfence.vma');
const remap =
  (flags: bigint, ...to: bigint[]): Step =>
  (pair) => {
    for (const entry of ENTRIES) pair.map(entry, flags, ...to);
    fence(pair);
  };
const fill =
  (...names: string[]): Step =>
  (pair) =>
    pair.fill(...names);
const call: Step = (pair) => {
  for (const entry of ENTRIES) pair.snippet('jalr a1', pair.pages.there(entry) + RET_AT);
};
const watch: Step = (pair) => {
  const points = ENTRIES.map((entry, id) => {
    const address = virt(pair.pages.there(entry) + 0x400n);
    return { id, space: 'virtual', address, size: 8n, on: id % 2 ? 'read-write' : 'write' } as const;
  });
  pair.each((machine) => machine.setWatchpoints(points));
};
const MTIME = 0x200_b000n;
const [READ, EXECUTED, ALL, NAPOT] = [0xc3n, 0xc9n, 0xcfn, (1n << 63n) | 0xc7n];

/** What is done before; `paged`: in S-mode alone, `wide`: on RV64 alone. */
const pasts: Readonly<Record<string, { steps: readonly Step[]; paged?: true; wide?: true }>> = {
  'in new tables': { steps: [] },
  'beside pages that are read and written': { steps: [fill('lw', 'sw')] },
  'beside pages that are read': { steps: [fill('lb')] },
  'after a fence': { steps: [fill('lw', 'sw'), fence], paged: true },
  'after fences of pages': {
    steps: [
      fill('lw', 'sw'),
      (pair) => {
        for (const entry of ENTRIES) pair.snippet('sfence.vma a1', pair.pages.there(entry));
      },
    ],
    paged: true,
  },
  'in another address space': { steps: [fill('lw', 'sw'), (pair) => pair.space(1n)], paged: true },
  'after a fence of an address space': {
    steps: [(pair) => pair.space(1n), fill('lw', 'sw'), (pair) => pair.snippet('sfence.vma zero, s2')],
    paged: true,
  },
  'beside pages without W': { steps: [remap(READ), fill('lw')], paged: true },
  'beside pages that are executed': { steps: [remap(EXECUTED), call], paged: true },
  'beside pages of code': { steps: [remap(ALL), fill('lw', 'sw'), call, fill('lw', 'sw')], paged: true },
  'beside pages whose code is in RAM': { steps: [fill('lw', 'sw'), call] },
  'beside parts of larger pages': {
    steps: [
      (pair) => {
        for (const entry of ENTRIES) pair.map(entry, NAPOT, pair.frame(entry) | 0x8000n);
      },
      fence,
      fill('lw', 'sw'),
    ],
    paged: true,
    wide: true,
  },
  'beside pages of a device': {
    steps: [
      remap(0xc7n, MTIME),
      (pair) => {
        for (const entry of ENTRIES) pair.go(loopAt('lw'), pair.pages.there(entry) + 0xff8n);
      },
    ],
    paged: true,
  },
  'beside watched pages': { steps: [watch, fill('lw', 'sw')] },
  'in a new epoch': { steps: [fill('lw', 'sw'), (pair) => pair.each((machine) => machine.beginEpoch())] },
  'after a change of PMP': {
    steps: [fill('lw', 'sw'), (pair) => pair.each((machine) => machine.setCsr(0, PMPCFG, 0x181fn))],
  },
  'after a reset': {
    steps: [fill('lw', 'sw'), (pair) => pair.each((machine) => machine.reset()), (pair) => pair.start()],
  },
};

const kinds: Readonly<Record<string, Kind>> = {
  'RV64, in S-mode': { xlen: 64, paged: true },
  'RV64, in S-mode, misaligned accesses trap': { xlen: 64, paged: true, misaligned: 'trap' },
  'RV64, in M-mode': { xlen: 64, paged: false },
  'RV32, in S-mode': { xlen: 32, paged: true },
};

for (const [name, kind] of Object.entries(kinds)) {
  describe(`pages that share an entry and are not there: ${name}`, { skip: hasGcc ? false : needsGcc }, () => {
    let elf: Uint8Array | undefined;
    for (const [past, { steps, paged, wide }] of Object.entries(pasts)) {
      if ((paged && !kind.paged) || (wide && kind.xlen === 32)) continue;
      test(past, () => {
        elf ??= elfOf(kind);
        const pair = new Pair(kind, elf);
        for (const step of steps) step(pair);
        pair.check(past);
      });
    }
    if (!kind.paged) return;
    test('stores beside watched bytes change code that has been executed at another address', () => {
      elf ??= elfOf(kind);
      const pair = new Pair(kind, elf);
      for (const step of [watch, fill('lw', 'sw')]) step(pair);
      for (const entry of ENTRIES) {
        const code = pair.frame(entry) + RET_AT;
        assert.equal(pair.go(snippetAt('jalr a1'), code, 20), 0);
        pair.go(loopAt('sw'), pair.pages.there(entry) + RET_AT + 4n, 24);
        assert.notEqual(pair.go(snippetAt('jalr a1'), code, 20), 0);
      }
    });
  });
}
