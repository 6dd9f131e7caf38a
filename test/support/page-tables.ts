// Page tables built by hand in a plain piece of memory, for tests that read them.

import { type PhysAddr, phys, plus } from '../../emulator/address.ts';
import type { HartView, Inspection, PhysicalMemory, PhysicalRegion } from '../../emulator/inspection.ts';
import { entriesOf, type PagingMode, spanOf, vpn } from '../../emulator/mmu/modes.ts';
import type { Regime, WalkMemory } from '../../emulator/mmu/walk.ts';
import type { AddressSpace } from '../../kernel/index.ts';

export const V = 0x01n;
export const R = 0x02n;
export const W = 0x04n;
export const X = 0x08n;
export const U = 0x10n;
export const G = 0x20n;
export const A = 0x40n;
export const D = 0x80n;

/** RAM from `base` on, filled with zeros. */
export class TestMemory implements PhysicalMemory {
  readonly base: PhysAddr;
  readonly bytes: Uint8Array;

  constructor(size: number, base = 0x80000000n) {
    this.base = phys(base);
    this.bytes = new Uint8Array(size);
  }

  readPhysical(address: PhysAddr, length: number): Uint8Array {
    const offset = Number(address - this.base);
    return offset < 0 ? new Uint8Array(0) : this.bytes.subarray(offset, offset + length);
  }

  write(address: PhysAddr, value: bigint, size: 4 | 8): void {
    const view = new DataView(this.bytes.buffer, Number(address - this.base), size);
    if (size === 8) view.setBigUint64(0, value, true);
    else view.setUint32(0, Number(value), true);
  }
}

export function pte(target: bigint, flags: bigint): bigint {
  return ((target >> 12n) << 10n) | flags;
}

/** A root and the tables below it, taken from the memory's beginning on as they are needed. */
export class PageTables {
  readonly memory: TestMemory;
  readonly mode: PagingMode;
  readonly root: PhysAddr;
  #next: PhysAddr;

  constructor(memory: TestMemory, mode: PagingMode, first = memory.base) {
    this.memory = memory;
    this.mode = mode;
    this.root = first;
    this.#next = plus(first, 4096);
  }

  /** Maps `count` leaves of `level` from `va` on to contiguous memory. */
  map(va: bigint, pa: bigint, flags: bigint, level = 0, count = 1): void {
    const span = spanOf(this.mode, level);
    for (let index = 0n; index < BigInt(count); index += 1n) {
      this.setLeaf(va + index * span, level, pte(pa + index * span, flags | V));
    }
  }

  /** Writes the entry that translates `va` at `level`, making the tables above it. */
  setLeaf(va: bigint, level: number, value: bigint): void {
    this.memory.write(this.entryAddress(va, level), value, this.mode.pteSize);
  }

  /** Where that entry is. */
  entryAddress(va: bigint, level: number): PhysAddr {
    let table = this.root;
    for (let above = this.mode.levels - 1; above > level; above -= 1) {
      const address = plus(table, vpn(this.mode, va, above) * this.mode.pteSize);
      const raw = this.read(address);
      if (raw & V) {
        table = phys((raw >> 10n) << 12n);
      } else {
        table = this.newTable();
        this.memory.write(address, pte(table, V), this.mode.pteSize);
      }
    }
    return plus(table, vpn(this.mode, va, level) * this.mode.pteSize);
  }

  newTable(): PhysAddr {
    const table = this.#next;
    this.#next = plus(table, 4096);
    return table;
  }

  read(address: PhysAddr): bigint {
    const bytes = this.memory.readPhysical(address, this.mode.pteSize);
    return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  /** Puts a raw entry into a table. */
  set(table: PhysAddr, index: number, value: bigint): void {
    if (index < 0 || index >= entriesOf(this.mode)) throw new RangeError(`no entry ${index}`);
    this.memory.write(plus(table, index * this.mode.pteSize), value, this.mode.pteSize);
  }

  space(features: { readonly pbmt?: boolean; readonly svnapot?: boolean } = {}): AddressSpace {
    return { mode: this.mode, root: this.root, pbmt: false, svnapot: false, ...features };
  }
}

/** A regime in which every well-formed leaf can be loaded from. */
export function anyLoad(space: AddressSpace): Regime {
  return { ...space, privilege: 1, sum: true, mxr: true, hardwareAD: true };
}

/** Memory as the explained walk reads it, with no PMP. */
export function walkMemory(memory: PhysicalMemory): WalkMemory {
  return {
    readPte(address, size) {
      const bytes = memory.readPhysical(address, size);
      if (bytes.length < size) return { by: 'PMA', text: 'nothing at this address' };
      return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    },
    refusal: () => undefined,
  };
}

/** A machine that stands still: memory, the given regions, and harts of which only satp matters. */
export function stillMachine(
  memory: PhysicalMemory,
  parts: { readonly xlen?: 32 | 64; readonly regions?: readonly PhysicalRegion[]; readonly satps?: readonly bigint[] },
): Inspection {
  const harts = (parts.satps ?? [0n]).map(
    (satp, id): HartView => ({
      id,
      pc: 0n as HartView['pc'],
      privilege: 1,
      state: 'started',
      instret: 1000n,
      x: () => 0n,
      f: () => 0n,
      csr: (number) => (number === 0x180 ? satp : 0n),
    }),
  );
  return {
    xlen: parts.xlen ?? 64,
    isa: 'rv64gc',
    harts,
    regions: parts.regions ?? [],
    time: 0n,
    paging: { modes: ['Sv39', 'Sv48', 'Sv57'], svnapot: false, svpbmt: false, svadu: false },
    refusal: () => undefined,
    deviceTree: undefined,
    pmpEntries: 0,
    readPhysical: (address, length) => memory.readPhysical(address, length),
  };
}

/** A reproducible source of numbers (xorshift); `below(n)` gives 0 to n - 1. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
