// A hart and a few pages of memory, enough to ask expressions and walks about. Not a machine: nothing executes here.

import type { Names, Scope } from '../../../debug-adapter/expressions/index.ts';
import { type PhysAddr, phys, virt } from '../../../emulator/address.ts';
import type { HartView, Inspection } from '../../../emulator/inspection.ts';

export const RAM = 0x8000_0000n;

export interface Fixture extends Scope {
  readonly x: bigint[];
  readonly csrs: Map<number, bigint>;
  readonly memory: Uint8Array;
  /** Stores a little-endian doubleword at a physical address. */
  store(address: bigint, value: bigint): void;
}

export function fixture(symbols: Readonly<Record<string, bigint>> = {}, size = 0x10000): Fixture {
  const memory = new Uint8Array(size);
  const x = new Array<bigint>(32).fill(0n);
  const f = new Array<bigint>(32).fill(0n);
  const csrs = new Map<number, bigint>([
    [0x180, 0n],
    [0x300, 0n],
    [0x30a, 0n],
  ]);
  const hart: HartView = {
    id: 0,
    pc: virt(RAM),
    privilege: 1,
    state: 'started',
    instret: 0n,
    x: (index) => x[index] as bigint,
    f: (index) => f[index] as bigint,
    csr: (number) => csrs.get(number),
  };
  const machine: Inspection = {
    xlen: 64,
    isa: 'rv64gc_sv57',
    harts: [hart],
    regions: [{ name: 'RAM', kind: 'ram', base: phys(RAM), size: BigInt(size) }],
    time: 0n,
    paging: { modes: ['Sv39', 'Sv48', 'Sv57'], svnapot: false, svpbmt: false, svadu: false },
    refusal: () => undefined,
    deviceTree: undefined,
    pmpEntries: 0,
    readPhysical(address: PhysAddr, length: number) {
      const offset = address - RAM;
      if (offset < 0n || offset >= BigInt(size)) return new Uint8Array(0);
      return memory.slice(Number(offset), Number(offset) + length);
    },
  };
  const names: Names = {
    symbolAt(address) {
      const found = Object.entries(symbols).find(([, value]) => value <= address && address < value + 0x100n);
      return found && { name: found[0], offset: address - found[1] };
    },
    loadAddress: () => undefined,
    valueOf: (name) => (Object.hasOwn(symbols, name) ? symbols[name] : undefined),
    complete: (prefix, limit) =>
      Object.keys(symbols)
        .filter((name) => name.startsWith(prefix))
        .slice(0, limit),
  };
  return {
    machine,
    hart,
    symbols: names,
    x,
    csrs,
    memory,
    store: (address, value) => new DataView(memory.buffer).setBigUint64(Number(address - RAM), value, true),
  };
}

/** Maps one 4 KiB page of Sv39 in `on`, with tables at RAM + 0x1000, 0x2000 and 0x3000, and turns Sv39 on. */
export function mapPage(on: Fixture, va: bigint, pa: bigint, flags: bigint): void {
  const tables = [RAM + 0x1000n, RAM + 0x2000n, RAM + 0x3000n] as const;
  const slot = (level: bigint) => ((va >> (12n + 9n * level)) & 511n) * 8n;
  on.store(tables[0] + slot(2n), (tables[1] >> 2n) | 1n);
  on.store(tables[1] + slot(1n), (tables[2] >> 2n) | 1n);
  on.store(tables[2] + slot(0n), (pa >> 2n) | flags);
  on.csrs.set(0x180, (8n << 60n) | (tables[0] >> 12n));
}
