// Control flow of a region as nested loops over address ranges. Every backward jump goes to the head of a loop that
// encloses it; a forward jump into the middle of a loop goes through a dispatch at the loop's head. No graph is ever
// too wild for this, and usual code needs no dispatch.

import type { Block, PlacedInstruction } from './blocks.ts';

/** A range of blocks by index, both ends inclusive, that starts over at its first block. */
export interface Loop {
  readonly first: number;
  readonly last: number;
  /** Some jump from outside, or an entry of the region, goes to another block than the first. */
  readonly dispatches: boolean;
}

export interface Structure {
  readonly loops: readonly Loop[];
  /** Index of the block that starts at a page offset. */
  readonly indexOf: ReadonlyMap<number, number>;
  /**
   * For each block where the budget is looked at, what must be left of it: the longest way to the next such block. 0
   * elsewhere: the look was taken before.
   */
  readonly reserves: readonly number[];
}

interface Range {
  readonly first: number;
  last: number;
}

export function structureOf(blocks: readonly Block[], entries: readonly number[]): Structure {
  const indexOf = new Map(blocks.map(({ start }, index) => [start, index]));
  const edges: [from: number, to: number][] = [];
  for (const [from, { successors }] of blocks.entries()) {
    for (const offset of successors) {
      const to = indexOf.get(offset);
      if (to !== undefined) edges.push([from, to]);
    }
  }
  const ranges = nested(edges.filter(([from, to]) => to <= from));
  const entered = entries.map((offset) => indexOf.get(offset)).filter((index) => index !== undefined);
  const loops = ranges.map(({ first, last }) => {
    const isMiddle = (to: number) => to > first && to <= last;
    const fromOutside = edges.some(([from, to]) => isMiddle(to) && (from < first || from > last));
    return { first, last, dispatches: fromOutside || entered.some(isMiddle) };
  });
  return { loops, indexOf, reserves: reservesOf(blocks, indexOf, edges, entered) };
}

/** The budget is looked at where the region is entered, where calls come back, and at the targets of backward jumps. */
function reservesOf(
  blocks: readonly Block[],
  indexOf: ReadonlyMap<number, number>,
  edges: readonly (readonly [from: number, to: number])[],
  entered: readonly number[],
): number[] {
  const looks = new Set(entered);
  for (const [from, to] of edges) if (to <= from || blocks[from]?.calls) looks.add(to);
  const needs: number[] = [];
  for (let index = blocks.length - 1; index >= 0; index -= 1) {
    const { instructions, successors } = blocks[index] as Block;
    const onward = successors.map((offset) => indexOf.get(offset)).filter((to) => to !== undefined && !looks.has(to));
    needs[index] = lengthOf(instructions) + Math.max(0, ...onward.map((to) => needs[to as number] as number));
  }
  return needs.map((need, index) => (looks.has(index) ? need : 0));
}

/** The longest way through them. */
export function lengthOf(instructions: readonly PlacedInstruction[]): number {
  const ofArms = instructions.map(({ arms }) => (arms ? Math.max(arms.taken.length, arms.fallen.length) : 0));
  return ofArms.reduce((sum, more) => sum + more, instructions.length);
}

/** One range for each target of backward edges, widened until any two are nested or apart. */
function nested(backward: readonly (readonly [number, number])[]): Range[] {
  const byHead = new Map<number, Range>();
  for (const [from, to] of backward) {
    const range = byHead.get(to);
    if (range) range.last = Math.max(range.last, from);
    else byHead.set(to, { first: to, last: from });
  }
  const ranges = [...byHead.values()].sort((a, b) => a.first - b.first);
  for (let changed = true; changed; ) {
    changed = false;
    for (const outer of ranges) {
      for (const inner of ranges) {
        if (inner.first > outer.first && inner.first <= outer.last && inner.last > outer.last) {
          outer.last = inner.last;
          changed = true;
        }
      }
    }
  }
  return ranges;
}
