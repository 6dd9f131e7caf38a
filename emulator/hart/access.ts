// Memory accesses by the explained walk: devices, page crossings, watched and PMP-divided pages, A and D bits, faults.

import { further, type PhysAddr, phys, type VirtAddr } from '../address.ts';
import type { Bus } from '../bus/bus.ts';
import type { GuestMemory } from '../core/guest-memory.ts';
import { FrameBit, hartOffset, PmpBit } from '../core/layout.ts';
import type { AccessSize } from '../devices/device.ts';
import type { Access, HartView } from '../inspection.ts';
import { causeOf } from '../mmu/cause.ts';
import { littleEndian, regimeOf, walkMemoryOf } from '../mmu/regime.ts';
import { type WalkStep, type WalkSuccess, walk } from '../mmu/walk.ts';
import { fetchedAddress, noteSuperpage, remember } from './cached.ts';
import type { HartContext } from './context.ts';
import { devicePageAddress, rememberDevicePage } from './device-pages.ts';
import type { Hart } from './hart.ts';
import { loadAcross, storeAcross } from './page-crossing.ts';
import { takeTrap } from './traps.ts';

/** An access of the guest that went through here, for watchpoints and HTIF. */
export interface AccessNote {
  readonly hart: Hart;
  readonly access: Access;
  readonly va: VirtAddr;
  readonly pa: PhysAddr;
  readonly size: number;
  readonly before: bigint;
  readonly after: bigint;
  /** Who writes, if not the hart's own store. */
  readonly by?: string;
}

/** What somebody watches. */
interface Watched {
  isUseWanted(va: bigint): boolean;
  around(hart: Hart, by: string, address: PhysAddr, length: number, write: () => void): void;
}

/** An instruction's bits, and where its last half is, if that was not cached. */
interface FetchedWord {
  readonly bits: number;
  readonly walkedTo?: PhysAddr | undefined;
}

export class MemoryAccess {
  private readonly context: HartContext;
  private readonly bus: Bus;
  private readonly guest: GuestMemory;
  private readonly viewOf: (hart: Hart) => HartView;
  private readonly watched: Watched;
  private readonly note: (note: AccessNote) => void;

  constructor(
    context: HartContext,
    bus: Bus,
    viewOf: (hart: Hart) => HartView,
    watched: Watched,
    note: (note: AccessNote) => void,
  ) {
    this.context = context;
    this.bus = bus;
    this.guest = context.guest;
    this.viewOf = viewOf;
    this.watched = watched;
    this.note = note;
  }

  /** The physical address, with A and D set as the hardware would; or undefined: a trap was taken. */
  translate(hart: Hart, va: VirtAddr, access: Access, size: number): PhysAddr | undefined {
    const { inspection, listeners } = this.context;
    if (access !== 'fetch' && !listeners.hears('page-use')) {
      const known = devicePageAddress(hart, va, access);
      if (known !== undefined && this.bus.deviceAt(known)) return known;
    }
    const regime = regimeOf(inspection, this.viewOf(hart), access);
    const result = walk(walkMemoryOf(inspection, hart.id), regime, va, access, size);
    const step = result.steps.at(-1);
    if (result.sets && step?.pte) {
      const after = step.pte.raw | result.sets;
      const bytes = bytesOf(after, regime.mode?.pteSize ?? 8);
      const write = () => this.context.writeRam(step.address, bytes);
      this.watched.around(hart, 'page-table walk', step.address, bytes.length, write);
      if (listeners.hears('ad-update')) this.tellUpdate(hart, va, access, step, step.pte.raw, after);
    }
    if (!result.ok) {
      takeTrap(hart, causeOf(result.reason, access), va, false, this.context, result);
      return undefined;
    }
    if (result.level !== undefined && listeners.hears('page-use')) this.tellUse(hart, result);
    if (access !== 'fetch') this.remember(hart, result);
    return result.pa;
  }

  private tellUpdate(hart: Hart, va: VirtAddr, access: Access, step: WalkStep, before: bigint, after: bigint): void {
    const { address: pte, level } = step;
    const { id, pc, instret } = hart;
    const stop = this.context.emit({
      kind: 'ad-update',
      hart: id,
      pc,
      instret,
      va,
      access,
      pte,
      level,
      before,
      after,
    });
    if (stop) hart.attend();
  }

  private tellUse(hart: Hart, { va, pa, access, regime, level = 0 }: WalkSuccess): void {
    if (!this.watched.isUseWanted(va)) return;
    const { id, pc, instret } = hart;
    const place = { va, pa, access, root: regime.root, level };
    if (this.context.emit({ kind: 'page-use', hart: id, pc, instret, ...place })) hart.attend();
  }

  /** Keeps what the fast walk did not find or does not understand (NAPOT, memory types). */
  private remember(hart: Hart, result: WalkSuccess): void {
    const { va, pa, leaf, regime, pageSize } = result;
    const page = this.guest.pageOf(pa);
    if (page === undefined) this.rememberDevice(hart, result);
    if (!leaf || page === undefined) return;
    const allowed = this.guest.bytes[hart.word(hartOffset.pmp) + page] as number;
    if (allowed & PmpBit.mixed || this.guest.hasBit(page, FrameBit.watched)) return;
    const readable = (leaf.r || (regime.mxr && leaf.x)) && (allowed & PmpBit.read) !== 0;
    const dirty = leaf.w && leaf.d && !this.guest.hasBit(page, FrameBit.code | FrameBit.table | FrameBit.clean);
    const writable = dirty && (allowed & PmpBit.write) !== 0;
    if (writable) this.guest.setBit(page, FrameBit.writable, true);
    remember(hart, va, this.guest.touch(page), { readable, writable, wide: pageSize > 4096n });
  }

  /** Keeps the page if all of it may be accessed so, and the next access changes no A or D. */
  private rememberDevice(hart: Hart, { va, pa, access, regime, sets, pageSize }: WalkSuccess): void {
    if (access === 'fetch' || sets !== 0n) return;
    const base = phys(pa & ~0xfffn);
    if (this.context.inspection.refusal(base, 4096, access, regime.privilege, hart.id)) return;
    rememberDevicePage(hart, va, base, access);
    if (pageSize > 4096n) noteSuperpage(hart, va);
  }

  load(hart: Hart, va: VirtAddr, size: number, access: Access = 'load'): bigint | undefined {
    if (this.misaligned(hart, va, size, access)) return undefined;
    const across = access === 'load' ? loadAcross(hart, va, size, this.context.xlen) : undefined;
    if (across !== undefined) return across;
    const parts = this.parts(hart, va, size, access);
    if (!parts) return undefined;
    let value = 0n;
    let done = 0;
    for (const part of parts) {
      const bits = this.read(part.pa, part.size);
      if (bits === undefined) {
        takeTrap(hart, causeOf('access-refused', access), va, false, this.context);
        return undefined;
      }
      value |= bits << BigInt(done * 8);
      const at = further(va, done, this.context.xlen);
      if (access === 'load')
        this.note({ hart, access, va: at, pa: part.pa, size: part.size, before: bits, after: bits });
      done += part.size;
    }
    return value;
  }

  /** False: a trap was taken and nothing was written. */
  store(hart: Hart, va: VirtAddr, size: number, value: bigint): boolean {
    if (this.misaligned(hart, va, size, 'store')) return false;
    if (storeAcross(hart, va, size, value, this.context.xlen)) return true;
    const parts = this.parts(hart, va, size, 'store');
    if (!parts) return false;
    let done = 0;
    for (const part of parts) {
      const bits = BigInt.asUintN(part.size * 8, value >> BigInt(done * 8));
      const before = this.guest.pageOf(part.pa) === undefined ? 0n : littleEndian(this.guest.read(part.pa, part.size));
      if (!this.write(part.pa, part.size, bits)) {
        takeTrap(hart, causeOf('access-refused', 'store'), va, false, this.context);
        return false;
      }
      const at = further(va, done, this.context.xlen);
      this.note({ hart, access: 'store', va: at, pa: part.pa, size: part.size, before, after: bits });
      done += part.size;
    }
    return true;
  }

  /** Takes the trap where the machine does not support misaligned accesses. */
  private misaligned(hart: Hart, va: VirtAddr, size: number, access: Access): boolean {
    if (!this.context.trapsMisaligned || va % BigInt(size) === 0n) return false;
    takeTrap(hart, access === 'load' ? 4 : 6, va, false, this.context);
    return true;
  }

  /** Translates both sides of a page crossing before anything happens. */
  private parts(hart: Hart, va: VirtAddr, size: number, access: Access) {
    const room = 4096 - Number(va & 0xfffn);
    const first = this.translate(hart, va, access, Math.min(size, room));
    if (first === undefined) return undefined;
    if (size <= room) return [{ pa: first, size }];
    const second = this.translate(hart, further(va, room, this.context.xlen), access, size - room);
    return (
      second !== undefined && [
        { pa: first, size: room },
        { pa: second, size: size - room },
      ]
    );
  }

  private read(pa: PhysAddr, size: number): bigint | undefined {
    const page = this.guest.pageOf(pa);
    if (page !== undefined) {
      // With a frame in place the next access is one for generated code.
      this.guest.touch(page);
      return littleEndian(this.guest.read(pa, size));
    }
    return isAccessSize(size) ? this.bus.read(pa, size) : undefined;
  }

  private write(pa: PhysAddr, size: number, value: bigint): boolean {
    if (this.guest.pageOf(pa) === undefined) return isAccessSize(size) && this.bus.write(pa, size, value);
    this.context.writeRam(pa, bytesOf(value, size));
    return true;
  }

  /** The instruction at pc; undefined: a trap was taken. */
  fetchWord(hart: Hart): FetchedWord | undefined {
    const first = this.fetchHalf(hart, hart.pc);
    if (!first || (first.bits & 3) !== 3) return first;
    // The second half may lie in the next page; a fault there is told by its own address.
    const second = this.fetchHalf(hart, further(hart.pc, 2, this.context.xlen));
    return second && { bits: first.bits | (second.bits << 16), walkedTo: second.walkedTo };
  }

  private fetchHalf(hart: Hart, va: VirtAddr): FetchedWord | undefined {
    const { bytes } = this.guest;
    const cached = fetchedAddress(hart, va);
    if (cached !== undefined) return { bits: (bytes[cached] as number) | ((bytes[cached + 1] as number) << 8) };
    const walkedTo = this.translate(hart, va, 'fetch', 2);
    return walkedTo === undefined ? undefined : { bits: Number(littleEndian(this.guest.read(walkedTo, 2))), walkedTo };
  }
}

const isAccessSize = (size: number): size is AccessSize => size === 1 || size === 2 || size === 4 || size === 8;

/** `size` bytes, little-endian. */
export function bytesOf(value: bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => Number((value >> BigInt(index * 8)) & 0xffn));
}
