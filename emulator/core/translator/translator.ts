// Keeps the regions: what is hot is collected, translated in batches of one module, entered through records, and dropped
// when the instructions that it was made from change. While another thread makes a module, the guest runs on as before.

import { link, type WasmTable } from '../../wasm/host.ts';
import type { CodeCache } from '../code-cache.ts';
import type { GuestMemory } from '../guest-memory.ts';
import { recordBytes, recordsPerPage, translatedAt } from '../layout.ts';
import type { BatchPage, MadeRegion, RegionPlace } from './batch.ts';
import { type RegionCompiler, SOME_MODULES } from './compiler.ts';
import { Entries, recordAt } from './entries.ts';
import { HotPlaces } from './hot-places.ts';
import { Slots } from './slots.ts';

/** Modules that are kept; a boot of Linux makes fifty. */
const MOST_MODULES = 192;
/** Instructions in all of them, up to 1 KB of the host's memory each; a boot of Linux makes 26 000. */
const MOST_INSTRUCTIONS = 100_000;
/** A page whose code changed this often is left to the interpreter, as is one of which no module could be made. */
const MAX_CHANGES = 16;
/** A page whose code changed as often as this is translated without the instruction that goes on in the next page. */
const STEADY = 8;

/** What accesses of regions are told of for: pages with watched bytes, entries of the TLB that had to be filled. */
type Told = 'besideWatched' | 'missed';

/** An access that was told of so often is done within its region from then on, and so are those that were more than once. */
const OFTEN = 8;
const MORE_THAN_ONCE = 2;

interface Region extends RegionPlace {
  /** Numbers of the entries, in the same order. */
  readonly numbers: readonly number[];
}

/** A page of which something is translated. */
interface TranslatedPage {
  /** Address of its records. */
  readonly decoded: number;
  /** By their places in the table. */
  readonly regions: Map<number, Region>;
  /** How often its instructions have changed. */
  changes: number;
  /** How often what may be in its regions has: instructions and breakpoints. */
  version: number;
  /** A module is being made of some of its instructions. */
  submitted: boolean;
  /** Slots of regions that were made anew. Callers in the page may still call the old ones, which take what is at their slot
   * for themselves: nothing else may come there while the page has regions. */
  readonly retired: number[];
  /** Page offsets of accesses, and how often each was told of. */
  readonly told: Readonly<Record<Told, Map<number, number>>>;
}

/** A page of the batch whose module is being made. */
interface SubmittedPage {
  readonly page: TranslatedPage;
  /** Its `version` when the batch was made. */
  readonly asOf: number;
  readonly hot: readonly number[];
}

interface Submitted {
  readonly pages: readonly SubmittedPage[];
  readonly slots: readonly number[];
}

/** Where the functions of regions are. */
export interface RegionTable {
  readonly functions: WasmTable;
  readonly size: number;
  /** Modules that may be linked with it. */
  readonly modules?: number | undefined;
  /** Instructions in these. */
  readonly instructions?: number | undefined;
  /** See core/watched.ts. */
  readonly besideWatched: (hart: number, address: bigint, size: number, writes: number) => number;
  /** See core/refill.ts. */
  readonly refill: (hart: number, address: bigint, missed: number) => number;
  /** Makes `functions` an empty one, or throws and leaves it. */
  readonly renew: () => void;
  /** The place of a region is no longer what jump caches say. */
  readonly forgetJumps: () => void;
}

export interface TranslatorOptions {
  /** The machine's ISA string. */
  readonly isa: string;
  readonly trapsMisaligned: boolean;
  readonly compiler: RegionCompiler;
  /** Jumps after which a place is hot. */
  readonly translateAfter: number;
  /** Told why translating failed, the first time; else `work` throws each time. */
  readonly failed?: ((error: Error) => void) | undefined;
}

export class Translator {
  private readonly guest: GuestMemory;
  private readonly code: CodeCache;
  private readonly table: RegionTable;
  private readonly options: TranslatorOptions;
  private readonly breakpointsIn: (page: number) => ReadonlySet<number>;
  private readonly pages = new Map<number, TranslatedPage>();
  private readonly hotPlaces: HotPlaces;
  /** Instructions and traps of all harts so far. */
  private run = 0;
  /** Regions whose entries are in the queue to be made anew. */
  private readonly anew = new Set<Region>();
  private submitted: Submitted | undefined;
  private readonly slots: Slots;
  private readonly entries: Entries;
  /** There was no room for the entries of a region. */
  private full = false;
  /** Modules that were linked with the table. */
  private modules = 0;
  /** Instructions in these, also of regions that are no more. */
  private instructions = 0;
  /** So much of them that an empty table is worth being made anew. */
  private worn = false;
  private hasFailed = false;

  /** `breakpointsIn`: byte offsets of breakpoints in a page of RAM. */
  constructor(
    guest: GuestMemory,
    code: CodeCache,
    table: RegionTable,
    options: TranslatorOptions,
    breakpointsIn: (page: number) => ReadonlySet<number>,
  ) {
    this.guest = guest;
    this.code = code;
    this.entries = new Entries(guest, code);
    this.slots = new Slots(table.size);
    this.table = table;
    this.options = options;
    this.hotPlaces = new HotPlaces(options.translateAfter);
    this.breakpointsIn = breakpointsIn;
    code.changed = (decoded) => this.changed(decoded);
    code.stopped = (decoded, offset) => this.stopped(decoded, offset);
    code.continued = (decoded) => this.continued(decoded);
    code.cleared = () => this.forget();
  }

  /** A record was jumped to `visitsCounted` times. */
  hot(record: number): void {
    const page = this.code.pageStart(record);
    this.entries.cool(record);
    if ((this.pages.get(page)?.changes ?? 0) >= MAX_CHANGES) return;
    const straight = (most: number) => this.code.straightFrom(record, most);
    this.hotPlaces.visited({ record, page, run: this.run, straight });
  }

  /** Told of an access. Where it is one of a region, and often is told of, that is made anew. */
  told(what: Told, decoded: number, offset: number): void {
    const page = this.pages.get(decoded);
    const region = page && [...page.regions.values()].find(({ covers }) => covers.includes(offset));
    if (!page || !region) return;
    const told = (page.told[what].get(offset) ?? 0) + 1;
    page.told[what].set(offset, told);
    if (told !== OFTEN || this.anew.has(region)) return;
    this.anew.add(region);
    this.hotPlaces.again(region.entries.map((entry) => recordAt(decoded, entry)));
  }

  /**
   * Translates what has become hot, when it is enough or has waited long; not while generated code runs. `used`:
   * instructions and traps since the last call. Where it fails the guest can go on: what was to be translated is interpreted.
   */
  work(used: number): void {
    try {
      this.proceed(used);
    } catch (error) {
      this.abandon();
      if (!this.options.failed) throw error;
      if (!this.hasFailed) this.options.failed(error as Error);
      this.hasFailed = true;
    }
  }

  private proceed(used: number): void {
    this.run += used;
    if (this.submitted) this.finish();
    if (this.submitted) return;
    const records = this.hotPlaces.take(this.run);
    if (!records.length) return;
    this.anew.clear();
    this.translate(records);
  }

  private translate(records: readonly number[]): void {
    let wanted = this.wanted(records);
    if (!wanted.size) return;
    if (this.full || this.isWorn || this.slots.room < Math.min(mostRegions(wanted), this.table.size)) {
      this.clear();
      wanted = this.wanted(records);
    }
    this.renew();
    const pages = [...wanted].map(([page, hot]) => ({ page, asOf: page.version, hot }));
    const slots = this.slots.take(Math.min(mostRegions(wanted), this.slots.room));
    this.submitted = { pages, slots };
    for (const { page } of pages) {
      page.submitted = true;
      this.mark(page);
    }
    const { isa, trapsMisaligned, compiler } = this.options;
    const plain = pages.map((each) => this.plain(each));
    compiler.submit({ isa, trapsMisaligned, tableSize: this.table.size, slots, pages: plain });
    this.finish();
  }

  /** Whether there are as many modules, or instructions in them, as there may be. */
  private get isWorn(): boolean {
    const { modules = MOST_MODULES, instructions = MOST_INSTRUCTIONS } = this.table;
    return this.modules >= modules || this.instructions >= instructions;
  }

  /** The offsets of hot records by page. */
  private wanted(records: readonly number[]): Map<TranslatedPage, number[]> {
    const wanted = new Map<TranslatedPage, number[]>();
    for (const record of records) {
      const page = this.pageAt(this.code.pageStart(record));
      const offset = ((record - page.decoded) / recordBytes) * 2;
      if (page.changes >= MAX_CHANGES || offset >= recordsPerPage * 2) continue;
      const hot = wanted.get(page) ?? [];
      if (!hot.includes(offset)) hot.push(offset);
      wanted.set(page, hot);
    }
    return wanted;
  }

  private plain({ page, hot }: SubmittedPage): BatchPage {
    return {
      bytes: this.code.bytesOf(page.decoded, page.changes < STEADY),
      breakpoints: this.breakpointsIn(this.code.place(page.decoded).page),
      besideWatched: toldOf(page.told.besideWatched, OFTEN),
      missed: toldOf(page.told.missed, MORE_THAN_ONCE),
      hot,
      regions: [...page.regions.values()],
    };
  }

  /** Puts the regions in place whose module is made, but for those whose page has changed meanwhile. */
  private finish(): void {
    const compiled = this.options.compiler.take();
    if (!compiled || !this.submitted) return;
    const { pages, slots } = this.submitted;
    const exports = compiled.regions.length ? this.link(compiled.module) : {};
    this.submitted = undefined;
    const unused = new Set(slots);
    for (const made of compiled.regions) {
      this.instructions += made.covers.length;
      const { page, asOf } = pages[made.page] as SubmittedPage;
      if (page.version === asOf && this.install(page, made, exports[made.name])) unused.delete(made.slot);
    }
    this.release(pages, unused);
    // What was not installed is interpreted until it is hot again.
    for (const { page, asOf, hot } of pages) {
      if (!this.isKnown(page) || page.version === asOf) continue;
      for (const offset of hot) this.hotPlaces.cool(page.decoded, recordAt(page.decoded, offset));
    }
  }

  private link(module: object): Record<string, unknown> {
    const { functions, besideWatched, refill } = this.table;
    const exports = link(module, this.guest.memory, { table: functions, besideWatched, refill });
    this.modules += 1;
    return exports as Record<string, unknown>;
  }

  /** No module can be made: its pages are left to the interpreter, as it would fail again. */
  private abandon(): void {
    if (!this.submitted) return;
    const { pages, slots } = this.submitted;
    this.submitted = undefined;
    for (const { page } of pages) page.changes = MAX_CHANGES;
    this.release(pages, slots);
  }

  /** No module is being made of the pages any more. `unused`: places in the table that it was to have. */
  private release(pages: readonly SubmittedPage[], unused: Iterable<number>): void {
    const stillThere = pages.filter(({ page }) => this.isKnown(page));
    for (const { page } of stillThere) {
      page.submitted = false;
      this.mark(page);
    }
    // When all pages were forgotten, so were the places.
    if (stillThere.length) this.slots.giveBack(unused);
  }

  /** Whether it has not been forgotten. */
  private isKnown(page: TranslatedPage): boolean {
    return this.pages.get(page.decoded) === page;
  }

  private pageAt(decoded: number): TranslatedPage {
    const known = this.pages.get(decoded);
    if (known) return known;
    const told = { besideWatched: new Map(), missed: new Map() };
    const page = { decoded, regions: new Map(), changes: 0, version: 0, submitted: false, retired: [], told };
    this.pages.set(decoded, page);
    return page;
  }

  /** False if there is no room for its entries, or its page has been forgotten. */
  private install(page: TranslatedPage, made: MadeRegion, compiled: unknown): boolean {
    const { slot, entries, covers, blocks } = made;
    if (!this.isKnown(page)) return false;
    this.full ||= !this.entries.hasRoomFor(entries.length);
    if (this.full) return false;
    for (const other of made.replaces) if (this.drop(page, other)) page.retired.push(other);
    this.table.functions.set(slot, compiled);
    const numbers = entries.map((at, index) => this.entries.add(page.decoded, at, slot, blocks[index] as number));
    page.regions.set(slot, { slot, entries, numbers, covers });
    return true;
  }

  private mark(page: TranslatedPage): void {
    this.guest.words[(page.decoded + translatedAt) / 4] = page.regions.size + (page.submitted ? 1 : 0);
  }

  /** Instructions of the page have changed: its regions, those in the making too, are no longer what memory says. */
  private changed(decoded: number): void {
    const page = this.pages.get(decoded);
    if (!page) return;
    page.changes += 1;
    this.hotPlaces.coolPage(decoded);
    for (const told of Object.values(page.told)) told.clear();
    this.forgetRegions(page);
  }

  /** A breakpoint has come to an instruction. */
  private stopped(decoded: number, offset: number): void {
    const page = this.pages.get(decoded);
    if (!page) return;
    page.version += 1;
    if ([...page.regions.values()].some(({ covers }) => covers.includes(offset))) this.forgetRegions(page);
  }

  /** All of them, as they call each other. */
  private forgetRegions(page: TranslatedPage): void {
    page.version += 1;
    this.slots.giveBack([...page.regions.keys()].filter((slot) => this.drop(page, slot)));
    this.slots.giveBack(page.retired.splice(0));
  }

  /** The page's last instruction is another, as what follows the page is. Where it goes back and forth regions do without it. */
  private continued(decoded: number): void {
    const page = this.pages.get(decoded);
    if (page && page.changes < STEADY) this.changed(decoded);
  }

  /** False if there is no such region. Its slot is not free yet: see `retired`. */
  private drop(page: TranslatedPage, slot: number): boolean {
    const region = page.regions.get(slot);
    if (!region) return false;
    for (const [index, offset] of region.entries.entries()) {
      this.entries.remove(page.decoded, offset, region.numbers[index] as number);
    }
    this.table.functions.set(slot, null);
    this.table.forgetJumps();
    page.regions.delete(slot);
    this.mark(page);
    return true;
  }

  /** Drops every region. */
  clear(): void {
    for (const page of this.pages.values()) for (const slot of [...page.regions.keys()]) this.drop(page, slot);
    this.forget();
  }

  /** The decoded pages are gone, and the records that lead into regions with them. */
  forget(): void {
    for (let slot = 0; slot < this.slots.end; slot += 1) this.table.functions.set(slot, null);
    this.table.forgetJumps();
    this.pages.clear();
    this.hotPlaces.clear();
    this.anew.clear();
    this.slots.forget();
    this.entries.forget();
    this.full = false;
    this.worn = this.modules >= SOME_MODULES || this.isWorn;
  }

  /** A new table, while no region is in this one, where many modules were linked with it. */
  private renew(): void {
    if (!this.worn) return;
    this.table.renew();
    this.worn = false;
    this.modules = 0;
    this.instructions = 0;
  }
}

/** Regions that may be made of what is hot: for each place one, and those that call it anew. */
const mostRegions = (wanted: ReadonlyMap<TranslatedPage, readonly number[]>): number =>
  [...wanted].reduce((sum, [page, hot]) => sum + hot.length + page.regions.size, 0);

const toldOf = (told: ReadonlyMap<number, number>, least: number) =>
  new Set([...told].filter(([, times]) => times >= least).map(([offset]) => offset));
