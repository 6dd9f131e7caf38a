// The generated code, linked: one call runs a hart, the imports come back with the hart's number.

import type { CompressedRow, InstructionRow } from '../isa/row.ts';
import { compile, createTable, link, type WasmTable } from '../wasm/host.ts';
import { ANY_ASID } from './flush.ts';
import type { GuestMemory } from './guest-memory.ts';
import { generateInterpreter, type HartFeatures, tableSize } from './interpreter.ts';
import { hartBytes, hartsAt } from './layout.ts';
import { numberOperations, type Operations } from './operations.ts';

/** What generated code asks of TypeScript; numbers returned are Status values. */
export interface EngineHost {
  /** Fills the record that is reached for the first time. */
  decode(record: number): void;
  /** Puts the instruction at pc, which goes on in the next page, to the scratch records. */
  straddle(hart: number): number;
  /** Makes the page at pc executable for generated code; Status.leave: run its instruction alone, from scratch. */
  fetch(hart: number): number;
  execute(hart: number, record: number): number;
  /** The access is in the hart's block; so is the loaded value. */
  load(hart: number, size: number): number;
  store(hart: number, size: number): number;
  /** Decoded instructions changed in a page that regions were translated from. */
  changed(decoded: number): void;
  /** A record was jumped to often. */
  hot(record: number): void;
  /** The instruction at pc has accessed a page with watched bytes, beside them: told of one of many that do. */
  besideWatched(hart: number): void;
  /** The access at pc, which a region left, was walked for and is plain: told of one of many. */
  missed(hart: number): void;
}

interface Exports {
  run(block: number, budget: number, alone: number): number;
  flush(block: number, machine: number): void;
  flushSpace(block: number, space: number): void;
  forget(block: number, address: bigint, one: number, asid: number): void;
  forgetJumps(block: number): void;
  besideWatched(block: number, address: bigint, size: number, writes: number): number;
  refill(block: number, address: bigint, missed: number): number;
}

export class Engine {
  readonly operations: Operations;
  private readonly interpreter: object;
  private readonly guest: GuestMemory;
  private readonly imports: Readonly<Record<string, (...args: never[]) => unknown>>;
  private exports: Exports;
  private functions = createTable(tableSize);

  /** `prepared`: the interpreter, if it was generated beforehand. */
  constructor(
    table: readonly InstructionRow[],
    compressed: readonly CompressedRow[],
    guest: GuestMemory,
    host: EngineHost,
    features: HartFeatures,
    prepared?: Uint8Array<ArrayBuffer>,
  ) {
    const bytes = prepared ?? generateInterpreter(table, compressed, features);
    const hartOf = (block: number) => (block - hartsAt) / hartBytes;
    this.operations = numberOperations(table, compressed, features);
    this.interpreter = compile(bytes);
    this.guest = guest;
    this.imports = {
      decode: (record: number) => {
        host.decode(record >>> 0);
        return 0;
      },
      straddle: (block: number) => host.straddle(hartOf(block)),
      fetch: (block: number) => host.fetch(hartOf(block)),
      execute: (block: number, record: number) => host.execute(hartOf(block), record >>> 0),
      load: (block: number, size: number) => host.load(hartOf(block), size),
      store: (block: number, size: number) => host.store(hartOf(block), size),
      changed: (decoded: number) => {
        host.changed(decoded >>> 0);
        return 0;
      },
      hot: (record: number) => {
        host.hot(record >>> 0);
        return 0;
      },
      told: (block: number) => {
        host.besideWatched(hartOf(block));
        return 0;
      },
      missed: (block: number) => {
        host.missed(hartOf(block));
        return 0;
      },
      soil: (page: number) => {
        guest.soil(page);
        return 0;
      },
    };
    this.exports = this.linkWith(this.functions);
  }

  private linkWith(table: WasmTable): Exports {
    return link(this.interpreter, this.guest.memory, { ...this.imports, table }) as Exports;
  }

  /** The functions of regions. */
  get table(): WasmTable {
    return this.functions;
  }

  /** What regions may import: see core/watched.ts. */
  get besideWatched(): Exports['besideWatched'] {
    return this.exports.besideWatched;
  }

  /** The same: see core/refill.ts. */
  get refill(): Exports['refill'] {
    return this.exports.refill;
  }

  /**
   * An empty one for the next run. V8 11 (Node 20) keeps each module that was ever linked with a table as long as that one, and
   * a copy of the table for it.
   */
  renewTable(): void {
    const table = createTable(tableSize);
    this.exports = this.linkWith(table);
    this.functions = table;
  }

  /** Runs at most `budget` instructions of the hart; returns an Exit. `alone`: the first one stands in scratch. */
  run(block: number, budget: number, alone: boolean): number {
    return this.exports.run(block, budget, alone ? 1 : 0);
  }

  /** Empties the hart's jump caches. */
  forgetJumps(block: number): void {
    this.exports.forgetJumps(block);
  }

  /** Empties the hart's translation tables, those of M-mode too if `machine`. */
  flush(block: number, machine: boolean): void {
    this.exports.flush(block, machine ? 1 : 0);
  }

  /** Empties the tables of an address space. */
  flushSpace(block: number, space: number): void {
    this.exports.flushSpace(block, space);
  }

  /** Forgets what sfence.vma does: of the address's page or, without, of all; of an ASID or, without, of all. */
  forget(block: number, address: bigint | undefined, asid: number | undefined): void {
    this.exports.forget(block, address ?? 0n, address === undefined ? 0 : 1, asid ?? ANY_ASID);
  }
}
