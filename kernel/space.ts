// An address space as data: a root table and the rules by which its entries are read.

import { hex64, type PhysAddr, phys } from '../emulator/address.ts';
import type { HartView, Inspection, PhysicalMemory } from '../emulator/inspection.ts';
import { decodeSatp, entriesOf, type PagingMode, spanOf } from '../emulator/mmu/modes.ts';
import { regimeUnder } from '../emulator/mmu/regime.ts';

export interface AddressSpace {
  readonly mode: PagingMode;
  readonly root: PhysAddr;
  /** Svpbmt is in force, else the memory-type bits are reserved. */
  readonly pbmt: boolean;
  /** Svnapot is there, else the N bit is reserved. */
  readonly svnapot: boolean;
}

/** The address space of a root, read as `hart` reads it. */
export function spaceOf(machine: Inspection, hart: HartView, mode: PagingMode, root: PhysAddr): AddressSpace {
  const { pbmt, svnapot } = regimeUnder(machine, hart, mode, root, 1);
  return { mode, root, pbmt, svnapot };
}

const SATP = 0x180;

/** The address space that the hart's satp names now, also while M-mode does not use it; undefined = Bare. */
export function currentSpace(machine: Inspection, hart: HartView): AddressSpace | undefined {
  const { mode, root } = decodeSatp(hart.csr(SATP) ?? 0n, machine.xlen);
  return mode && spaceOf(machine, hart, mode, root);
}

/** The name of a root that stays the same while the session lasts: `Sv39@0x0000000080210000`. */
export function rootId(mode: PagingMode, root: PhysAddr): string {
  return `${mode.name}@${hex64(root)}`;
}

/** One table's entries, raw, read at once; shorter where memory ends inside it. */
export function rawEntries(memory: PhysicalMemory, mode: PagingMode, table: PhysAddr): bigint[] {
  const bytes = memory.readPhysical(table, 4096);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.min(entriesOf(mode), Math.floor(bytes.length / mode.pteSize));
  const entries = new Array<bigint>(count);
  for (let index = 0; index < count; index += 1) {
    entries[index] = mode.pteSize === 8 ? view.getBigUint64(index * 8, true) : BigInt(view.getUint32(index * 4, true));
  }
  return entries;
}

/** The entries of a table with V = 1, with their indices. */
export function presentEntries(memory: PhysicalMemory, mode: PagingMode, table: PhysAddr): [number, bigint][] {
  const bytes = memory.readPhysical(table, 4096);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const present: [number, bigint][] = [];
  const { pteSize } = mode;
  for (let at = 0; at + pteSize <= bytes.length; at += pteSize) {
    if ((view.getUint8(at) & 1) === 0) continue;
    present.push([at / pteSize, pteSize === 8 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true))]);
  }
  return present;
}

/** Where entry `index` of a table is. */
export function pteAddress(table: PhysAddr, index: number, mode: PagingMode): PhysAddr {
  return phys(table + BigInt(index * mode.pteSize));
}

/** What one step along a contiguous run adds to a PTE at `level`: the PPN of the span. */
export function pteStride(mode: PagingMode, level: number): bigint {
  return (spanOf(mode, level) >> 12n) << 10n;
}

/** What the PPN of an entry names: the next table, or the first byte mapped. */
export function targetOf(raw: bigint, mode: PagingMode): PhysAddr {
  return phys((mode.pteSize === 8 ? (raw >> 10n) & 0xfffffffffffn : (raw >> 10n) & 0x3fffffn) << 12n);
}
