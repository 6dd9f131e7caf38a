// Names of what is mapped: the kernel's layout and its symbols, for explanations of translations.

import type { HartView } from '../../emulator/inspection.ts';
import { currentSpace, type KernelImage, type Names } from '../../kernel/index.ts';
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
  const { layout } = detectLayout(machine, currentSpace(machine, hart), symbols, imageOf(session));
  detected.set(session, { stop, hart: hart.id, layout });
  return layout;
}

/** The kernel's image, where its symbols say which addresses it is linked at. */
function imageOf({ target, symbols }: SessionContext): KernelImage | undefined {
  const { start, end } = target.kernel;
  const va = symbols.linkAddress(start);
  return va === undefined ? undefined : { va, pa: start, size: end - start };
}

export function explanationNames(session: SessionContext, hart: HartView): Names {
  return {
    regionOf: (va, pa, user) => layoutOf(session, hart).regionAt(va, pa, user),
    symbolOf: (va) => session.symbols.nameOf(va),
  };
}
