// Exception filters, and the long answer to why the machine stopped at one.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex64 } from '../../emulator/address.ts';
import { UserError } from '../../emulator/user-error.ts';
import { watchPanics } from '../run-control/panic.ts';
import type { SessionContext } from '../session-context.ts';
import { explainEvent } from './explain-fault.ts';
import { pagewalkPreflight } from './pagewalk-preflight.ts';

const SATP = 0x180;

export function setExceptionBreakpoints(
  session: SessionContext,
  args: DebugProtocol.SetExceptionBreakpointsArguments,
): DebugProtocol.SetExceptionBreakpointsResponse['body'] {
  const breakpoints = session.filters.set(args);
  session.watch.rearm();
  if (session.launcher.loaded) watchPanics(session);
  return { breakpoints };
}

export function exceptionInfo(session: SessionContext): DebugProtocol.ExceptionInfoResponse['body'] {
  const fact = session.runControl.lastStop;
  if (fact?.exceptionId) {
    const { exceptionId, description } = fact;
    return { exceptionId, description, breakMode: 'always', details: { message: description } };
  }
  if (!fact?.event) throw new UserError('The machine has not stopped at an exception or MMU event.');
  const { event, description } = fact;
  const base = { breakMode: 'always', description } as const;
  if (event.kind === 'csr-write') {
    const lines = [
      `written ${hex64(event.written)}`,
      `before  ${hex64(event.before)}`,
      `after   ${hex64(event.after)}`,
    ];
    return { ...base, exceptionId: 'CSR write', details: { message: description, stackTrace: lines.join('\n') } };
  }
  if (event.kind === 'csr-pending' && event.csr === SATP)
    return { ...base, ...satpInfo(session, event.hart, description) };
  if (event.kind === 'sbi-call') return { ...base, exceptionId: 'SBI call' };
  if (event.kind !== 'trap') return { ...base, exceptionId: event.kind, details: { message: description } };
  const { name, text, details } = explainEvent(session, event);
  return {
    ...base,
    exceptionId: name,
    description: text,
    details: { message: description, typeName: name, stackTrace: details },
  };
}

/** Before a satp write: the verdict, and each thing that was looked at. */
function satpInfo(session: SessionContext, hart: number, fact: string) {
  const { verdict, text, checks } = pagewalkPreflight(session, { hart });
  const width = Math.max(...checks.map(({ title }) => title.length));
  // The verdict is one of the checks' texts, and stands above all of them.
  const said = (check: string) => (check === text ? 'see above' : check);
  const lines = checks.map((check) => `${check.verdict.padEnd(7)} ${check.title.padEnd(width)}  ${said(check.text)}`);
  const exceptionId = verdict === 'red' ? 'Fatal satp write' : 'satp write';
  return {
    exceptionId,
    description: text,
    details: { message: fact, stackTrace: [fact.replace(`: ${text}`, ''), ...lines].join('\n') },
  };
}
