// What the translator knows of a page of decoded instructions: how control flows in it, and which regions it has.

import type { Instruction } from '../../isa/row.ts';
import { type Flow, flowOf, isTranslatable } from './blocks.ts';

export interface Region {
  readonly slot: number;
  /** Page offsets that it may be entered at. */
  readonly entries: readonly number[];
  /** Numbers of the entries, in the same order. */
  readonly numbers: readonly number[];
  /** Page offsets of its instructions. */
  readonly covers: readonly number[];
  /** Page offsets that it calls. */
  readonly callees: ReadonlySet<number>;
}

/** An instruction that a region can hold. */
export interface Step extends Flow {
  readonly bits: number;
}

export class CodePage {
  /** Address of its records. */
  readonly decoded: number;
  readonly regions = new Set<Region>();
  /** How often its instructions have changed. */
  changes = 0;
  /** A module is being made of some of its instructions. */
  submitted = false;
  private readonly decodeAt: (offset: number) => Instruction | undefined;
  private readonly compressed: boolean;
  /** By halfword; null: nothing that a region can hold. */
  private steps: (Step | null | undefined)[] = [];
  private readonly owners: (Region | undefined)[] = [];

  constructor(decoded: number, decodeAt: (offset: number) => Instruction | undefined, compressed: boolean) {
    this.decoded = decoded;
    this.decodeAt = decodeAt;
    this.compressed = compressed;
  }

  /** The instruction at a page offset, unless it is one for the interpreter. */
  stepAt(offset: number): Step | null {
    const known = this.steps[offset >> 1];
    if (known !== undefined) return known;
    const instruction = this.decodeAt(offset);
    const holds = instruction && isTranslatable(instruction, this.compressed);
    const step = holds ? { ...flowOf({ offset, instruction }), bits: instruction.word } : null;
    this.steps[offset >> 1] = step;
    return step;
  }

  /** The region that holds the instruction; of those that overlap the youngest. */
  ownerOf(offset: number): Region | undefined {
    return this.owners[offset >> 1];
  }

  /** An entry of each region that calls one of the offsets. */
  callersOf(offsets: ReadonlySet<number>): number[] {
    const callers = [...this.regions].filter(({ callees }) => [...callees].some((callee) => offsets.has(callee)));
    return callers.map(({ entries }) => entries[0] as number);
  }

  add(region: Region): void {
    this.regions.add(region);
    for (const offset of region.covers) this.owners[offset >> 1] = region;
  }

  remove(region: Region): void {
    this.regions.delete(region);
    for (const offset of region.covers) {
      if (this.owners[offset >> 1] === region) this.owners[offset >> 1] = undefined;
    }
  }

  /** Some of its instructions, or breakpoints on them, are others. */
  changed(): void {
    this.changes += 1;
    this.forgetSteps();
  }

  /** Reads its instructions anew. */
  forgetSteps(): void {
    this.steps = [];
  }
}
