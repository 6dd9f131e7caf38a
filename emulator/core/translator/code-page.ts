// A page of code as the translator reads it: how control flows in it, and which of it is translated.

import { lengthOf } from '../../isa/decode.ts';
import type { Instruction } from '../../isa/row.ts';
import type { BatchPage, RegionPlace } from './batch.ts';
import { type Flow, flowOf, isTranslatable, type PlacedInstruction } from './blocks.ts';

/** An instruction that a region can hold. */
export interface Step extends PlacedInstruction, Flow {}

export class CodePage {
  private readonly view: DataView;
  private readonly breakpoints: ReadonlySet<number>;
  private readonly besideWatched: ReadonlySet<number>;
  private readonly missed: ReadonlySet<number>;
  private readonly decode: (word: number) => Instruction | undefined;
  private readonly compressed: boolean;
  /** By halfword; null: nothing that a region can hold. */
  private readonly steps: (Step | null | undefined)[] = [];
  private readonly regions: readonly RegionPlace[];
  private readonly owners: (RegionPlace | undefined)[] = [];

  constructor(
    { bytes, breakpoints, besideWatched, missed, regions }: BatchPage,
    decode: (word: number) => Instruction | undefined,
    compressed: boolean,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.breakpoints = breakpoints;
    this.besideWatched = besideWatched;
    this.missed = missed;
    this.decode = decode;
    this.compressed = compressed;
    this.regions = regions;
    for (const region of regions) for (const offset of region.covers) this.owners[offset >> 1] = region;
  }

  /** The instruction at a page offset, unless it is one for the interpreter. */
  stepAt(offset: number): Step | null {
    const known = this.steps[offset >> 1];
    if (known !== undefined) return known;
    const instruction = this.instructionAt(offset);
    const holds = instruction && isTranslatable(instruction, this.compressed);
    const besideWatched = this.besideWatched.has(offset);
    const refills = this.missed.has(offset);
    const step = holds ? { offset, instruction, besideWatched, refills, ...flowOf({ offset, instruction }) } : null;
    this.steps[offset >> 1] = step;
    return step;
  }

  private instructionAt(offset: number): Instruction | undefined {
    const half = this.view.getUint16(offset, true);
    if (this.breakpoints.has(offset)) return undefined;
    if (lengthOf(half) === 2) return this.decode(half);
    return offset + 4 > this.view.byteLength ? undefined : this.decode(this.view.getUint32(offset, true));
  }

  /** The region that holds the instruction; of those that overlap the youngest. */
  ownerOf(offset: number): RegionPlace | undefined {
    return this.owners[offset >> 1];
  }

  /** An entry of each region that calls one of the offsets. */
  callersOf(offsets: readonly number[]): number[] {
    const calls = (offset: number) => offsets.includes(this.stepAt(offset)?.callee ?? -1);
    const callers = this.regions.filter(({ covers }) => covers.some(calls));
    return callers.map(({ entries }) => entries[0] as number);
  }
}
