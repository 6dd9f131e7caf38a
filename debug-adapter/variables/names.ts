// Names of what is mapped: the kernel's layout and its symbols, for explanations of translations.

import type { HartView } from '../../emulator/inspection.ts';
import { currentSpace, type Names } from '../../kernel/index.ts';
import { detectLayout, type Layout } from '../../kernel/layouts/index.ts';
import type { SessionContext } from '../session-context.ts';

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
