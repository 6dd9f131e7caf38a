// What generated code calls: fetching, decoding, slow accesses, host-executed instructions.

import { further, type PhysAddr, type VirtAddr } from './address.ts';
import type { CodeCache } from './core/code-cache.ts';
import type { EngineHost } from './core/engine.ts';
import type { GuestMemory } from './core/guest-memory.ts';
import { FrameBit, frameMask, hartOffset, PmpBit, Status, tlbField } from './core/layout.ts';
import type { Translator } from './core/translator/translator.ts';
import type { Breakpoints } from './debug/breakpoints.ts';
import type { MemoryAccess } from './hart/access.ts';
import { emptyTag, entryFor, fetchedCode } from './hart/cached.ts';
import type { HartContext } from './hart/context.ts';
import { execute } from './hart/execute.ts';
import { forgetWritable } from './hart/forget.ts';
import type { Hart } from './hart/hart.ts';
import { lengthOf } from './isa/decode.ts';

export class ExecutionHost implements EngineHost {
  private readonly harts: readonly Hart[];
  private readonly guest: GuestMemory;
  private readonly context: HartContext;
  private readonly access: MemoryAccess;
  private code!: CodeCache;
  private breakpoints!: Breakpoints;
  private flushAll!: () => void;
  private translator!: Translator;

  constructor(harts: readonly Hart[], guest: GuestMemory, context: HartContext, access: MemoryAccess) {
    this.harts = harts;
    this.guest = guest;
    this.context = context;
    this.access = access;
  }

  /** The parts that are made after the engine. */
  connect(code: CodeCache, breakpoints: Breakpoints, translator: Translator, flushAll: () => void): void {
    this.code = code;
    this.translator = translator;
    this.breakpoints = breakpoints;
    this.flushAll = flushAll;
  }

  private hart(id: number): Hart {
    return this.harts[id] as Hart;
  }

  decode(record: number): void {
    const { page, offset } = this.code.place(record);
    const stops = this.breakpoints.offsetsIn(page);
    if (stops.size) this.code.decode(record, stops.has(offset));
    else this.code.decodeOn(record);
  }

  straddle(id: number): number {
    const hart = this.hart(id);
    const word = this.access.fetchWord(hart);
    if (word === undefined) return Status.trap;
    const { bits, walkedTo } = word;
    this.code.writeAlone(hart.block + hartOffset.scratch, bits);
    if ((hart.pc & 0xfffn) === 0xffen && lengthOf(bits) === 4) this.keepStraddling(hart, bits, walkedTo);
    return Status.done;
  }

  /** The instruction at pc goes on in the next page, which a walk may just have found. */
  private keepStraddling(hart: Hart, bits: number, walkedTo: PhysAddr | undefined): void {
    const decoded = fetchedCode(hart);
    if (decoded) this.code.keepStraddling(decoded, bits);
    const next = walkedTo === undefined ? undefined : this.guest.pageOf(walkedTo);
    if (next !== undefined && !this.dividedByPmp(hart, next))
      this.enter(hart, further(hart.pc, 2, this.context.xlen), next);
  }

  fetch(id: number): number {
    const hart = this.hart(id);
    hart.underWay = 0;
    const status = this.fetchPage(hart);
    hart.underWay = 1;
    return status;
  }

  private fetchPage(hart: Hart): number {
    const page = this.pageToFetch(hart);
    if (page === undefined) return Status.trap;
    if (this.dividedByPmp(hart, page)) {
      return this.straddle(hart.id) === Status.trap ? Status.trap : Status.leave;
    }
    this.enter(hart, hart.pc, page);
    return Status.done;
  }

  /** Makes the page of RAM at an address executable through the hart's fetch table. */
  private enter(hart: Hart, va: VirtAddr, page: number): void {
    const host = this.guest.touch(page);
    if (!this.guest.codeOf(page)) {
      if (!this.code.add(page)) {
        this.code.clear();
        this.code.add(page);
        this.flushAll();
      }
      // Stores to this page must be seen from now on.
      if (this.guest.hasBit(page, FrameBit.writable)) for (const each of this.harts) forgetWritable(each, host);
      this.guest.setBit(page, FrameBit.writable, false);
    }
    const decoded = this.guest.codeOf(page);
    this.breakpoints.plant(va, page);
    const { words, quads } = this.guest;
    const entry = entryFor(hart, va, hartOffset.fetchTlb);
    const tag = va & ~0xfffn;
    for (const field of [tlbField.read, tlbField.write]) {
      if (quads[(entry + field) / 8] !== tag) quads[(entry + field) / 8] = emptyTag(va);
    }
    quads[(entry + tlbField.execute) / 8] = tag;
    words[(entry + tlbField.addend) / 4] = (host & frameMask) - Number(tag & 0xffffffffn);
    words[(entry + tlbField.code) / 4] = decoded;
  }

  /** The page of RAM at pc; undefined: a trap was taken. The fast walk may have found it, else it is the explained one's. */
  private pageToFetch(hart: Hart): number | undefined {
    const found = hart.word(hartOffset.fetchable);
    if (found) return found - 1;
    const pa = this.access.translate(hart, hart.pc, 'fetch', 2);
    return pa === undefined ? undefined : this.guest.pageOf(pa);
  }

  private dividedByPmp(hart: Hart, page: number): boolean {
    return ((this.guest.bytes[hart.word(hartOffset.pmp) + page] as number) & PmpBit.mixed) !== 0;
  }

  execute(id: number, record: number): number {
    return execute(this.hart(id), this.code.wordOf(record), this.context);
  }

  changed(decoded: number): void {
    this.code.changed(decoded);
  }

  hot(record: number): void {
    this.translator.hot(record);
  }

  besideWatched(id: number): void {
    const hart = this.hart(id);
    this.translator.told('besideWatched', fetchedCode(hart), Number(hart.pc & 0xfffn));
  }

  missed(id: number): void {
    const hart = this.hart(id);
    this.translator.told('missed', fetchedCode(hart), Number(hart.pc & 0xfffn));
  }

  load(id: number, size: number): number {
    const hart = this.hart(id);
    const value = this.access.load(hart, hart.accessAddress, size);
    if (value === undefined) return Status.trap;
    hart.accessValue = value;
    return Status.done;
  }

  store(id: number, size: number): number {
    const hart = this.hart(id);
    return this.access.store(hart, hart.accessAddress, size, hart.accessValue) ? Status.done : Status.trap;
  }
}
