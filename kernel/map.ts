// The map of a whole address space, merged. Generators, so that a reader may page, filter and stop early.

import type { PhysicalMemory } from '../emulator/inspection.ts';
import { everything, leafRuns } from './leaves.ts';
import { type MapRun, mergeRuns } from './run.ts';
import type { AddressSpace } from './space.ts';

/** What a root maps, merged, in ascending order of virtual addresses; with `range` only the leaves that touch it. */
export function mappings(memory: PhysicalMemory, space: AddressSpace, range = everything): Generator<MapRun> {
  return mergeRuns(leafRuns(memory, space, range));
}
