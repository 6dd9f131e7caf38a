// Names of what is mapped: the kernel's layout and its symbols, for explanations of translations.

import type { PhysAddr } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { currentSpace, type Names, type TrapNames } from '../../kernel/index.ts';
import { detectLayout, type Layout } from '../../kernel/layouts/index.ts';
import type { SessionContext } from '../session-context.ts';
import type { Symbols } from '../symbols.ts';

interface Detected {
  /** The state it was detected in. */
  readonly stop: number;
  readonly hart: number;
  readonly layout: Layout;
}

const detected = new WeakMap<SessionContext, Detected>();

/** The layout under the hart's satp, detected once for each stop. */
export function layoutOf(session: SessionContext, hart: HartView): Layout {
  const { machine, symbols, stop } = session;
  const known = detected.get(session);
  if (known?.stop === stop && known.hart === hart.id) return known.layout;
  const { layout } = detectLayout(machine, currentSpace(machine, hart), symbols, symbols.images);
  detected.set(session, { stop, hart: hart.id, layout });
  return layout;
}

export function explanationNames(session: SessionContext, hart: HartView): Names {
  return {
    regionOf: (va, pa, user) => layoutOf(session, hart).regionAt(va, pa, user),
    symbolOf: (va) => session.symbols.nameOf(va),
  };
}

/** The same with what is at physical addresses, for explanations of traps. */
export function trapNames(session: SessionContext, hart: HartView): TrapNames {
  const { machine, symbols } = session;
  return {
    ...explanationNames(session, hart),
    nameOfPhysical: (pa) => nameOfPhysical(machine, symbols, pa),
    images: symbols.images,
  };
}

/** The section of the kernel that is loaded there, else what answers there; empty where nothing does. */
export function nameOfPhysical(machine: Inspection, symbols: Symbols, pa: PhysAddr): string {
  const link = symbols.linkAddress(pa);
  const section =
    link === undefined ? undefined : symbols.sections.find(({ va, size }) => link >= va && link < va + size);
  if (section) return section.name;
  return machine.regions.find(({ base, size }) => pa >= base && pa < base + size)?.name ?? '';
}
