// The roots that satp has held, and the writes to it.

import { hex64 } from '../../emulator/address.ts';
import { markChanges } from '../changes.ts';
import type { ArgumentsOf, BodyOf } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';

export function pagewalkRoots(session: SessionContext): BodyOf<'pagewalk/roots'> {
  const { watch, machine, symbols, stop } = session;
  const rows = watch.roots
    .list(machine, (pa) => symbols.nameOfPhysical(pa))
    .map(({ id, mode, root, name, asids, harts, firstSeen }) => ({
      id,
      mode: mode.name,
      root: hex64(root),
      name,
      asids,
      harts,
      firstSeen: hex64(firstSeen),
    }));
  return { stop, roots: markChanges(session, 'roots', rows) };
}

/** `from` is the index of the first event wanted. */
export function pagewalkEvents(
  { watch }: SessionContext,
  { from = 1 }: ArgumentsOf<'pagewalk/events'>,
): BodyOf<'pagewalk/events'> {
  return { events: watch.log.from(from) };
}
