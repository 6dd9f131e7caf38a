// Why the machine trapped, as exceptionInfo, pagewalk/explain and the console's `explain` tell it.

import type { TrapEvent } from '../../emulator/events.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { UserError } from '../../emulator/user-error.ts';
import { type ExplainedTrap, explainedFields, explainTrap } from '../../kernel/index.ts';
import type { ExplainBody } from '../protocol/explaining.ts';
import type { ArgumentsOf } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';
import { stackOf } from '../stack/rows.ts';
import { trapNames } from '../variables/names.ts';
import { hartMeant } from './hart-meant.ts';
import { stepRow } from './pagewalk-walk.ts';

const SATP = 0x180;

/** Explains a trap by the tables as they are now, under the satp that the trapped instruction ran under. */
export function explainEvent(session: SessionContext, event: TrapEvent): ExplainedTrap {
  const { machine } = session;
  const hart = machine.harts.find(({ id }) => id === event.hart) as HartView;
  const { satp } = session.watch.trapsOf(event.hart).open.at(-1) ?? { satp: hart.csr(SATP) ?? 0n };
  return explainTrap(machine, hart, event, satp, trapNames(session, hart));
}

/** The trap that a hart stopped at, else the innermost one that it is in. */
export function explainHart(session: SessionContext, hart: HartView): ExplainedTrap {
  const stopped = session.runControl.lastStop?.event;
  const own = stopped?.kind === 'trap' && stopped.hart === hart.id ? stopped : undefined;
  const event = own ?? session.watch.trapsOf(hart.id).open.at(-1)?.event;
  if (!event)
    throw new UserError(`Hart ${hart.id} is in no trap: stop in a handler, or switch on an exception filter.`);
  return explainEvent(session, event);
}

export function pagewalkExplain(session: SessionContext, { hart: id }: ArgumentsOf<'pagewalk/explain'>): ExplainBody {
  const explained = explainHart(session, hartMeant(session, id));
  const { event, steps, details } = explained;
  const planned = session.watch.expectation(event);
  const source = trappedLine(session, event);
  return {
    stop: session.stop,
    ...explainedFields(explained),
    interrupt: event.interrupt,
    steps: steps.map(stepRow),
    details,
    ...(planned !== undefined && { planned }),
    ...(source && { source }),
  };
}

/** The line here that took the trap; of functions inlined there the innermost one's. */
function trappedLine(session: SessionContext, { hart, pc }: TrapEvent): ExplainBody['source'] {
  const rows = stackOf(session, hart).rows(Number.POSITIVE_INFINITY);
  const row = rows.find((one) => !('label' in one) && one.frame.trap?.event.pc === pc);
  const line = row && !('label' in row) ? row.line : undefined;
  return line?.source?.path ? { path: line.source.path, line: line.line } : undefined;
}
