// Names for what a guest maps and where it stands, for explanations.

import { nameOfPhysical } from '../debug-adapter/variables/names.ts';
import type { HartView } from '../emulator/inspection.ts';
import type { DetectedLayout, TrapNames } from '../kernel/index.ts';
import type { Guest } from './guest.ts';

/** The names as they are now; the layout is looked at when the first of them is asked for. */
export function namesOf(guest: Guest, hart: HartView): TrapNames {
  const { machine, symbols } = guest;
  let detected: DetectedLayout | undefined;
  const layout = () => {
    detected ??= guest.layout(hart);
    return detected.layout;
  };
  return {
    regionOf: (va, pa, user) => layout().regionAt(va, pa, user),
    symbolOf: (va) => symbols.nameOf(va),
    nameOfPhysical: (pa) => nameOfPhysical(machine, symbols, pa),
    images: symbols.images,
  };
}
