// The guard pages between Linux's vmalloc areas, by the kernel's own list of them.

import { hex, virt } from '../../emulator/address.ts';
import { vmapAreas } from '../linux/vmalloc.ts';
import type { KernelProgram } from '../objects/object.ts';
import type { MapRun } from '../run.ts';
import { type KernelSymbols, symbolText } from '../symbols.ts';
import type { RawFinding } from './finding.ts';

const PAGE = 4096n;

/** Areas whose last page, which Linux leaves out as a guard, is mapped. What asked for no guard page, and the blocks of
 * vm_map_ram, have none. */
export function* judgeVmalloc(
  runs: readonly MapRun[],
  program: KernelProgram,
  symbols: KernelSymbols,
): Generator<RawFinding> {
  for (const { start, end, flags, caller } of vmapAreas(program)?.items ?? []) {
    if (flags.length === 0 || flags.includes('no guard') || end - start < 2n * PAGE) continue;
    const guard = virt(end - PAGE);
    if (!runs.some(({ va, size }) => guard >= va && guard < va + size)) continue;
    const symbol = caller === undefined ? undefined : symbols.symbolAt(virt(caller));
    const whose = symbol ? `, which ${symbolText(symbol)} asked for` : '';
    yield {
      rule: 'no-guard-page',
      severity: 'warning',
      va: guard,
      size: PAGE,
      what: `is the guard page of the vmalloc area at ${hex(start)}${whose}, and is mapped: what overruns the area is not noticed`,
    };
  }
}
