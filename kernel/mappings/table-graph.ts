// The page tables that some address spaces consist of, as far as somebody cares: each table once, however many entries
// point to it, with the ways from the roots to it.

import { type PhysAddr, phys } from '../../emulator/address.ts';
import type { PhysicalMemory } from '../../emulator/inspection.ts';
import { type AddressSpace, presentEntries, targetOf } from '../space.ts';
import { effective, isPointer } from './mapping.ts';
import { type PageRanges, pagesOf } from './page-ranges.ts';

/** An address space in the graph. */
export interface Space extends AddressSpace {
  /** The harts whose satp names it. */
  readonly harts: Set<number>;
  /** Which of its pages matter; `all` = every table. */
  readonly ranges: PageRanges | 'all';
}

export interface Table {
  readonly address: PhysAddr;
  readonly level: number;
  /** By number of the entry that points here (unique in memory). */
  readonly parents: Map<number, { readonly table: Table; readonly index: number }>;
  readonly children: Map<number, Table>;
  /** The spaces whose root it is. */
  readonly roots: Set<Space>;
  /** From which first pages it has been looked through; `all` = for every table below it. */
  readonly seen: Set<string>;
}

/** Where a table lies in an address space: the first page that its entry 0 is responsible for. */
export interface TablePlace {
  readonly space: Space;
  readonly page: number;
}

/** Told of each entry of a table that is new in the graph, if it is looked through whole. */
export type EntryVisitor = (table: Table, index: number, raw: bigint, page: number, space: Space) => void;

const LEVELS = 5;
const MOST_ENTRIES = 1024;
/** A table that is shared more often than this (KASAN's shadow) is told of at the first places only. */
const MOST_PLACES = 1024;

export class TableGraph {
  readonly #memory: PhysicalMemory;
  readonly #watch: (pages: Iterable<PhysAddr>, on: boolean) => void;
  /** By page number × LEVELS + level. */
  readonly #tables = new Map<number, Table>();
  #visitor: EntryVisitor | undefined;

  /** `watch` is told of the pages that belong to the graph, and of those that do no longer. */
  constructor(memory: PhysicalMemory, watch: (pages: Iterable<PhysAddr>, on: boolean) => void) {
    this.#memory = memory;
    this.#watch = watch;
  }

  /** The tables in a page; of several levels where a table points at itself or a page is used twice. */
  at(page: PhysAddr): Table[] {
    const first = Number(page >> 12n) * LEVELS;
    const found: Table[] = [];
    for (let level = 0; level < LEVELS; level += 1) {
      const table = this.#tables.get(first + level);
      if (table) found.push(table);
    }
    return found;
  }

  /** Adds a space; `visitor` sees what comes into the graph with it. */
  add(space: Space, visitor?: EntryVisitor): void {
    const root = this.#table(space.root, space.mode.levels - 1);
    root.roots.add(space);
    this.#visiting(visitor, () => this.#visit(root, 0, space));
  }

  remove(space: Space): void {
    const [root] = this.at(space.root).filter(({ level }) => level === space.mode.levels - 1);
    if (!root) return;
    root.roots.delete(space);
    this.#dropUnused(root);
  }

  clear(): void {
    const pages = [...this.#tables.values()].map(({ address }) => address);
    this.#tables.clear();
    this.#watch(new Set(pages), false);
  }

  /** An entry of a table has become `raw`. */
  rewritten(table: Table, index: number, raw: bigint, visitor?: EntryVisitor): void {
    const [place] = this.placesOf(table);
    const child = table.children.get(index);
    if (!place || (!child && !isPointer(raw))) return;
    if (child && isPointer(raw) && child.address === targetOf(raw, place.space.mode)) return;
    this.#unlink(table, index);
    this.#visiting(visitor, () => {
      for (const { space, page } of this.placesOf(table)) {
        const span = pagesOf(space.mode, table.level);
        const first = page + index * span;
        if (space.ranges !== 'all' && !space.ranges.overlaps(first, first + span - 1)) continue;
        this.#link(table, index, raw, first, space);
      }
    });
  }

  /** Every place at which a table lies in a space; not those that the way through entry `without` of a table leads to. */
  placesOf(table: Table, without?: { readonly address: PhysAddr; readonly index: number }): TablePlace[] {
    const places: TablePlace[] = [...table.roots].map((space) => ({ space, page: 0 }));
    for (const { table: parent, index } of table.parents.values()) {
      if (without?.index === index && without.address === parent.address) continue;
      for (const { space, page } of this.placesOf(parent, without)) {
        places.push({ space, page: page + index * pagesOf(space.mode, parent.level) });
        if (places.length >= MOST_PLACES) return places;
      }
    }
    return places;
  }

  /** Whether a hart's satp leads here. */
  isActive(table: Table): boolean {
    for (const { harts } of table.roots) if (harts.size > 0) return true;
    for (const { table: parent } of table.parents.values()) if (this.isActive(parent)) return true;
    return false;
  }

  #visiting(visitor: EntryVisitor | undefined, body: () => void): void {
    this.#visitor = visitor;
    try {
      body();
    } finally {
      this.#visitor = undefined;
    }
  }

  #table(address: PhysAddr, level: number): Table {
    const key = Number(address >> 12n) * LEVELS + level;
    const known = this.#tables.get(key);
    if (known) return known;
    if (this.at(address).length === 0) this.#watch([address], true);
    const made: Table = {
      address,
      level,
      parents: new Map(),
      children: new Map(),
      roots: new Set(),
      seen: new Set(),
    };
    this.#tables.set(key, made);
    return made;
  }

  #visit(table: Table, page: number, space: Space): void {
    const { ranges, mode } = space;
    if (table.seen.has('all')) return;
    const key = ranges === 'all' ? 'all' : `${page}/${mode.levels}`;
    if (table.seen.has(key)) return;
    table.seen.add(key);
    const span = pagesOf(mode, table.level);
    for (const [index, raw] of presentEntries(this.#memory, mode, table.address)) {
      const first = page + index * span;
      if (ranges !== 'all' && !ranges.overlaps(first, first + span - 1)) continue;
      if (ranges === 'all') this.#visitor?.(table, index, raw, first, space);
      this.#link(table, index, raw, first, space);
    }
  }

  #link(table: Table, index: number, raw: bigint, page: number, space: Space): void {
    if (!isPointer(raw) || effective(raw, table.level, space) === 0n) return;
    const target = phys(targetOf(raw, space.mode));
    if (this.#memory.readPhysical(target, 8).length < 8) return;
    const child = this.#table(target, table.level - 1);
    table.children.set(index, child);
    child.parents.set(entryNumber(table, index), { table, index });
    this.#visit(child, page, space);
  }

  #unlink(table: Table, index: number): void {
    const child = table.children.get(index);
    if (!child) return;
    table.children.delete(index);
    child.parents.delete(entryNumber(table, index));
    this.#dropUnused(child);
  }

  #dropUnused(table: Table): void {
    if (table.parents.size > 0 || table.roots.size > 0) return;
    this.#tables.delete(Number(table.address >> 12n) * LEVELS + table.level);
    for (const index of [...table.children.keys()]) this.#unlink(table, index);
    if (this.at(table.address).length === 0) this.#watch([table.address], false);
  }
}

function entryNumber({ address, level }: Table, index: number): number {
  return (Number(address >> 12n) * LEVELS + level) * MOST_ENTRIES + index;
}
