// The order of a region's blocks: each behind those that lead to it, but for loops. Compilers put what is unlikely behind the
// rest of a function, and jump back from there; in the order of addresses that would look like a loop.

import type { Block } from './blocks.ts';

/** The blocks in reverse postorder from the region's entries, the lowest first, so that an outer loop's head leads its inner ones'. */
export function inOrder(blocks: readonly Block[], entries: readonly number[]): readonly Block[] {
  const left = new Map(blocks.map((block) => [block.start, block]));
  const behind: Block[] = [];
  const visit = (start: number): void => {
    const block = left.get(start);
    if (!block) return;
    left.delete(start);
    // What a branch falls through to is visited last, and so comes first.
    for (const successor of block.successors) visit(successor);
    behind.push(block);
  };
  for (const entry of [...entries].sort((a, b) => a - b)) visit(entry);
  return behind.reverse();
}
