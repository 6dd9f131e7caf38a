// Line, function and instruction breakpoints.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../emulator/user-error.ts';
import type { Wanted } from '../breakpoints/breakpoints.ts';
import { watchPanics } from '../run-control/panic.ts';
import type { SessionContext } from '../session-context.ts';

type Body = DebugProtocol.SetBreakpointsResponse['body'];

export function setBreakpoints(
  session: SessionContext,
  { source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments,
): Body {
  const { path } = source;
  if (!path) throw new UserError('A line breakpoint needs the path of its source file.');
  const wanted = breakpoints.map(({ line, ...rest }) => ({ kind: 'line', path, line, ...conditionsOf(rest) }) as const);
  return replace(session, `line ${path}`, wanted);
}

export function setFunctionBreakpoints(
  session: SessionContext,
  { breakpoints }: DebugProtocol.SetFunctionBreakpointsArguments,
): Body {
  const wanted = breakpoints.map(({ name, ...rest }) => ({ kind: 'function', name, ...conditionsOf(rest) }) as const);
  return replace(session, 'function', wanted);
}

export function setInstructionBreakpoints(
  session: SessionContext,
  { breakpoints }: DebugProtocol.SetInstructionBreakpointsArguments,
): Body {
  const wanted = breakpoints.map(
    ({ instructionReference: reference, offset = 0, ...rest }) =>
      ({ kind: 'instruction', reference, offset, ...conditionsOf(rest) }) as const,
  );
  return replace(session, 'instruction', wanted);
}

/** The lines that have code, among those asked for. */
export function breakpointLocations(
  session: SessionContext,
  { source, line, endLine = line }: DebugProtocol.BreakpointLocationsArguments,
): DebugProtocol.BreakpointLocationsResponse['body'] {
  const lines = new Set<number>();
  for (let at = line; at <= Math.min(endLine, line + MOST_LINES); at += 1) {
    const found = session.symbols.addressesOf(source.path ?? '', at)[0]?.line;
    if (found === undefined || found > endLine) break;
    lines.add(found);
    at = Math.max(at, found);
  }
  return { breakpoints: [...lines].map((found) => ({ line: found })) };
}

const MOST_LINES = 10_000;

export function replace(session: SessionContext, group: string, wanted: readonly Wanted[]): Body {
  const { breakpoints, launcher } = session;
  const { loaded } = launcher;
  const points = breakpoints.replace(group, wanted, loaded?.symbols);
  if (loaded && !launcher.noDebug) breakpoints.install(loaded.target.machine);
  session.watch.rearm();
  if (loaded && points.some(({ binding }) => binding.kind === 'event')) watchPanics(session);
  return { breakpoints: points.map((point) => point.toDap()) };
}

/** Only what differs from nothing, so that the same breakpoint is recognised when it comes again. */
export function conditionsOf(given: {
  readonly condition?: string;
  readonly hitCondition?: string;
  readonly logMessage?: string;
}) {
  return {
    condition: given.condition?.trim() || undefined,
    hitCondition: given.hitCondition?.trim() || undefined,
    logMessage: given.logMessage || undefined,
  };
}
