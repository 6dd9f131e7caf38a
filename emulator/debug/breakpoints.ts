// Breakpoints by virtual and by physical address. They are planted in decoded records; a record that stops asks here
// whether it is meant.

import type { PhysAddr, VirtAddr } from '../address.ts';
import type { CodeCache } from '../core/code-cache.ts';
import type { GuestMemory } from '../core/guest-memory.ts';
import { hartOffset } from '../core/layout.ts';
import type { Hart } from '../hart/hart.ts';

const FILTER_BYTES = 512;

export class Breakpoints {
  private readonly harts: readonly Hart[];
  private readonly guest: GuestMemory;
  private readonly code: CodeCache;
  private readonly flush: () => void;
  private readonly translate: (hart: number, va: VirtAddr) => PhysAddr | undefined;
  private virtual = new Set<bigint>();
  private physical = new Set<bigint>();

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
    const before = this.physical;
    this.virtual = new Set(virtual);
    this.physical = new Set(physical);
    const changed = [...before, ...physical].filter((address) => before.has(address) !== this.physical.has(address));
    for (const address of changed) this.code.forget(address as PhysAddr);
    this.apply();
  }

  /** Makes the harts look: the next fetch from a page with a virtual breakpoint goes through `plant`. */
  apply(): void {
    const filter = new Uint8Array(FILTER_BYTES);
    for (const address of this.virtual) {
      const page = Number((address >> 12n) & 4095n);
      filter[page >> 3] = (filter[page >> 3] as number) | (1 << (page & 7));
    }
    for (const { block } of this.harts) this.guest.bytes.set(filter, block + hartOffset.breakpointPages);
    this.flush();
  }

  /** The page of `pc` begins to be executed from `decoded`: its breakpoints must be in place. */
  plant(pc: VirtAddr, decoded: number): void {
    for (const address of this.virtual) {
      if (address >> 12n === pc >> 12n) this.code.forgetAt(decoded, Number(address & 0xfffn));
    }
  }

  get any(): boolean {
    return this.virtual.size + this.physical.size > 0;
  }

  /** Offsets where a breakpoint may lie in a physical page, for some mapping of it. */
  offsetsIn(page: PhysAddr): ReadonlySet<number> {
    const physical = [...this.physical].filter((address) => address >> 12n === page >> 12n);
    return new Set([...this.virtual, ...physical].map((address) => Number(address & 0xfffn)));
  }

  /** Whether the instruction at this place stops, as seen from this pc. */
  stopsAt(pc: VirtAddr, pa: PhysAddr): boolean {
    return this.virtual.has(pc) || this.physical.has(pa);
  }

  /** The physical address of the hart's pc if a breakpoint lies there. */
  hit(hart: Hart): PhysAddr | undefined {
    const pa = this.translate(hart.id, hart.pc);
    return pa !== undefined && this.stopsAt(hart.pc, pa) ? pa : undefined;
  }
}
