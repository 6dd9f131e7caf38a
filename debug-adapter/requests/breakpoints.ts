// Line, function and instruction breakpoints.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex } from '../../emulator/address.ts';
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
  if (source.sourceReference) return inListing(session, source, breakpoints);
  if (!path) throw new UserError('A line breakpoint needs the path of its source file.');
  const wanted = breakpoints.map(
    ({ line, column, mode, ...rest }) => ({ kind: 'line', path, line, column, mode, ...conditionsOf(rest) }) as const,
  );
  return replace(session, `line ${path}`, wanted);
}

/** Breakpoints on the instructions that a listing shows. */
function inListing(
  session: SessionContext,
  source: DebugProtocol.Source,
  breakpoints: readonly DebugProtocol.SourceBreakpoint[],
): Body {
  const reference = source.sourceReference ?? 0;
  const wanted = breakpoints.map(({ line, column, mode, ...rest }) => {
    const address = session.listings.address(reference, line);
    if (address === undefined) throw new UserError(`Line ${line} of the listing shows no instruction.`);
    return { kind: 'instruction', reference: hex(address), offset: 0, mode, ...conditionsOf(rest) } as const;
  });
  const body = replace(session, `listing ${reference}`, wanted);
  return {
    breakpoints: body.breakpoints.map((point, index) => ({ ...point, source, line: breakpoints[index]?.line ?? 0 })),
  };
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
    ({ instructionReference: reference, offset = 0, mode, ...rest }) =>
      ({ kind: 'instruction', reference, offset, mode, ...conditionsOf(rest) }) as const,
  );
  return replace(session, 'instruction', wanted);
}

/** Where statements begin, among the lines asked for. */
export function breakpointLocations(
  session: SessionContext,
  { source, line, endLine = line }: DebugProtocol.BreakpointLocationsArguments,
): DebugProtocol.BreakpointLocationsResponse['body'] {
  const found = session.symbols.statementsIn(source.path ?? '', line, endLine);
  return { breakpoints: found.map(({ line: at, column }) => ({ line: at, ...(column > 0 && { column }) })) };
}

export function replace(session: SessionContext, group: string, wanted: readonly Wanted[]): Body {
  const { breakpoints, launcher } = session;
  const { loaded } = launcher;
  const points = breakpoints.replace(group, wanted, loaded?.symbols);
  if (loaded && !launcher.noDebug) breakpoints.install(loaded.target.machine);
  session.watch.rearm();
  if (loaded && !session.running) void session.indexing.whileIdle();
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
