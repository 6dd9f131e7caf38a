// Who makes modules of batches: this thread at once, or another one while the guest runs on.

import { fusesProducts } from '../../wasm/fused.ts';
import { compile, createMemory, createTable, link, type WasmTable } from '../../wasm/host.ts';
import { hartBytes, hartsAt } from '../layout.ts';
import { assemble, type Batch, type MadeRegion } from './batch.ts';

/** What is made of a batch. */
export interface Compiled {
  /** A WebAssembly.Module. */
  readonly module: object;
  readonly regions: readonly MadeRegion[];
}

/** Compiles one batch at a time. */
export interface RegionCompiler {
  submit(batch: Batch): void;
  /** What was made of the batch submitted, when it is. Does not wait. */
  take(): Compiled | undefined;
}

/** At once. */
export class CompilerHere implements RegionCompiler {
  private readonly fuses: () => boolean;
  private made: Compiled | undefined;

  /** `fuses`: whether to use the host's fused product and sum; by default where it has one. */
  constructor(fuses = fusesProducts) {
    this.fuses = fuses;
  }

  submit(batch: Batch): void {
    const { bytes, regions } = assemble(batch, this.fuses);
    this.made = { module: compile(bytes), regions };
  }

  take(): Compiled | undefined {
    const { made } = this;
    this.made = undefined;
    return made;
  }
}

/** Modules that are worth a new table. */
export const SOME_MODULES = 64;

/** As many for a thread that links each module but once, and runs nothing of it. */
const FEW_MODULES = 16;

/** What a thread needs that makes modules for others. */
export class CompilerForOthers {
  /** As much as a hart needs. */
  private readonly memory = createMemory(Math.ceil((hartsAt + hartBytes) / 65536));
  private readonly fuses: () => boolean;
  private table: WasmTable | undefined;
  private tableSize = 0;
  /** Modules that were linked with the table. */
  private linked = 0;

  /** As that of `CompilerHere`. */
  constructor(fuses = fusesProducts) {
    this.fuses = fuses;
  }

  /**
   * The module of a batch, with the machine code of each function in place: V8 compiles a function when it is first
   * called, for every thread that has the module, so each is called here. The budget of such a call is less than the
   * first block takes, so that nothing is executed.
   */
  compile(batch: Batch): Compiled {
    const { bytes, regions } = assemble(batch, this.fuses);
    const module = compile(bytes);
    const exports = link(module, this.memory, { table: this.tableFor(batch), besideWatched: () => 0, refill: () => 0 });
    for (const { name, blocks } of regions) {
      const region = (exports as Record<string, (...args: unknown[]) => bigint>)[name];
      region?.(hartsAt, -0x80000000, 0n, blocks[0], 0);
    }
    return { module, regions };
  }

  /** A new one once in a while: see `Engine.renewTable`. */
  private tableFor({ tableSize }: Batch): WasmTable {
    if (!this.table || this.tableSize !== tableSize || this.linked >= FEW_MODULES) {
      this.table = createTable(tableSize);
      this.linked = 0;
    }
    this.tableSize = tableSize;
    this.linked += 1;
    return this.table;
  }
}
