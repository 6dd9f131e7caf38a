// From hello to goodbye.

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Call, SessionContext } from '../session-context.ts';
import { capabilities } from './capabilities.ts';
import { pagewalkSetMmuBreakpoints } from './pagewalk-mmu-breakpoints.ts';

export function initialize(
  session: SessionContext,
  args: DebugProtocol.InitializeRequestArguments,
): DebugProtocol.Capabilities {
  session.client = args;
  return capabilities();
}

export async function launch(
  session: SessionContext,
  args: Readonly<Record<string, unknown>>,
  call: Call,
): Promise<void> {
  // What is on in an editor's MMU Breakpoints: the kernel may run before a request could say so.
  const { __mmuBreakpoints: breakpoints } = args;
  if (Array.isArray(breakpoints)) pagewalkSetMmuBreakpoints(session, { breakpoints });
  await session.launcher.launch(args, call);
}

export function configurationDone(session: SessionContext): void {
  session.launcher.configured();
}

/** With a new configuration, if the client sends one. */
export async function restart(
  session: SessionContext,
  args: { readonly arguments?: Readonly<Record<string, unknown>> },
  call: Call,
): Promise<void> {
  await session.launcher.restart(args.arguments, call);
}

/** Ends the guest; the client takes its leave by `disconnect`. */
export async function terminate(session: SessionContext): Promise<void> {
  await session.runControl.halt();
  session.send('terminated', {});
}

/** The connection is closed behind the answer. */
export async function disconnect(session: SessionContext): Promise<void> {
  await session.runControl.halt();
}

export function cancel(session: SessionContext, { requestId, progressId }: DebugProtocol.CancelArguments): void {
  const ofProgress = /^request-(\d+)$/.exec(progressId ?? '')?.[1];
  for (const id of [requestId, ofProgress && Number(ofProgress)]) if (typeof id === 'number') session.cancel(id);
}
