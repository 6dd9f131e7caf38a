// continue, pause and the steps.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../emulator/user-error.ts';
import type { Plan } from '../run-control/run-control.ts';
import {
  continueRun,
  nextInstruction,
  nextLine,
  stepInstruction,
  stepLine,
  stepOut as stepOutPlan,
} from '../run-control/stepping.ts';
import type { SessionContext } from '../session-context.ts';

type Step = DebugProtocol.NextArguments;

export function continueRequest(
  session: SessionContext,
  args: DebugProtocol.ContinueArguments,
): DebugProtocol.ContinueResponse['body'] {
  start(session, continueRun(hartOf(session, args.threadId)));
  return { allThreadsContinued: true };
}

export function pause(session: SessionContext, { threadId }: DebugProtocol.PauseArguments): void {
  session.runControl.pause(hartOf(session, threadId));
}

export function next(session: SessionContext, { threadId, granularity }: Step): void {
  const hart = hartOf(session, threadId);
  start(session, granularity === 'instruction' ? nextInstruction(session, hart) : nextLine(session, hart));
}

export function stepIn(session: SessionContext, { threadId, granularity }: Step): void {
  const hart = hartOf(session, threadId);
  start(session, granularity === 'instruction' ? stepInstruction(hart) : stepLine(session, hart));
}

export function stepOut(session: SessionContext, { threadId }: Step): void {
  start(session, stepOutPlan(session, hartOf(session, threadId)));
}

function start(session: SessionContext, plan: Plan): void {
  if (session.running) throw new UserError('The machine is running already: pause it first.');
  session.runControl.start(plan);
}

/** Thread ids are hart ids from 1 on, since some clients take 0 for none. */
export function hartOf({ machine }: SessionContext, threadId: number): number {
  const hart = machine.harts.find(({ id }) => id === threadId - 1);
  if (!hart) throw new UserError(`There is no thread ${threadId}: the machine has ${machine.harts.length} harts.`);
  return hart.id;
}
