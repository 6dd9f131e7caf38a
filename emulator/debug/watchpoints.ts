// Watchpoints: accesses to pages with watched bytes, or stores alone, are compared with these by generated code. Those that touch
// the bytes come by here; others to the page cost the comparison, and those to other pages nothing. So do writes from outside.

import type { PhysAddr } from '../address.ts';
import type { GuestMemory } from '../core/guest-memory.ts';
import { FrameBit, hartOffset, MAX_WATCHED_RANGES, shared, watchField } from '../core/layout.ts';
import type { WatchHit, Watchpoint } from '../events.ts';
import type { AccessNote } from '../hart/access.ts';
import type { Hart } from '../hart/hart.ts';
import type { HartView, Inspection } from '../inspection.ts';
import { littleEndian } from '../mmu/regime.ts';
import { piecesOf, writtenIn } from './outside-writes.ts';

interface Range {
  readonly first: bigint;
  readonly last: bigint;
  /** Loads are wanted, too. */
  readonly loads: boolean;
}

const HIGHEST = (1n << 64n) - 1n;

export class Watchpoints {
  private readonly harts: readonly Hart[];
  private readonly guest: GuestMemory;
  private readonly machine: Inspection;
  private readonly flush: () => void;
  /** Physical bytes of which somebody else wants every access. */
  private readonly others: readonly Range[];
  private points: readonly Watchpoint[] = [];
  private hits: WatchHit[] = [];
  private uses: readonly Range[] = [];

  constructor(
    harts: readonly Hart[],
    guest: GuestMemory,
    machine: Inspection,
    tohost: PhysAddr | undefined,
    flush: () => void,
  ) {
    this.machine = machine;
    this.others = tohost === undefined ? [] : [{ first: tohost, last: tohost + 7n, loads: false }];
    this.harts = harts;
    this.guest = guest;
    this.flush = flush;
  }

  set(points: readonly Watchpoint[]): void {
    this.markPages(false);
    this.points = points.filter(({ size }) => size > 0n);
    this.apply();
  }

  /** Ranges of virtual addresses of which every use is wanted. */
  setUses(ranges: readonly { readonly from: bigint; readonly to: bigint }[]): void {
    this.uses = ranges.map(({ from, to }) => ({ first: from & ~0xfffn, last: to | 0xfffn, loads: true }));
    this.apply();
  }

  isUseWanted(va: bigint): boolean {
    return this.uses.some(({ first, last }) => va >= first && va <= last);
  }

  /** Tells the fast walk which bytes to leave alone. */
  apply(): void {
    this.markPages(true);
    const virtual = merged([...this.bytesIn('virtual'), ...this.uses]);
    for (const { block } of this.harts) this.tell(block + hartOffset.watched, virtual);
    this.tell(shared.watched, merged(this.physical));
    this.flush();
  }

  private tell(list: number, ranges: readonly Range[]): void {
    const { words, quads } = this.guest;
    words[(list + watchField.count) / 4] = ranges.length;
    words[(list + watchField.loads) / 4] = ranges.reduce(
      (bits, { loads }, index) => bits | (loads ? 1 << index : 0),
      0,
    );
    for (const [index, { first, last }] of ranges.entries())
      quads.set([first, last], (list + watchField.ranges) / 8 + index * 2);
  }

  private bytesIn(space: Watchpoint['space']): Range[] {
    const points = this.points.filter((point) => point.space === space);
    return points.map(({ address, size, on }) => ({
      first: address,
      last: address + size > HIGHEST ? HIGHEST : address + size - 1n,
      loads: on === 'read' || on === 'read-write',
    }));
  }

  private get physical(): Range[] {
    return [...this.bytesIn('physical'), ...this.others];
  }

  private markPages(on: boolean): void {
    const { guest } = this;
    const [lowest, highest] = [guest.addressOf(0), guest.addressOf(guest.pages - 1)];
    for (const { first, last } of this.physical) {
      const from = first > lowest ? first & ~0xfffn : lowest;
      for (let at = from; at <= last && at <= highest; at += 4096n)
        guest.setBit(guest.pageOf(at) as number, FrameBit.watched, on);
    }
  }

  /** Compares an access with the watchpoints; true = some are hit. */
  note(note: AccessNote): boolean {
    let hit = false;
    for (const point of this.points) {
      const at = point.space === 'virtual' ? note.va : note.pa;
      if (at + BigInt(note.size) <= point.address || at >= point.address + point.size) continue;
      if (point.on === 'read' && note.access !== 'load') continue;
      if ((point.on === 'write' || point.on === 'change') && note.access !== 'store') continue;
      if (point.on === 'change' && note.before === note.after) continue;
      hit = true;
      this.hit(point, note);
    }
    return hit;
  }

  private hit(watchpoint: Watchpoint, { hart, ...access }: AccessNote): void {
    this.hits.push({ watchpoint, hart: hart.id, pc: hart.pc, ...access });
  }

  /** Does a write that no store of the hart's makes, and tells what it hits; `by` says who writes. */
  around(hart: Hart, by: string, address: PhysAddr, length: number, write: () => void): void {
    const points = this.points.filter(({ on }) => on !== 'read');
    if (points.length === 0) {
      write();
      return;
    }
    const before = this.guest.read(address, length);
    const found = points.map(
      (point) => [point, [...piecesOf(point, this.machine, this.machine.harts[hart.id] as HartView)]] as const,
    );
    write();
    const after = this.guest.read(address, length);
    for (const [point, pieces] of found) {
      for (const { va, pa, size } of writtenIn(pieces, address, before, after)) {
        const at = Number(pa - address);
        const [old, now] = [before, after].map((bytes) => littleEndian(bytes.subarray(at, at + size))) as [
          bigint,
          bigint,
        ];
        if (point.on === 'change' && old === now) continue;
        this.hit(point, { hart, access: 'store', va, pa, size, before: old, after: now, by });
        hart.attend();
      }
    }
  }

  /** The hits since the last call. */
  take(): readonly WatchHit[] {
    const { hits } = this;
    if (hits.length) this.hits = [];
    return hits;
  }
}

/** Sorted, without overlaps, few enough for the table: the nearest neighbours become one range. */
function merged(ranges: Range[]): Range[] {
  const sorted = ranges.sort((a, b) => (a.first < b.first ? -1 : 1));
  const out: Range[] = [];
  for (const range of sorted) {
    const before = out.at(-1);
    if (before && range.first <= before.last + 1n) {
      out[out.length - 1] = {
        first: before.first,
        last: range.last > before.last ? range.last : before.last,
        loads: before.loads || range.loads,
      };
    } else out.push(range);
  }
  while (out.length > MAX_WATCHED_RANGES) {
    let nearest = 1;
    const gap = (index: number) => (out[index] as Range).first - (out[index - 1] as Range).last;
    for (let index = 2; index < out.length; index += 1) if (gap(index) < gap(nearest)) nearest = index;
    const [left, right] = [out[nearest - 1] as Range, out[nearest] as Range];
    out.splice(nearest - 1, 2, { first: left.first, last: right.last, loads: left.loads || right.loads });
  }
  return out;
}
