// Keeps the regions: what is hot is collected, translated in batches of one module, entered through records, and dropped
// when the instructions that it was made from change. While another thread makes a module, the guest runs on as before.

import type { Instruction } from '../../isa/row.ts';
import { link, type WasmTable } from '../../wasm/host.ts';
import { type CodeCache, heatOf } from '../code-cache.ts';
import type { GuestMemory } from '../guest-memory.ts';
import { entriesAt, entryBytes, entryField, maxEntries, recordBytes, recordsPerPage, translatedAt } from '../layout.ts';
import { Special } from '../operations.ts';
import type { Batch } from './batch.ts';
import { flowOf } from './blocks.ts';
import { CodePage, type Region } from './code-page.ts';
import type { RegionCompiler } from './compiler.ts';
import { type Draft, draftsFor } from './drafts.ts';

/** Most instructions of a region. */
const MAX_INSTRUCTIONS = 800;
/** Hot places that make a batch, and how many times as many instructions as a hot place has jumps a smaller one waits for. */
const BATCH = 64;
const PATIENCE = 100;
/** Translated instructions from which on a place must be four times as hot: wide code gains less than it costs to translate. */
const MUCH = 5_000;
/** Instructions from a place to the next jump as they usually are: with more, fewer visits make it hot. */
const USUAL = 8;
/** A page whose code changed this often is left to the interpreter. */
const MAX_CHANGES = 16;

/** Drafts whose module is being made, and their places in the table. */
interface Submitted {
  readonly drafts: readonly Draft[];
  readonly slots: readonly number[];
}

export interface TranslatorOptions {
  /** The machine's ISA string. */
  readonly isa: string;
  readonly trapsMisaligned: boolean;
  readonly compressed: boolean;
  readonly compiler: RegionCompiler;
  /** Jumps after which a place is hot. */
  readonly translateAfter: number;
}

export class Translator {
  private readonly guest: GuestMemory;
  private readonly code: CodeCache;
  private readonly table: WasmTable;
  private readonly options: TranslatorOptions;
  private readonly tableSize: number;
  /** The place of a region is no longer what jump caches say. */
  private readonly forgetJumps: () => void;
  private readonly decodeAt: (decoded: number, offset: number) => Instruction | undefined;
  private readonly pages = new Map<number, CodePage>();
  private queue: number[] = [];
  private waited = 0;
  private submitted: Submitted | undefined;
  /** Instructions in all regions that were made. */
  private translated = 0;
  private freeSlots: number[] = [];
  private nextSlot = 0;
  private freeNumbers: number[] = [];
  private nextNumber = 1;

  /** `decodeAt`: the instruction at an offset of a decoded page, unless a breakpoint lies on it. */
  constructor(
    guest: GuestMemory,
    code: CodeCache,
    table: { readonly functions: WasmTable; readonly size: number; readonly forgetJumps: () => void },
    options: TranslatorOptions,
    decodeAt: (decoded: number, offset: number) => Instruction | undefined,
  ) {
    this.guest = guest;
    this.code = code;
    this.table = table.functions;
    this.tableSize = table.size;
    this.forgetJumps = table.forgetJumps;
    this.options = options;
    this.decodeAt = decodeAt;
    code.changed = (decoded) => this.changed(decoded);
    code.cleared = () => this.forget();
  }

  /** A record was jumped to often. */
  hot(record: number): void {
    const { translateAfter } = this.options;
    const wanted = USUAL * translateAfter * (this.translated > MUCH ? 4 : 1);
    const heat = this.heat(record / 4);
    const enough = heat >= wanted / USUAL || heat * this.straightFrom(record, Math.ceil(wanted / heat)) >= wanted;
    if (enough) this.queue.push(record);
  }

  /** Instructions from a record to the next jump, at most so many. */
  private straightFrom(record: number, most: number): number {
    const decoded = this.code.pageStart(record);
    let offset = ((record - decoded) / recordBytes) * 2;
    for (let count = 1; count < most; count += 1) {
      const instruction = this.decodeAt(decoded, offset);
      if (!instruction || flowOf({ offset, instruction }).ends) return count;
      offset += instruction.length;
      if (offset >= recordsPerPage * 2) return count;
    }
    return most;
  }

  /** Translates what has become hot, when it is enough or has waited long; not while generated code runs. `retired`: instructions
   * since the last call. */
  work(retired: number): void {
    if (this.submitted) this.finish();
    if (!this.queue.length || this.submitted) return;
    this.waited += retired;
    if (this.queue.length < BATCH && this.waited < PATIENCE * this.options.translateAfter) return;
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
    const slots = drafts.map(() => this.freeSlots.pop() ?? this.nextSlot++);
    this.submitted = { drafts, slots };
    for (const { page } of drafts) {
      page.submitted = true;
      this.mark(page);
    }
    this.options.compiler.submit(this.batch(this.submitted));
    this.finish();
  }

  private batch({ drafts, slots }: Submitted): Batch {
    return {
      isa: this.options.isa,
      trapsMisaligned: this.options.trapsMisaligned,
      tableSize: this.tableSize,
      regions: drafts.map((draft, index) => {
        const { page, entries, covers } = draft;
        const code = Uint32Array.from([...covers].flatMap((offset) => [offset, page.stepAt(offset)?.bits ?? 0]));
        return { name: nameOf(draft), page: page.decoded, slot: slots[index] as number, entries: [...entries], code };
      }),
    };
  }

  /** Puts the regions in place whose module is made, but for those whose page has changed meanwhile. */
  private finish(): void {
    const compiled = this.options.compiler.take();
    if (!compiled || !this.submitted) return;
    const { drafts, slots } = this.submitted;
    this.submitted = undefined;
    const exports = link(compiled.module, this.guest.memory, { table: this.table }) as Record<string, unknown>;
    for (const [index, draft] of drafts.entries()) {
      const { page } = draft;
      if (this.pages.get(page.decoded) !== page) continue;
      page.submitted = false;
      const slot = slots[index] as number;
      if (page.changes !== draft.asOf) this.abandon(draft, slot);
      else this.install(draft, slot, exports[nameOf(draft)], compiled.blocks[index] as readonly number[]);
    }
  }

  /** Leaves the draft's instructions to the interpreter until they are hot again. */
  private abandon({ page, entries }: Draft, slot: number): void {
    this.freeSlots.push(slot);
    for (const offset of entries) {
      const record = (page.decoded + (offset >> 1) * recordBytes) / 4;
      if (this.guest.words[record] !== Special.region) this.setHeat(record, 0);
    }
    this.mark(page);
  }

  private hasRoom(drafts: readonly Draft[]): boolean {
    const entries = drafts.reduce((sum, draft) => sum + draft.entries.size, 0);
    return this.nextSlot + drafts.length <= this.tableSize && this.nextNumber + entries <= maxEntries;
  }

  private draftsOf(records: readonly number[]): Draft[] {
    const wanted = new Map<CodePage, Set<number>>();
    for (const record of records) {
      const page = this.pageAt(this.code.pageStart(record));
      const offset = ((record - page.decoded) / recordBytes) * 2;
      if (page.changes >= MAX_CHANGES || offset >= recordsPerPage * 2) continue;
      // Where there are no regions, nobody tells of changes.
      if (!page.regions.size) page.forgetSteps();
      const entries = wanted.get(page) ?? new Set();
      wanted.set(page, entries.add(offset));
    }
    for (const [page, offsets] of wanted) for (const offset of page.callersOf(offsets)) offsets.add(offset);
    return [...wanted].flatMap(([page, offsets]) => draftsFor(page, offsets, MAX_INSTRUCTIONS));
  }

  private pageAt(decoded: number): CodePage {
    const known = this.pages.get(decoded);
    if (known) return known;
    const page = new CodePage(decoded, (offset) => this.decodeAt(decoded, offset), this.options.compressed);
    this.pages.set(decoded, page);
    return page;
  }

  private install(draft: Draft, slot: number, compiled: unknown, blocks: readonly number[]): void {
    const { page, replaces } = draft;
    for (const region of replaces) if (page.regions.has(region)) this.drop(page, region);
    this.table.set(slot, compiled);
    const entries = [...draft.entries];
    const numbers = entries.map((offset, index) => this.enterAt(page, offset, slot, blocks[index] as number));
    this.translated += draft.covers.size;
    const callees = new Set([...draft.covers].flatMap((offset) => page.stepAt(offset)?.callee ?? []));
    page.add({ slot, entries, numbers, covers: [...draft.covers], callees });
    this.mark(page);
  }

  /** Makes the record at an offset lead into the region. */
  private enterAt(page: CodePage, offset: number, slot: number, block: number): number {
    const { words } = this.guest;
    const record = (page.decoded + (offset >> 1) * recordBytes) / 4;
    const number = this.freeNumbers.pop() ?? this.nextNumber++;
    const entry = entriesAt + number * entryBytes;
    words[(entry + entryField.slot) / 4] = slot;
    words[(entry + entryField.block) / 4] = block;
    this.code.writeAlone(entry + entryField.alone, this.code.wordAt(this.code.place(record * 4)));
    words[record] = Special.region;
    this.setHeat(record, number);
    return number;
  }

  private heat(record: number): number {
    return this.guest.halves[this.heatIndex(record)] as number;
  }

  private heatIndex(record: number): number {
    return heatOf(this.code.pageStart(record * 4), record * 4);
  }

  private setHeat(record: number, value: number): void {
    this.guest.halves[this.heatIndex(record)] = value;
  }

  private mark(page: CodePage): void {
    const at = (page.decoded + translatedAt) / 4;
    this.guest.words[at] = page.regions.size + (page.submitted ? 1 : 0);
  }

  /** Instructions of the page have changed: its regions, those in the making too, are no longer what memory says. */
  private changed(decoded: number): void {
    const page = this.pages.get(decoded);
    if (!page) return;
    page.changed();
    for (const region of [...page.regions]) this.drop(page, region);
  }

  private drop(page: CodePage, region: Region): void {
    const { words } = this.guest;
    for (const [index, offset] of region.entries.entries()) {
      const record = (page.decoded + (offset >> 1) * recordBytes) / 4;
      const number = region.numbers[index] as number;
      this.freeNumbers.push(number);
      // The record may have changed, or another region may have taken it over.
      const leadsHere = words[record] === Special.region && this.heat(record) === number;
      if (!leadsHere) continue;
      words[record] = Special.undecoded;
    }
    this.table.set(region.slot, null);
    this.forgetJumps();
    this.freeSlots.push(region.slot);
    page.remove(region);
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
    this.translated = 0;
  }
}

/** Of the draft's function in its module. */
function nameOf({ page, entries }: Draft): string {
  return `r${page.decoded}_${[...entries][0]}`;
}
