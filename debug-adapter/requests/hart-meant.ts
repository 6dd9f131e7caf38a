// Which hart a custom request means.

import type { HartView } from '../../emulator/inspection.ts';
import { UserError } from '../../emulator/user-error.ts';
import type { SessionContext } from '../session-context.ts';

/** The hart with this number; without one, that which stopped last. */
export function hartMeant(session: SessionContext, id: number | undefined): HartView {
  if (id === undefined) return session.hart();
  const hart = session.machine.harts.find((known) => known.id === id);
  if (!hart) throw new UserError(`The machine has no hart ${id}.`);
  return hart;
}
