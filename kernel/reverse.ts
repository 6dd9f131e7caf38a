// From a physical address to every virtual one that leads there.

import { type PhysAddr, plus, type VirtAddr } from '../emulator/address.ts';
import type { PhysicalMemory } from '../emulator/inspection.ts';
import { mappings } from './map.ts';
import type { MapRun } from './run.ts';
import type { AddressSpace } from './space.ts';

export interface ReversePlace {
  readonly va: VirtAddr;
  readonly run: MapRun;
}

/** Ascending; of a run that maps one page again and again only the first address. */
export function* reverse(memory: PhysicalMemory, space: AddressSpace, pa: PhysAddr): Generator<ReversePlace> {
  for (const run of mappings(memory, space)) {
    const length = run.repeated ? run.pageSize : run.size;
    if (pa >= run.pa && pa < run.pa + length) yield { va: plus(run.va, pa - run.pa), run };
  }
}
