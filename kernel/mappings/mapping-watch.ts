// Watches what addresses mean: which writes to page tables and to satp change the translation of a range, map a piece of
// physical memory, or make a page writable and executable. Whatever level or hart did it.

import { type PhysAddr, phys, virt } from '../../emulator/address.ts';
import type { CsrWriteEvent, MachineEvent, TableWriteEvent } from '../../emulator/events.ts';
import type { Inspection } from '../../emulator/inspection.ts';
import { canonical, decodeSatp, type PagingMode, spanOf } from '../../emulator/mmu/modes.ts';
import { decodePte } from '../../emulator/mmu/pte.ts';
import { littleEndian } from '../../emulator/mmu/regime.ts';
import { malformation } from '../../emulator/mmu/walk.ts';
import { currentSpace, spaceOf } from '../space.ts';
import {
  compareEntries,
  compareSpaces,
  type EntryPlace,
  type EntryWrite,
  type MappingChange,
  widest,
} from './compare.ts';
import type { FindingBase, MappingFinding, MappingsWanted, WatchedRange } from './finding.ts';
import { Newcomers } from './newcomers.ts';
import { PageRanges, pagesOf, toPages } from './page-ranges.ts';
import { RangeIndex } from './range-index.ts';
import { type EntryVisitor, type Space, type Table, TableGraph } from './table-graph.ts';

const SATP = 0x180;
const ANYWHERE = '';
const nothingWanted: MappingsWanted = {
  ranges: [],
  frames: [],
  writes: false,
  writableAndExecutable: false,
  malformed: false,
};
export class MappingWatch {
  readonly #machine: Inspection;
  readonly #graph: TableGraph;
  #wanted = nothingWanted;
  /** Any table of a hart's root matters, not only those of ranges. */
  #everything = false;
  /** Active ones by mode and root, and those that ranges name. */
  readonly #spaces = new Map<string, Space>();
  readonly #named = new Map<string, Space>();
  readonly #knownWx = new Set<bigint>();
  readonly #byMode = new Map<number, PageRanges>();
  /** By the root that ranges name, or ANYWHERE. */
  #index = new Map<string, RangeIndex>();

  /** `watchTables` makes the machine tell of stores into pages. */
  constructor(machine: Inspection, watchTables: (pages: Iterable<PhysAddr>, on: boolean) => void) {
    this.#machine = machine;
    this.#graph = new TableGraph(machine, watchTables);
  }

  get wanted(): MappingsWanted {
    return this.#wanted;
  }

  get idle(): boolean {
    const { ranges, frames, writes, writableAndExecutable, malformed } = this.#wanted;
    return ranges.length + frames.length === 0 && !writes && !writableAndExecutable && !malformed;
  }

  /** Replaces what is looked for. What is mapped now is no finding. */
  set(wanted: MappingsWanted): void {
    this.#wanted = wanted;
    const keys = new Map<string, WatchedRange[]>();
    for (const range of wanted.ranges) {
      const key = range.root ? keyOf(range.root.mode, range.root.address) : ANYWHERE;
      const known = keys.get(key);
      if (known) known.push(range);
      else keys.set(key, [range]);
    }
    this.#index = new Map([...keys].map(([key, ranges]) => [key, new RangeIndex(ranges)]));
    this.#everything = wanted.frames.length > 0 || wanted.writes || wanted.writableAndExecutable || wanted.malformed;
    this.resync();
  }

  /** Looks at everything anew, without findings: after a reset, or an edit of memory by a debugger. */
  resync(): void {
    this.#graph.clear();
    this.#spaces.clear();
    this.#named.clear();
    this.#knownWx.clear();
    this.#byMode.clear();
    if (this.idle) return;
    const newcomers = new Newcomers(this.#wanted);
    for (const hart of this.#machine.harts) this.#activate(hart.id, newcomers.visit);
    newcomers.remember(this.#knownWx);
    for (const { root } of this.#wanted.ranges) if (root) this.#name(root.mode, root.address);
  }

  /** What an event means. csr-write of satp and table-write must all be told. */
  on(event: MachineEvent): MappingFinding[] {
    if (this.idle) return [];
    if (event.kind === 'table-write') return this.#stored(event);
    return event.kind === 'csr-write' && event.csr === SATP ? this.#switched(event) : [];
  }

  /** A store into a table: each PTE that it touches. */
  #stored(event: TableWriteEvent): MappingFinding[] {
    const pteSize = this.#machine.xlen === 64 ? 8 : 4;
    const page = phys(event.pa & ~0xfffn);
    const tables = this.#graph.at(page);
    if (tables.length === 0) return [];
    const findings: MappingFinding[] = [];
    const end = event.pa + BigInt(event.size);
    for (let at = event.pa & ~BigInt(pteSize - 1); at < end; at += BigInt(pteSize)) {
      const after = littleEndian(this.#machine.readPhysical(phys(at), pteSize));
      const before = valueBefore(event, at, pteSize, after);
      const index = Number(at - page) / pteSize;
      for (const table of tables)
        findings.push(...this.#rewritten(table, index, { pte: phys(at), before, after, recursive: tables.length > 1 }));
    }
    return findings;
  }

  #rewritten(table: Table, index: number, write: Omit<EntryWrite, keyof EntryPlace>): MappingFinding[] {
    const { pte, before, after } = write;
    const { writes, ranges, malformed } = this.#wanted;
    const [place] = this.#graph.placesOf(table);
    if (!place) return [];
    const { level } = table;
    const findings: MappingFinding[] = [];
    const base = (space: Space, page: number) => ({
      ...spanAt(space.mode, level, page + index * pagesOf(space.mode, level)),
      mode: space.mode,
      root: space.root,
      pte,
      level,
      old: before,
      new: after,
    });
    const active = this.#everything && this.#graph.isActive(table);
    if (active && writes) findings.push({ kind: 'pte-write', ...base(place.space, place.page) });
    if (before === after) return findings;
    if (active && malformed && (after & 1n) === 1n) {
      const { mode } = place.space;
      const reason = malformation(decodePte(after, mode), level, mode, place.space);
      if (reason) findings.push({ kind: 'map-malformed', ...base(place.space, place.page), reason });
    }
    if (ranges.length > 0) {
      // Where the entry is part of the way to itself, the upper place tells of all.
      for (const { space, page } of this.#graph.placesOf(table, { address: table.address, index })) {
        const first = page + index * pagesOf(space.mode, level);
        const found = space.harts.size > 0 ? this.#anywhere(space.mode) : space.ranges;
        if (found === 'all' || !found.overlaps(first, first + pagesOf(space.mode, level) - 1)) continue;
        const changes = compareEntries(this.#machine, space, found, { level, index, page: first, ...write });
        findings.push(...this.#met(changes, space, base(space, page)));
      }
    }
    const newcomers = new Newcomers(this.#wanted);
    if (active) {
      const page = place.page + index * pagesOf(place.space.mode, level);
      newcomers.replaced(table, index, before, after, page, place.space);
    }
    this.#graph.rewritten(table, index, after, active ? newcomers.visit : undefined);
    if (active) findings.push(...newcomers.findings(this.#knownWx, base(place.space, place.page)));
    return findings;
  }

  /** satp names another root: what harts mean by addresses changes without a store. */
  #switched({ hart, before, after }: CsrWriteEvent): MappingFinding[] {
    const { xlen } = this.#machine;
    const [was, is] = [decodeSatp(before, xlen), decodeSatp(after, xlen)];
    if (was.mode === is.mode && (was.root === is.root || !is.mode)) return [];
    const newcomers = new Newcomers(this.#wanted);
    const old = was.mode && this.#spaces.get(keyOf(was.mode, was.root));
    const space = this.#activate(hart, newcomers.visit);
    const mode = widest(was.mode, is.mode);
    const findings: MappingFinding[] = [];
    if (mode && this.#wanted.ranges.length > 0) {
      const ranges = this.#anywhere(mode);
      const changes = ranges.empty ? [] : compareSpaces(this.#machine, ranges, old, space);
      const root = space?.root ?? was.root;
      const base = {
        ...spanAt(mode, 0, 0),
        mode,
        root,
        pte: undefined,
        level: mode.levels - 1,
        old: before,
        new: after,
      };
      findings.push(...this.#met(changes, space ?? old, base));
    }
    if (space) {
      const base = {
        ...spanAt(space.mode, 0, 0),
        mode: space.mode,
        root: space.root,
        pte: undefined,
        level: 0,
        old: before,
        new: after,
      };
      findings.push(...newcomers.findings(this.#knownWx, base));
    }
    if (was.mode) this.#deactivate(hart, was.mode, was.root);
    return findings;
  }

  /** What changes mean to the ranges that are meant in the space. */
  #met(changes: readonly MappingChange[], space: Space | undefined, base: FindingBase): MappingFinding[] {
    if (changes.length === 0 || !space) return [];
    const key = space.harts.size > 0 ? ANYWHERE : keyOf(space.mode, space.root);
    const met = this.#index.get(key)?.met(changes) ?? [];
    return met.map((one) => ({ kind: 'map-change', ...base, va: one.change.va, size: one.change.size, ...one }));
  }

  #rangesFor(mode: PagingMode, isMeant: (range: WatchedRange) => boolean): PageRanges {
    const pages = this.#wanted.ranges.filter(isMeant).map(({ range }) => toPages(mode, range));
    return new PageRanges(pages.filter((range) => range !== undefined));
  }

  /** The ranges that are meant under any root, in a mode's pages. */
  #anywhere(mode: PagingMode): PageRanges {
    const known = this.#byMode.get(mode.levels) ?? this.#rangesFor(mode, ({ root }) => root === undefined);
    this.#byMode.set(mode.levels, known);
    return known;
  }

  /** The space that the hart's satp names comes into force. */
  #activate(id: number, visitor: EntryVisitor | undefined): Space | undefined {
    const hart = this.#machine.harts.find((one) => one.id === id);
    const space = hart && currentSpace(this.#machine, hart);
    if (!space) return undefined;
    const key = keyOf(space.mode, space.root);
    const known = this.#spaces.get(key);
    if (known) {
      known.harts.add(id);
      return known;
    }
    const ranges = this.#everything ? ('all' as const) : this.#anywhere(space.mode);
    const added: Space = { ...space, harts: new Set([id]), ranges };
    this.#spaces.set(key, added);
    if (ranges === 'all' || !ranges.empty) this.#graph.add(added, visitor);
    return added;
  }

  #deactivate(id: number, mode: PagingMode, root: PhysAddr): void {
    const key = keyOf(mode, root);
    const space = this.#spaces.get(key);
    if (!space) return;
    space.harts.delete(id);
    if (space.harts.size > 0) return;
    this.#spaces.delete(key);
    this.#graph.remove(space);
  }

  #name(mode: PagingMode, root: PhysAddr): void {
    const key = keyOf(mode, root);
    const [hart] = this.#machine.harts;
    if (this.#named.has(key) || !hart) return;
    const ranges = this.#rangesFor(mode, (one) => one.root?.address === root && one.root.mode === mode);
    const space: Space = { ...spaceOf(this.#machine, hart, mode, root), harts: new Set(), ranges };
    this.#named.set(key, space);
    this.#graph.add(space);
  }
}

/** The addresses of an entry's page. */
function spanAt(mode: PagingMode, level: number, page: number) {
  return { va: virt(canonical(mode, BigInt(page) << 12n)), size: spanOf(mode, level) };
}

const keyOf = (mode: PagingMode, root: PhysAddr) => `${mode.name}@${root}`;

/** The value of a PTE before a store that touched some or all of its bytes. */
function valueBefore(event: TableWriteEvent, pte: bigint, pteSize: number, after: bigint): bigint {
  if (event.pa === pte && event.size === pteSize) return event.before;
  const bits = 8 * event.size;
  const offset = (event.pa - pte) * 8n;
  const place = (value: bigint) => (offset >= 0n ? value << offset : value >> -offset);
  const mask = place((1n << BigInt(bits)) - 1n);
  return BigInt.asUintN(8 * pteSize, (after & ~mask) | place(event.before));
}
