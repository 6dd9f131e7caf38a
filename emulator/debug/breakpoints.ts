// Breakpoints by virtual and by physical address. They are planted in decoded records; a record that stops asks here
// whether it is meant.

import type { PhysAddr, VirtAddr } from '../address.ts';
import type { CodeCache } from '../core/code-cache.ts';
import type { GuestMemory } from '../core/guest-memory.ts';
import { hartOffset } from '../core/layout.ts';
import type { Hart } from '../hart/hart.ts';

const FILTER_BYTES = 512;

/** Addresses by their pages. */
type ByPage<Page> = Map<Page, Set<bigint>>;

const NONE: ReadonlySet<never> = new Set();

export class Breakpoints {
  private readonly harts: readonly Hart[];
  private readonly guest: GuestMemory;
  private readonly code: CodeCache;
  private readonly flush: () => void;
  private readonly translate: (hart: number, va: VirtAddr) => PhysAddr | undefined;
  private virtual: ReadonlySet<bigint> = NONE;
  private physical: ReadonlySet<bigint> = NONE;
  private virtualIn: ByPage<bigint> = new Map();
  private physicalIn: ByPage<number> = new Map();
  /** Virtual breakpoints in pages of RAM that have been executed at their addresses. */
  private readonly planted: ByPage<number> = new Map();
  /** By page of RAM, offsets of the records that stop. */
  private readonly stops = new Map<number, ReadonlySet<number>>();

  constructor(
    harts: readonly Hart[],
    guest: GuestMemory,
    code: CodeCache,
    flush: () => void,
    translate: (hart: number, va: VirtAddr) => PhysAddr | undefined,
  ) {
    this.harts = harts;
    this.guest = guest;
    this.code = code;
    this.flush = flush;
    this.translate = translate;
  }

  set(virtual: readonly VirtAddr[], physical: readonly PhysAddr[]): void {
    const before = this.virtual;
    const touched = new Set([...this.physicalIn.keys(), ...this.planted.keys()]);
    this.virtual = new Set(virtual);
    this.physical = new Set(physical);
    this.virtualIn = byPage(virtual, (address) => address >> 12n);
    this.physicalIn = byPage(physical, (address) => this.guest.pageOf(address));
    for (const planted of this.planted.values())
      for (const address of planted) if (!this.virtual.has(address)) planted.delete(address);
    for (const page of new Set([...touched, ...this.physicalIn.keys()])) this.update(page);
    this.tell();
    // One that is taken away needs no look: its record is gone.
    if (virtual.some((address) => !before.has(address))) this.flush();
  }

  /** After a reset: no page has been executed. */
  apply(): void {
    this.planted.clear();
    for (const page of [...this.stops.keys()]) this.update(page);
    this.tell();
    this.flush();
  }

  /** Makes the harts look: the next fetch from a page with a virtual breakpoint goes through `plant`. */
  private tell(): void {
    const filter = new Uint8Array(FILTER_BYTES);
    for (const address of this.virtual) {
      const page = Number((address >> 12n) & 4095n);
      filter[page >> 3] = (filter[page >> 3] as number) | (1 << (page & 7));
    }
    for (const { block } of this.harts) this.guest.bytes.set(filter, block + hartOffset.breakpointPages);
  }

  /** A page of RAM begins to be executed at `pc`: its breakpoints must be in place. */
  plant(pc: VirtAddr, page: number): void {
    const wanted = this.virtualIn.get(pc >> 12n);
    if (!wanted) return;
    const planted = this.planted.get(page) ?? new Set();
    if ([...wanted].every((address) => planted.has(address))) return;
    this.planted.set(page, new Set([...planted, ...wanted]));
    this.update(page);
  }

  /** Makes the records of a page stop where breakpoints lie now, and no longer where they lay. */
  private update(page: number): void {
    const addresses = [...(this.physicalIn.get(page) ?? NONE), ...(this.planted.get(page) ?? NONE)];
    const before = this.offsetsIn(page);
    const now = new Set(addresses.map((address) => Number(address & 0xfffn)));
    if (now.size) this.stops.set(page, now);
    else this.stops.delete(page);
    const decoded = this.guest.codeOf(page);
    if (!decoded) return;
    for (const offset of now) if (!before.has(offset)) this.code.stopAt(decoded, offset);
    for (const offset of before) if (!now.has(offset)) this.code.goOnAt(decoded, offset);
  }

  /** Offsets of the instructions of a page of RAM that stop, for some mapping of it. */
  offsetsIn(page: number): ReadonlySet<number> {
    return this.stops.get(page) ?? NONE;
  }

  /** The physical address of the hart's pc if a breakpoint lies there. */
  hit(hart: Hart): PhysAddr | undefined {
    const pa = this.translate(hart.id, hart.pc);
    return pa !== undefined && (this.virtual.has(hart.pc) || this.physical.has(pa)) ? pa : undefined;
  }
}

function byPage<Page>(addresses: readonly bigint[], pageOf: (address: bigint) => Page | undefined): ByPage<Page> {
  const pages: ByPage<Page> = new Map();
  for (const address of addresses) {
    const page = pageOf(address);
    if (page !== undefined) pages.set(page, (pages.get(page) ?? new Set()).add(address));
  }
  return pages;
}
