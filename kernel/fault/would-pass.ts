// What would have let a refused access pass, in words, with what can be known of a kernel.

import { type PhysAddr, phys, type VirtAddr } from '../../emulator/address.ts';
import type { TrapNames } from './explain-trap.ts';
import { repairOf } from './repair.ts';
import { type RepairWords, repairWords } from './repair-text.ts';
import type { Attempt } from './trial.ts';

/** The smallest change first; empty where none can be. */
export function wouldPass(attempt: Attempt, names: Pick<TrapNames, 'images' | 'nameOfPhysical'>): RepairWords[] {
  const repair = repairOf(attempt, hintsFor(attempt, names.images));
  return repair ? [repairWords(repair, names.nameOfPhysical)] : [];
}

/** The image at its link address, memory at its own: where an address that nothing maps should most likely lead. */
function hintsFor({ machine }: Attempt, images: TrapNames['images']) {
  const inImage = (va: bigint) => images.find((image) => va >= image.va && va < image.va + image.size);
  let spare = 0n;
  return {
    target(va: VirtAddr): PhysAddr | undefined {
      const image = inImage(va);
      if (image) return phys(va - image.va + image.pa);
      const own = machine.regions.some(({ base, size }) => va >= base && va < base + size);
      return own ? phys(va) : undefined;
    },
    // Never written to: only told as "a table" or "the page that you mean". RAM, so that the access passes.
    spare(): PhysAddr {
      const ram = machine.regions.find(({ kind }) => kind === 'ram');
      spare += 4096n;
      return phys((ram?.base ?? 0n) + spare);
    },
    ofKernel: (pa: PhysAddr) => images.some((image) => pa >= image.pa && pa < image.pa + image.size),
  };
}
