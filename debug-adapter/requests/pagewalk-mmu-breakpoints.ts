// The checkbox tree MMU Breakpoints: every event that the machine can raise, and the event expressions that were added.

import type { Breakpoint } from '../breakpoints/breakpoint.ts';
import { type EventDefinition, eventDefinitions } from '../events/definitions.ts';
import type { ArgumentsOf, BodyOf, MmuBreakpointRow } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';
import { conditionsOf, replace } from './breakpoints.ts';

/** The group of breakpoints that the tree is. */
const GROUP = 'mmu';
const ADDED = 'Added';

export function pagewalkMmuBreakpoints(session: SessionContext): BodyOf<'pagewalk/mmuBreakpoints'> {
  const points = session.breakpoints.group(GROUP);
  const known = eventDefinitions.map((definition) => {
    const point = points.find((one) => nameOf(one) === definition.id);
    return definitionRow(session, definition, point);
  });
  const added = points.filter((point) => !eventDefinitions.some(({ id }) => id === nameOf(point))).map(addedRow);
  return { breakpoints: [...known, ...added] };
}

export function pagewalkSetMmuBreakpoints(
  session: SessionContext,
  { breakpoints }: ArgumentsOf<'pagewalk/setMmuBreakpoints'>,
): BodyOf<'pagewalk/setMmuBreakpoints'> {
  const wanted = breakpoints.map(
    ({ id, log = false, ...rest }) =>
      ({ kind: 'event', event: id.trim().replace(/^event:/i, ''), log, ...conditionsOf(rest) }) as const,
  );
  replace(session, GROUP, wanted);
  return pagewalkMmuBreakpoints(session);
}

function nameOf({ location }: Breakpoint): string {
  return location.kind === 'event' ? location.event : '';
}

function definitionRow(
  session: SessionContext,
  { id, group, label, description, variables, published }: EventDefinition,
  point: Breakpoint | undefined,
): MmuBreakpointRow {
  return {
    id,
    label,
    group,
    description,
    published: published ?? false,
    filtered: session.filters.active.some(({ event }) => event.id === id),
    added: false,
    variables: variablesOf(variables),
    ...stateOf(point),
  };
}

function addedRow(point: Breakpoint): MmuBreakpointRow {
  const event = point.binding.kind === 'event' ? point.binding.event : undefined;
  const id = nameOf(point);
  return {
    id,
    label: event?.label ?? id,
    group: ADDED,
    description: event ? `Stops when this happens: ${id}.` : '',
    published: false,
    filtered: false,
    added: true,
    variables: variablesOf(event?.variables ?? ''),
    ...stateOf(point),
  };
}

function stateOf(point: Breakpoint | undefined) {
  if (!point) return { enabled: false, hits: 0 };
  const { conditions, binding, hits, location } = point;
  const { condition, hitCondition, logMessage } = conditions;
  return {
    enabled: true,
    hits,
    ...(condition !== undefined && { condition }),
    ...(hitCondition !== undefined && { hitCondition }),
    ...(logMessage !== undefined && { logMessage }),
    ...(location.kind === 'event' && location.log && { log: true }),
    ...(binding.kind === 'unbound' && !binding.pending && { problem: binding.why }),
  };
}

function variablesOf(text: string): string[] {
  return [...(text.match(/\$\w+/g) ?? []), '$pc', '$hart', '$user'];
}
