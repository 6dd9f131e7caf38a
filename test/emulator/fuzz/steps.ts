// Steps of random functions that reach beyond the hart's registers: data, counters, changed code, exceptions, page tables,
// devices, other harts.

import { C_EBREAK, EBREAK, ECALL, FENCE, FENCE_I, Label, MRET, SFENCE_VMA, SRET, WFI } from './assembler.ts';
import type { FunctionWriter } from './function.ts';
import { shared } from './handlers.ts';
import { codePages, firstPage, pageBytes } from './layout.ts';
import { bases, chance, first, hart, second } from './registers.ts';

const [x5, x6] = [5, 6];
const Csr = {
  sip: 0x144,
  sepc: 0x141,
  mepc: 0x341,
  fcsr: 3,
  frm: 2,
  fflags: 1,
  cycle: 0xc00,
  time: 0xc01,
  instret: 0xc02,
  scause: 0x142,
  stval: 0x143,
} as const;

export class Steps {
  private readonly f: FunctionWriter;

  constructor(writer: FunctionWriter) {
    this.f = writer;
  }

  private get a() {
    return this.f.a;
  }
  private get random() {
    return this.f.random;
  }
  private get layout() {
    return this.f.shared.layout;
  }

  /** The register gets an address; `hart`s and aliases see it alike. */
  private address(register: number, address: bigint): void {
    const { a } = this;
    const far = BigInt.asIntN(a.xlen, address - a.here);
    if (a.xlen === 32 || address < 0x8000_0000n) a.constant(register, Number(BigInt.asIntN(32, address)));
    else if (far > -0x7fff_f000n && far < 0x7fff_f000n) a.locateAt(register, address);
    else {
      a.immediate('addi', register, 0, 1);
      a.immediate('slli', register, register, 63);
    }
  }

  /** The data are elsewhere: often beside a page's end, and now and then nowhere, or a device's. `walks`: by a page at most. */
  point(register: number, walks = false): void {
    const { random, layout } = this;
    const aligned = 8 * random.below(512);
    const offset = random.of([aligned, aligned, -8 - 8 * random.below(32), -random.below(40)]);
    let place = random.of(layout.data.slice(1)) + BigInt(offset);
    if (random.once(16)) place = random.of(layout.holes);
    else if (!walks && random.once(20)) place = layout.uart;
    this.address(register, place);
  }

  /** What is done in one of so many rounds of the program's loop, or now and then in each. */
  seldom(rounds: number, make: () => void): void {
    const { a, random } = this;
    const on = new Label();
    if (!random.once(12)) {
      a.immediate('srli', second, chance, random.below(16));
      a.immediate('andi', second, second, rounds - 1);
      a.branch('bne', second, 0, on);
    }
    make();
    a.bind(on);
  }

  counter(): void {
    const { a, random } = this;
    const { cycle, time, instret, scause, stval, fcsr, fflags } = Csr;
    const halves = a.xlen === 32 ? [cycle, time, instret].map((number) => number + 0x80) : [];
    const numbers = [cycle, time, instret, ...halves, scause, stval, fcsr, fflags];
    const kinds = [
      () => a.csr('csrrwi', random.once(2) ? 0 : this.f.register(), Csr.frm, random.below(5)),
      () => a.csr('csrrwi', 0, Csr.fflags, random.below(32)),
      ...numbers.map((number) => () => a.csr('csrrs', this.f.register(), number, 0)),
    ];
    random.of(kinds)();
  }

  /** Another instruction, or a part of it, at a place that is made for it. */
  patch(): void {
    const { a, random } = this;
    const { sites } = this.f.shared;
    const site = random.of(sites);
    a.locate(second, site.label);
    const known = site.words.length
      ? random.of(site.words)
      : (this.f.register() << 7) | 0x13 | (random.below(2048) << 20);
    if (!site.words.length) site.words.push(known);
    a.constant(first, known);
    const sameFirst = site.words.every((word) => (word & 0xffff) === (known & 0xffff));
    // What is half the one and half the other may be anything: nobody is to execute it.
    if (sameFirst && site.words.length > 1) {
      a.immediate('srli', first, first, 16);
      a.store('sh', first, second, 2);
    } else if (this.f.shared.harts === 1 && random.once(4)) {
      a.store('sh', first, second, 0);
      a.immediate('srli', first, first, 16);
      a.store('sh', first, second, 2);
    } else a.store('sw', first, second, 0);
    if (random.once(2)) a.emit(FENCE_I);
    else if (random.once(4)) a.emit(FENCE);
  }

  exception(): void {
    const { a, random, f } = this;
    const short = f.words.compressed;
    const kinds = [
      () => a.emit(random.of(short ? [EBREAK, C_EBREAK] : [EBREAK])),
      () => a.emit(random.of(short ? [-1, 0] : [-1])),
      () => {
        a.immediate('addi', second, 0, 0);
        a.emit(ECALL);
      },
      // Addresses of what a register happens to hold are mostly nowhere.
      () => a.load('lw', f.register(), f.register(), random.below(2048)),
      () => {
        this.address(second, random.of(this.layout.holes));
        a.store(random.of(['sb', 'sh', 'sw'] as const), f.register(), second, random.below(16));
        a.load('lhu', f.register(), second, 1);
      },
      short ? () => a.csr('csrrw', f.register(), 0x7c0, f.register()) : () => this.jumpAskew(),
    ];
    random.of(kinds)();
  }

  /** To half an instruction, where these have 4 bytes. */
  private jumpAskew(): void {
    const there = new Label();
    this.a.locate(second, there);
    this.a.jumpRegister(this.f.register(), second, 2);
    this.a.bind(there);
  }

  /** What the privilege that the program runs in allows, or does not. */
  system(): void {
    const { a, random, f } = this;
    const status = this.layout.mode ? 0x100 : 0x300;
    const enable = this.layout.mode ? 2 : 8;
    const kinds = [
      () => a.emit(WFI),
      () => a.emit(FENCE_I),
      () => a.emit(random.of([SFENCE_VMA, SFENCE_VMA | (8 << 15), FENCE])),
      () => {
        a.csr('csrrci', 0, status, enable);
        f.put(f.words.some('plain', 6));
        a.csr('csrrsi', 0, status, enable);
      },
      () => this.return(status, enable),
      () => a.csr('csrrsi', 0, Csr.sip, 2),
    ];
    random.of(kinds)();
  }

  /** mret or sret to a few instructions further on. */
  private return(status: number, enable: number): void {
    const { a, random, f } = this;
    const { mode } = this.layout;
    // Nothing here may fault, as that would set where to return to.
    if ((a.offset % pageBytes) + 64 > pageBytes) return;
    const there = new Label();
    a.csr('csrrci', 0, status, enable);
    a.locate(second, there);
    a.csr('csrrw', 0, mode ? Csr.sepc : Csr.mepc, second);
    a.constant(first, mode ? 0x120 : 0x1880);
    a.csr('csrrs', 0, status, first);
    a.emit(mode ? SRET : MRET);
    if (random.once(2)) f.mixed(2);
    a.bind(there);
  }

  /** Data that do not repeat. */
  stir(): void {
    const { a, random, f } = this;
    const register = f.register();
    if (random.once(2)) a.xor(register, f.register(), chance);
    else a.restore(register, random.of(bases), 8 * random.below(8));
  }

  private pointToShared(offset: number): void {
    const page = BigInt(firstPage.shared * pageBytes);
    this.address(second, this.layout.window + page + BigInt(offset));
  }

  atomics(): void {
    const { a, random, f } = this;
    const again = a.bind();
    this.pointToShared(shared.data + 8 * random.below(4));
    if (random.once(2)) {
      a.atomic(random.of([0, 1] as const), f.register(), f.register(), second);
      return;
    }
    a.emit((2 << 27) | (second << 15) | (2 << 12) | (first << 7) | 0x2f);
    if (random.once(2)) a.add(first, first, f.register());
    else a.immediate('addi', first, first, 3);
    a.emit((3 << 27) | (first << 20) | (second << 15) | (2 << 12) | (first << 7) | 0x2f);
    a.branch('bne', first, 0, again);
  }

  /** Reads the UART, or rings at a hart. */
  device(): void {
    const { a, random, f } = this;
    const { layout, harts } = f.shared;
    const rings = random.once(2);
    this.address(second, rings ? layout.aclint : layout.uart);
    if (rings) {
      a.immediate('addi', first, 0, 1);
      a.store('sw', first, second, 4 * random.below(harts));
    } else a.load(random.of(['lb', 'lbu', 'lw'] as const), f.register(), second, random.below(8));
  }

  jumpNowhere(): void {
    const { a, random, layout } = this;
    if (this.f.callee.level < 2) return;
    this.address(second, random.of(layout.holes) & ~1n);
    a.jumpRegister(1, second);
  }

  /** A page is another one, may less, or is gone: another hart sees that only while it stands still. */
  remap(): void {
    const { random, layout } = this;
    if (this.f.callee.level < 2) return;
    const { harts } = this.f.shared;
    const alone = harts === 1;
    if (!layout.mode) {
      if (!alone && random.once(4)) this.whileOthersStand(() => this.patch());
      return;
    }
    const isCode = random.once(2);
    const near = Math.floor(this.a.offset / pageBytes) + random.below(3);
    const page = isCode ? Math.min(Math.max(near - 1, 0), codePages - 1) : firstPage.data + random.below(20);
    const entry = layout.ptes[page] as bigint;
    if (entry === 0n) return;
    const twin = (entry & ~0x3f_ffff_ffff_fc00n) | (BigInt(layout.twinOf(page) >>> 12) << 10n);
    const choices = isCode ? [entry, twin] : [entry, twin, entry & ~4n, entry & ~0x80n];
    const chosen = random.of(alone ? [...choices, 0n] : choices);
    if (alone) this.poke(layout.pteAt(page), chosen);
    else this.whileOthersStand(() => this.poke(layout.pteAt(page), chosen));
  }

  /** Stores a PTE and forgets what was translated. */
  private poke(at: number, value: bigint): void {
    const { a, layout } = this;
    const low = Number(BigInt.asIntN(32, value));
    a.constant(first, low);
    a.physical(second, at);
    if (layout.user) a.emit(ECALL);
    else {
      a.keep(first, second, 0);
      a.emit(SFENCE_VMA);
    }
  }

  /** `change` may use the step's registers. */
  private whileOthersStand(change: () => void): void {
    const { a, layout } = this;
    const { harts } = this.f.shared;
    const [lock, wait] = [new Label(), new Label()];
    if (!layout.mode) a.csr('csrrsi', 0, 0x300, 8);
    this.pointToShared(0);
    a.bind(lock);
    a.immediate('addi', first, 0, 1);
    a.atomic(1, first, first, second);
    a.branch('bne', first, 0, lock);
    a.store('sw', 0, second, shared.answers);
    a.load('lw', first, second, shared.generation);
    a.immediate('addi', first, first, 1);
    a.store('sw', first, second, shared.generation);
    a.store('sw', first, second, shared.asked);
    this.address(x5, layout.aclint);
    a.immediate('addi', x6, 0, 1);
    for (let id = 0; id < harts; id += 1) {
      const own = new Label();
      a.immediate('addi', first, 0, id);
      a.branch('beq', first, hart, own);
      a.store('sw', x6, x5, 4 * id);
      a.bind(own);
    }
    a.immediate('addi', first, 0, harts - 1);
    a.bind(wait);
    a.load('lw', x6, second, shared.answers);
    a.branch('bne', x6, first, wait);
    change();
    this.pointToShared(0);
    a.store('sw', 0, second, shared.asked);
    a.emit(FENCE);
    a.store('sw', 0, second, shared.lock);
  }
}
