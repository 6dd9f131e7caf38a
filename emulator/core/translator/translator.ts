// Keeps the regions: what is hot is collected, translated in batches of one module, entered through records, and dropped
// when the instructions that it was made from change.

import type { Instruction } from '../../isa/row.ts';
import { instantiate, type WasmTable } from '../../wasm/host.ts';
import { ModuleBuilder } from '../../wasm/module.ts';
import type { CodeCache } from '../code-cache.ts';
import type { GuestMemory } from '../guest-memory.ts';
import type { HartFeatures } from '../interpreter.ts';
import { regionParams } from '../jumps.ts';
import {
  entryBytes,
  entryField,
  maxEntries,
  recordBytes,
  recordField,
  recordsPerPage,
  translatedField,
} from '../layout.ts';
import { Special } from '../operations.ts';
import { type Block, findBlocks } from './blocks.ts';
import { defineRegion } from './region-code.ts';

/** Most instructions of a region. */
const MAX_INSTRUCTIONS = 800;
/** Hot places that make a batch, and calls of `work` after which fewer do. */
const BATCH = 64;
const PATIENCE = 8;
/** A page whose code changed this often is left to the interpreter. */
const MAX_CHANGES = 16;

interface Region {
  readonly slot: number;
  /** Byte offsets in the page that it may be entered at. */
  readonly entries: readonly number[];
  /** Numbers of the entries, in the same order. */
  readonly numbers: readonly number[];
  /** Offsets of all its blocks' instructions. */
  readonly covers: ReadonlySet<number>;
}

interface Page {
  readonly decoded: number;
  regions: Region[];
  changes: number;
}

interface Draft {
  readonly page: Page;
  readonly entries: readonly number[];
  readonly name: string;
  readonly blocks: readonly Block[];
  readonly covers: ReadonlySet<number>;
}

export class Translator {
  private readonly guest: GuestMemory;
  private readonly code: CodeCache;
  private readonly table: WasmTable;
  private readonly features: HartFeatures;
  private readonly tableSize: number;
  /** The place of a region is no longer what jump caches say. */
  private readonly forgetJumps: () => void;
  private readonly decodeAt: (decoded: number, offset: number) => Instruction | undefined;
  private readonly pages = new Map<number, Page>();
  private queue: number[] = [];
  private waited = 0;
  private freeSlots: number[] = [];
  private nextSlot = 0;
  private freeNumbers: number[] = [];
  private nextNumber = 1;

  /** `decodeAt`: the instruction at an offset of a decoded page, unless a breakpoint lies on it. */
  constructor(
    guest: GuestMemory,
    code: CodeCache,
    table: { readonly functions: WasmTable; readonly size: number; readonly forgetJumps: () => void },
    features: HartFeatures,
    decodeAt: (decoded: number, offset: number) => Instruction | undefined,
  ) {
    this.guest = guest;
    this.code = code;
    this.table = table.functions;
    this.tableSize = table.size;
    this.forgetJumps = table.forgetJumps;
    this.features = features;
    this.decodeAt = decodeAt;
    code.changed = (decoded) => this.changed(decoded);
    code.cleared = () => this.forget();
  }

  /** A record was jumped to often. */
  hot(record: number): void {
    this.queue.push(record);
  }

  /** Translates what has become hot, when it is enough or has waited long; not while generated code runs. */
  work(): void {
    if (!this.queue.length) return;
    this.waited += 1;
    if (this.queue.length < BATCH && this.waited < PATIENCE) return;
    const records = this.queue;
    this.queue = [];
    this.waited = 0;
    this.translate(records);
  }

  private translate(records: readonly number[]): void {
    let drafts = this.draftsOf(records);
    if (!this.hasRoom(drafts)) {
      this.clear();
      drafts = this.draftsOf(records);
    }
    if (!drafts.length || !this.hasRoom(drafts)) return;
    const module = new ModuleBuilder();
    module.importTable(this.tableSize);
    const enter = module.indirect(regionParams, 'i64');
    const slots = drafts.map(() => this.freeSlots.pop() ?? this.nextSlot++);
    for (const [index, { name, blocks, entries }] of drafts.entries()) {
      defineRegion(module, name, { blocks, entries, slot: slots[index] as number }, this.features, enter);
    }
    const bytes = module.bytes(this.guest.regions.wasmPages);
    const exports = instantiate(bytes, this.guest.memory, { table: this.table }) as Record<string, unknown>;
    for (const [index, draft] of drafts.entries()) this.install(draft, slots[index] as number, exports[draft.name]);
  }

  private hasRoom(drafts: readonly Draft[]): boolean {
    const entries = drafts.reduce((sum, draft) => sum + draft.entries.length, 0);
    return this.nextSlot + drafts.length <= this.tableSize && this.nextNumber + entries <= maxEntries;
  }

  private draftsOf(records: readonly number[]): Draft[] {
    const wanted = new Map<Page, Set<number>>();
    for (const record of records) {
      const decoded = this.code.pageStart(record);
      const page = this.pages.get(decoded) ?? { decoded, regions: [], changes: 0 };
      this.pages.set(decoded, page);
      const offset = ((record - decoded) / recordBytes) * 2;
      if (page.changes >= MAX_CHANGES || offset >= recordsPerPage * 2) continue;
      const entries = wanted.get(page) ?? new Set();
      wanted.set(page, entries.add(offset));
    }
    return [...wanted].flatMap(([page, offsets]) => this.drafts(page, offsets));
  }

  /** Regions to be made for the hot offsets of a page. No two hold the same instruction, unless they grew too large. */
  private drafts(page: Page, offsets: ReadonlySet<number>): Draft[] {
    let drafts: Draft[] = [];
    for (const offset of offsets) {
      if (drafts.some(({ entries }) => entries.includes(offset))) continue;
      let found = this.blocksFrom(page, new Set([offset]));
      for (;;) {
        const covers = coverage(found.blocks);
        const overlaps = (other: { readonly covers: ReadonlySet<number> }) => intersects(other.covers, covers);
        const others = [...drafts.filter(overlaps), ...page.regions.filter(overlaps)];
        const entries = new Set([...found.entries, ...others.flatMap((other) => other.entries)]);
        for (const other of offsets) if (covers.has(other)) entries.add(other);
        const larger = this.blocksFrom(page, entries);
        if (coverage(larger.blocks).size >= MAX_INSTRUCTIONS) break;
        drafts = drafts.filter((other) => !others.includes(other));
        for (const region of page.regions) if (others.includes(region)) this.drop(page, region);
        const grown = larger.entries.length > found.entries.length || others.length > 0;
        found = larger;
        if (!grown) break;
      }
      const name = `r${page.decoded}_${offset}`;
      if (found.entries.length) drafts.push({ page, ...found, name, covers: coverage(found.blocks) });
    }
    return drafts;
  }

  private blocksFrom(page: Page, entries: ReadonlySet<number>) {
    const decode = (offset: number) => this.decodeAt(page.decoded, offset);
    return findBlocks([...entries], decode, MAX_INSTRUCTIONS, this.features.compressed);
  }

  private install({ page, entries, blocks, covers }: Draft, slot: number, compiled: unknown): void {
    this.table.set(slot, compiled);
    const numbers = entries.map((offset) => {
      const block = blocks.findIndex(({ start }) => start === offset);
      return this.enterAt(page, offset, slot, block);
    });
    page.regions.push({ slot, entries, numbers, covers });
    this.mark(page);
  }

  /** Makes the record at an offset lead into the region. */
  private enterAt(page: Page, offset: number, slot: number, block: number): number {
    const { words } = this.guest;
    const record = (page.decoded + (offset >> 1) * recordBytes) / 4;
    if ((words[record] as number) === Special.undecoded) this.code.decode(record * 4, false);
    const number = this.freeNumbers.pop() ?? this.nextNumber++;
    const entry = (this.guest.regions.entries + number * entryBytes) / 4;
    const word = words[record] as number;
    words[entry + entryField.slot / 4] = slot;
    words[entry + entryField.block / 4] = block | (this.operationAt(record) << 16);
    words[record] = (word & 0xffff0000) | Special.region;
    this.setHeat(record, number);
    return number;
  }

  /** The operation of the instruction at a record, also where a region may be entered. */
  private operationAt(record: number): number {
    const { words, regions } = this.guest;
    const operation = (words[record] as number) & 0xffff;
    if (operation !== Special.region) return operation;
    const entry = (regions.entries + this.heat(record) * entryBytes) / 4;
    return (words[entry + entryField.block / 4] as number) >>> 16;
  }

  private heat(record: number): number {
    return (this.guest.words[record + (recordField.heat >> 2)] as number) >>> 16;
  }

  private setHeat(record: number, value: number): void {
    const at = record + (recordField.heat >> 2);
    const { words } = this.guest;
    words[at] = ((words[at] as number) & 0xffff) | (value << 16);
  }

  private mark(page: Page): void {
    const at = (page.decoded + recordsPerPage * recordBytes + translatedField) / 4;
    this.guest.words[at] = page.regions.length;
  }

  /** Instructions of the page have changed: its regions are no longer what memory says. */
  private changed(decoded: number): void {
    const page = this.pages.get(decoded);
    if (!page) return;
    page.changes += 1;
    for (const region of [...page.regions]) this.drop(page, region);
  }

  private drop(page: Page, region: Region): void {
    const { words } = this.guest;
    for (const [index, offset] of region.entries.entries()) {
      const record = (page.decoded + (offset >> 1) * recordBytes) / 4;
      const number = region.numbers[index] as number;
      this.freeNumbers.push(number);
      // The record may have changed, or another region may have taken it over.
      const leadsHere = ((words[record] as number) & 0xffff) === Special.region && this.heat(record) === number;
      if (!leadsHere) continue;
      words[record] = ((words[record] as number) & 0xffff0000) | this.operationAt(record);
      this.setHeat(record, 0);
    }
    this.table.set(region.slot, null);
    this.forgetJumps();
    this.freeSlots.push(region.slot);
    page.regions = page.regions.filter((other) => other !== region);
    this.mark(page);
  }

  /** Drops every region. */
  clear(): void {
    for (const page of this.pages.values()) for (const region of [...page.regions]) this.drop(page, region);
    this.forget();
  }

  /** The decoded pages are gone, and the records that lead into regions with them. */
  forget(): void {
    for (let slot = 0; slot < this.nextSlot; slot += 1) this.table.set(slot, null);
    this.forgetJumps();
    this.pages.clear();
    this.queue = [];
    this.freeSlots = [];
    this.freeNumbers = [];
    this.nextSlot = 0;
    this.nextNumber = 1;
  }
}

function intersects(one: ReadonlySet<number>, other: ReadonlySet<number>): boolean {
  for (const item of one) if (other.has(item)) return true;
  return false;
}

/** The offsets of all instructions in the blocks. */
function coverage(blocks: readonly Block[]): Set<number> {
  return new Set(blocks.flatMap(({ instructions }) => instructions.map(({ offset }) => offset)));
}
