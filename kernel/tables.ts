// One page table as rows for a tree: the entries with V = 1, equal neighbours merged.

import { hex, type PhysAddr, paText, phys, plus, type VirtAddr, virt } from '../emulator/address.ts';
import type { PhysicalMemory } from '../emulator/inspection.ts';
import { canonical, entriesOf, spanOf } from '../emulator/mmu/modes.ts';
import { decodePte, flagsText, type Pte } from '../emulator/mmu/pte.ts';
import { type FaultReason, malformation } from '../emulator/mmu/walk.ts';
import { UserError } from '../emulator/user-error.ts';
import { type AddressSpace, pteStride, rawEntries } from './space.ts';

/** A table and what it is responsible for. */
export interface TablePlace {
  readonly table: PhysAddr;
  /** 0 = its entries can only be leaves. */
  readonly level: number;
  /** The first virtual address that its entry 0 maps. */
  readonly va: VirtAddr;
}

interface EntryBase {
  readonly level: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** Where the first PTE is. */
  readonly pteAddress: PhysAddr;
  /** The first PTE. */
  readonly pte: Pte;
  readonly va: VirtAddr;
  /** The last byte, inclusive. */
  readonly vaEnd: VirtAddr;
  /** The next table, or the first byte mapped. */
  readonly target: PhysAddr;
  /** Bytes that one of the entries covers; 64 KiB for NAPOT. */
  readonly pageSize: bigint;
  /** `DAG.XWRV`. */
  readonly flags: string;
}

export type TableEntry =
  | (EntryBase & { readonly kind: 'pointer'; readonly children: TablePlace })
  | (EntryBase & { readonly kind: 'leaf' })
  | (EntryBase & { readonly kind: 'malformed'; readonly reason: FaultReason });

/** The root's table of an address space. */
export function rootTable(space: AddressSpace): TablePlace {
  return { table: space.root, level: space.mode.levels - 1, va: virt(0) };
}

/**
 * The present entries of a table. Leaves are one row while both addresses go on with the same flags; other entries
 * while they are the same value.
 * @throws UserError when there is no memory where the table should be.
 */
export function listTable(memory: PhysicalMemory, space: AddressSpace, place = rootTable(space)): TableEntry[] {
  const entries = rawEntries(memory, space.mode, place.table);
  if (entries.length < entriesOf(space.mode)) {
    const end = plus(place.table, entries.length * space.mode.pteSize);
    throw new UserError(
      `There is no memory at ${paText(end)}, where the level-${place.level} page table for ${hex(place.va)} should be. Look at the entry that points there.`,
    );
  }
  const rows: TableEntry[] = [];
  for (let first = 0; first < entries.length; first += 1) {
    if (((entries[first] as bigint) & 1n) === 0n) continue;
    const last = sameUntil(entries, first, space, place.level);
    rows.push(entryOf(entries[first] as bigint, first, last, space, place));
    first = last;
  }
  return rows;
}

/** The last index of the row that begins at `first`. */
function sameUntil(entries: readonly bigint[], first: number, space: AddressSpace, level: number): number {
  const raw = entries[first] as bigint;
  const pte = decodePte(raw, space.mode);
  const goesOn = pte.leaf && !pte.napot && !malformation(pte, level, space.mode, space);
  const stride = goesOn ? pteStride(space.mode, level) : 0n;
  const top = stride === 0n ? raw : raw | ((1n << 54n) - 1n);
  let last = first;
  let expected = raw + stride;
  while (last + 1 < entries.length && entries[last + 1] === expected && expected <= top) {
    last += 1;
    expected += stride;
  }
  return last;
}

function entryOf(raw: bigint, first: number, last: number, space: AddressSpace, place: TablePlace): TableEntry {
  const { mode } = space;
  const { level } = place;
  const pte = decodePte(raw, mode);
  const span = spanOf(mode, level);
  const va = virt(canonical(mode, place.va + BigInt(first) * span));
  const reason = malformation(pte, level, mode, space);
  const napot = pte.napot && !reason;
  const base: EntryBase = {
    level,
    firstIndex: first,
    lastIndex: last,
    pteAddress: plus(place.table, first * mode.pteSize),
    pte,
    va,
    vaEnd: plus(va, BigInt(last - first + 1) * span - 1n),
    target: napot ? phys((pte.target & ~0xffffn) | (BigInt(first & 15) << 12n)) : pte.target,
    pageSize: napot ? 0x10000n : span,
    flags: flagsText(pte),
  };
  if (reason) return { ...base, kind: 'malformed', reason };
  if (pte.leaf) return { ...base, kind: 'leaf' };
  return { ...base, kind: 'pointer', children: { table: pte.target, level: level - 1, va } };
}
