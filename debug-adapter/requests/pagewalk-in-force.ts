// The lamp: which translation is in force on a hart now.

import { UserError } from '../../emulator/user-error.ts';
import { inForce } from '../../kernel/index.ts';
import type { ArgumentsOf, InForceBody } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';

export function pagewalkInForce(session: SessionContext, { hart: id }: ArgumentsOf<'pagewalk/inForce'>): InForceBody {
  const { machine, stop } = session;
  const hart = id === undefined ? session.hart() : machine.harts.find((known) => known.id === id);
  if (!hart) throw new UserError(`The machine has no hart ${id}.`);
  return { stop, hart: hart.id, ...inForce(machine, hart) };
}
