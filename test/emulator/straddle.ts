// The guest of test/programs/straddle: a loop whose instruction at the end of a page goes on in the next one, which may be any of
// four pages, in each privilege, with and without paging.

import { readFileSync } from 'node:fs';
import { virtioMmio } from '../../emulator/devices/memory-map.ts';
import { createMachine, type MachineControl, type MachineOptions, phys, virt } from '../../emulator/index.ts';
import { symbolValues } from '../../emulator/loader/elf-symbols.ts';
import { bytesSource, openElf, planBoot } from '../../emulator/loader/index.ts';
import { register } from '../devices/virtio-driver.ts';
import { build } from '../support/riscv-gcc.ts';

export const ram = 0x8000_0000n;
/** Where the loop's pages are seen under paging: the loop's, the next, data, and the four that may be next as data. */
const WINDOW = 0x4000_0000n;
const [DATA, AS_DATA] = [2n, 4n];
const ROOTS = ram + 0x1_0000n;
const LEAVES = ram + 0x2_0000n;
const DATA_PAGE = ram + 0x3_0000n;
const QUEUE = ram + 0x4_0000n;
const DISK: bigint = virtioMmio.base;

const Csr = { satp: 0x180, mstatus: 0x300, mtvec: 0x305, mepc: 0x341, pmpcfg0: 0x3a0, pmpaddr0: 0x3b0 } as const;
const Register = { s0: 8, s1: 9, a3: 13, a4: 14, a5: 15, a7: 17, s2: 18, s3: 19 } as const;
const names = ['handler', 'call', 'loop', 'next', 'meddle', 'kinds', 'kinds_end'] as const;

export interface Place {
  readonly xlen: 32 | 64;
  /** M runs without paging. */
  readonly privilege: 'U' | 'S' | 'M';
}

export const places: readonly Place[] = ([64, 32] as const).flatMap((xlen) =>
  (['U', 'S', 'M'] as const).map((privilege) => ({ xlen, privilege })),
);

const elves = new Map<
  number,
  { bytes: Uint8Array<ArrayBuffer>; at: Readonly<Record<(typeof names)[number], bigint>> }
>();

function elfFor(xlen: 32 | 64) {
  const known = elves.get(xlen);
  if (known) return known;
  const flags = [
    `-march=rv${xlen}gc`,
    `-mabi=${xlen === 64 ? 'lp64' : 'ilp32'}`,
    '-static',
    '-Wl,--no-warn-rwx-segments',
  ];
  const source = readFileSync('test/programs/straddle/straddle.S', 'utf8');
  const file = build({ 'straddle.S': source }, [...flags, '-Wl,-Ttext=0x80000000,--no-relax']);
  const bytes = new Uint8Array(readFileSync(file));
  const found = symbolValues(openElf(bytesSource('straddle', bytes)), names);
  const at = Object.fromEntries(names.map((name) => [name, found.get(name) as bigint])) as never;
  const made = { bytes, at };
  elves.set(xlen, made);
  return made;
}

const half = (value: number) => Uint8Array.of(value & 0xff, (value >> 8) & 0xff);

/** mstatus with MPP = M and FS = Initial. */
const MACHINE = (3n << 11n) | (1n << 13n);

/** addi a0, a0, immediate: its first half, and its second. */
export const ADDI = 0x0513;
export const adding = (immediate: number) => (immediate << 4) | 5;

/** A machine about to run the loop, and what can happen to it. */
export class Straddling {
  readonly machine: MachineControl;
  readonly place: Place;
  private readonly at: Readonly<Record<(typeof names)[number], bigint>>;

  constructor(place: Place, options: Partial<MachineOptions>) {
    const { xlen } = place;
    const { bytes, at } = elfFor(xlen);
    const mmu = xlen === 64 ? 'sv39' : 'sv32';
    const full = { memory: 3n << 20n, harts: 1, isa: `rv${xlen}gc`, mmu, counts: true, ...options } as const;
    const program = bytesSource('straddle', bytes);
    this.place = place;
    this.at = at;
    this.machine = createMachine(full, planBoot({ program }, { ...full, firmware: 'none' }));
    this.begin(ADDI, adding(1));
  }

  /** From reset on: at the loop, whose instruction over the end of the page has these halves. */
  begin(first: number, second: number): void {
    const { machine, place } = this;
    machine.reset();
    machine.writePhysical(phys(ram + 0xffen), half(first));
    this.secondHalf(0, second);
    for (let page = 1; page < 4; page += 1) this.secondHalf(page, adding(1 + page));
    for (const { id } of machine.harts) this.prepare(id);
    if (place.privilege !== 'M') this.lower(place.privilege);
    machine.setPc(0, virt(this.loop));
  }

  private prepare(hart: number): void {
    const { machine } = this;
    machine.setCsr(hart, Csr.pmpaddr0 + 1, -1n);
    machine.setCsr(hart, Csr.pmpcfg0, 0x1f00n);
    machine.setCsr(hart, Csr.mtvec, this.at.handler);
    machine.setCsr(hart, Csr.mstatus, 1n << 13n);
    machine.setX(hart, Register.s0, this.data);
    machine.setX(hart, Register.s1, this.loop);
    machine.setX(hart, Register.a4, this.data);
    machine.setX(hart, Register.s3, DATA_PAGE + 0x800n);
  }

  /** PMP keeps instructions of a page that may be next from S and U, or nothing from anyone. */
  forbid(page: bigint | undefined): void {
    const { machine } = this;
    if (page !== undefined) machine.setCsr(0, Csr.pmpaddr0, (this.next(page) >> 2n) | 0x1ffn);
    machine.setCsr(0, Csr.pmpcfg0, page === undefined ? 0x1f00n : 0x1f1bn);
  }

  /** Two spaces, in which another page is next. */
  private lower(privilege: 'U' | 'S'): void {
    const { xlen } = this.place;
    for (const space of [0n, 1n]) {
      const root = ROOTS + (space << 13n);
      const leaves = LEAVES + (space << 12n);
      if (xlen === 64) {
        this.entry(root, 1n, root + 0x1000n, 1);
        this.entry(root + 0x1000n, 0n, leaves, 1);
      } else this.entry(root, WINDOW >> 22n, leaves, 1);
      this.entry(leaves, 0n, ram, this.executable);
      this.entry(leaves, DATA, DATA_PAGE, this.writable);
      for (let page = 0n; page < 4n; page += 1n) this.entry(leaves, AS_DATA + page, this.next(page), this.writable);
      this.entry(leaves, 1n, this.next(space), this.executable);
    }
    this.enterSpace(0n);
    const { machine } = this;
    machine.setCsr(0, Csr.mstatus, (1n << 13n) | (privilege === 'S' ? 1n << 11n : 0n));
    machine.setCsr(0, Csr.mepc, this.loop);
    machine.setPc(0, virt(this.at.handler));
    machine.run(3);
  }

  private get user(): number {
    return this.place.privilege === 'U' ? 0x10 : 0;
  }

  private get executable(): number {
    return 0xcb | this.user;
  }

  private get writable(): number {
    return 0xc7 | this.user;
  }

  private entry(table: bigint, index: bigint, page: bigint, flags: number): void {
    const size = BigInt(this.place.xlen / 8);
    const bytes = new Uint8Array(BigUint64Array.of(((page >> 12n) << 10n) | BigInt(flags)).buffer, 0, Number(size));
    this.machine.writePhysical(phys(table + index * size), bytes);
  }

  /** The virtual address of an offset in the loop's page and those behind it. */
  private seen(address: bigint): bigint {
    return this.place.privilege === 'M' ? address : address - ram + WINDOW;
  }

  get loop(): bigint {
    return this.seen(this.at.loop);
  }

  /** The address of the instruction over the end of the page. */
  get straddling(): bigint {
    return this.seen(ram + 0xffen);
  }

  /** Goes on behind that instruction, so that the next page is cached before it is reached. */
  skip(): void {
    const { machine, place } = this;
    const isInHandler = place.privilege !== 'M' && machine.harts[0]?.privilege === 3;
    if (!isInHandler) machine.setPc(0, virt(this.straddling + 4n));
  }

  get data(): bigint {
    return this.place.privilege === 'M' ? DATA_PAGE : WINDOW + (DATA << 12n);
  }

  /** The physical address of a page that may be next. */
  next(page: bigint): bigint {
    return this.at.next + (page << 12n);
  }

  /** Where the first bytes of such a page are stored to by the loop. */
  stored(page: bigint): bigint {
    return this.place.privilege === 'M' ? this.next(page) : WINDOW + ((AS_DATA + page) << 12n);
  }

  /** From outside: what a next page begins with. */
  secondHalf(page: number, bits: number): void {
    this.machine.writePhysical(phys(this.next(BigInt(page))), half(bits));
  }

  /** The halves of the instructions that are there to be tried. */
  get kinds(): readonly (readonly [first: number, second: number])[] {
    const length = Number(this.at.kinds_end - this.at.kinds);
    const halves = new Uint16Array(this.machine.readPhysical(phys(this.at.kinds), length).slice().buffer);
    return Array.from({ length: length / 4 }, (_, index) => [
      halves[2 * index] as number,
      halves[2 * index + 1] as number,
    ]);
  }

  /** The guest's handler of traps writes the page table's entry for the next page, and fences. Undefined: nothing is mapped. */
  map(page: bigint | undefined): void {
    const entry = page === undefined ? 0n : ((this.next(page) >> 12n) << 10n) | BigInt(this.executable);
    this.poke(LEAVES + BigInt(this.place.xlen / 8), entry);
  }

  /** The handler stores a word. */
  private poke(address: bigint, value: bigint): void {
    const { machine, place, at } = this;
    const [hart] = machine.harts;
    machine.setX(0, Register.s2, value);
    machine.setX(0, Register.s3, address);
    const isMachine = hart?.privilege === 3;
    // It is in the handler already where nothing was mapped.
    if (isMachine && place.privilege !== 'M') return;
    const back = hart?.pc as bigint;
    machine.setPc(0, virt(isMachine ? at.handler : this.seen(at.call)));
    if (isMachine) machine.setCsr(0, Csr.mstatus, MACHINE);
    else machine.run(1);
    machine.setCsr(0, Csr.mepc, back);
    machine.run(3);
  }

  /** A driver makes the disk ready. */
  startDisk(): void {
    const { status, queueReady, queueNum, queueDesc, queueDriver, queueDevice, driverFeatures, driverFeaturesSel } =
      register;
    const tell = (offset: number, value: bigint) => this.poke(DISK + BigInt(offset), value);
    for (const value of [0n, 1n, 3n]) tell(status, value);
    tell(driverFeaturesSel, 1n);
    tell(driverFeatures, 1n);
    tell(status, 11n);
    tell(queueNum, 8n);
    for (const [index, offset] of [queueDesc, queueDriver, queueDevice].entries())
      tell(offset, QUEUE + BigInt(index) * 0x400n);
    tell(queueReady, 1n);
    tell(status, 15n);
  }

  /** The disk's sector is read to where a next page begins. `times`: how many were read before. */
  readSector(sector: number, page: number, times: number): void {
    const { machine } = this;
    const [header, state] = [QUEUE + 0xc00n, QUEUE + 0xd00n];
    const parts = [
      [header, 16, 1, 1],
      [this.next(BigInt(page)), 512, 3, 2],
      [state, 1, 2, 0],
    ] as const;
    for (const [index, [address, length, flags, next]] of parts.entries()) {
      const bytes = new DataView(new ArrayBuffer(16));
      bytes.setBigUint64(0, address, true);
      bytes.setUint32(8, length, true);
      bytes.setUint16(12, flags, true);
      bytes.setUint16(14, next, true);
      machine.writePhysical(phys(QUEUE + BigInt(16 * index)), new Uint8Array(bytes.buffer));
    }
    machine.writePhysical(phys(header + 8n), half(sector));
    machine.writePhysical(phys(QUEUE + 0x402n), half(times + 1));
    this.poke(DISK + BigInt(register.queueNotify), 0n);
    if (machine.readPhysical(phys(state), 1)[0] !== 0) throw new Error('the disk did not read');
  }

  enterSpace(space: bigint): void {
    const { xlen } = this.place;
    const mode = xlen === 64 ? 8n << 60n : 1n << 31n;
    this.machine.setCsr(0, Csr.satp, mode | ((ROOTS + (space << 13n)) >> 12n));
  }

  /** From now on each round of the loop stores: one of two halves in turns to a page that may be next. */
  storesTo(page: bigint, one: number, other: number): void {
    this.machine.setX(0, Register.a3, BigInt(one));
    this.machine.setX(0, Register.a4, this.stored(page));
    this.machine.setX(0, Register.a5, BigInt(one ^ other));
  }

  /** Hart 1 stores one of two halves in turns to a page that may be next, and waits `rounds` rounds each time. */
  meddle(page: bigint, one: number, other: number, rounds: number): void {
    const { machine } = this;
    const registers = { a3: one, a5: one ^ other, a7: rounds };
    for (const [name, value] of Object.entries(registers)) {
      machine.setX(1, Register[name as keyof typeof registers], BigInt(value));
    }
    machine.setX(1, Register.a4, this.next(page));
    machine.setPc(1, virt(this.at.meddle));
  }

  /** How often translated code left the instruction over the end of the page to the interpreter. */
  get left(): number {
    return this.machine.counts['exits: goes on in the next page'] ?? 0;
  }
}
