// Exception filters, and the long answer to why the machine stopped at one.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex64 } from '../../emulator/address.ts';
import { causeText } from '../../emulator/csr/causes.ts';
import type { TrapEvent } from '../../emulator/events.ts';
import type { Access } from '../../emulator/inspection.ts';
import { UserError } from '../../emulator/user-error.ts';
import type { SessionContext } from '../session-context.ts';
import { explainFault } from './explain-fault.ts';

/** Which access raises a fault. */
const faults: Readonly<Record<number, Access>> = {
  1: 'fetch',
  5: 'load',
  7: 'store',
  12: 'fetch',
  13: 'load',
  15: 'store',
};

export function setExceptionBreakpoints(
  session: SessionContext,
  args: DebugProtocol.SetExceptionBreakpointsArguments,
): DebugProtocol.SetExceptionBreakpointsResponse['body'] {
  return { breakpoints: session.filters.set(args) };
}

export function exceptionInfo(session: SessionContext): DebugProtocol.ExceptionInfoResponse['body'] {
  const fact = session.runControl.lastStop;
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
  if (event.kind === 'sbi-call') return { ...base, exceptionId: 'SBI call' };
  const exceptionId = idOf(event, session.machine.xlen);
  const access = event.interrupt ? undefined : faults[event.cause];
  if (!access) return { ...base, exceptionId };
  return { ...base, exceptionId, details: { message: description, stackTrace: explainFault(session, event, access) } };
}

function idOf({ interrupt, cause }: TrapEvent, xlen: 32 | 64): string {
  const top = interrupt ? 1n << BigInt(xlen - 1) : 0n;
  return causeText(top | BigInt(cause), xlen);
}
