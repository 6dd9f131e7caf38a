// MMU Breakpoints: every event that the machine can raise, with a checkbox each.

import type { MmuBreakpoint, MmuBreakpointRow } from '../../../debug-adapter/protocol/requests.ts';
import { plain } from '../../language/translation.ts';
import { code, factTable, type Row } from '../row.ts';
import { countText } from '../text.ts';

/** What the tree keeps of an event: what was set for it, also while it is off. */
export interface KeptBreakpoint extends MmuBreakpoint {
  readonly enabled: boolean;
  /** Not in the adapter's list of events. */
  readonly added?: boolean;
}

/** The adapter's events under their headings, then what was added and is off, which the adapter does not know. */
export function breakpointRows(
  rows: readonly MmuBreakpointRow[],
  kept: readonly KeptBreakpoint[],
  closed: ReadonlySet<string> = new Set(),
): Row<never>[] {
  const known = new Set(rows.map(({ id }) => id));
  const off = kept.filter(({ id, added, enabled }) => added && !enabled && !known.has(id)).map(asRow);
  const all = [...rows, ...off];
  return [...new Set(all.map(({ group }) => group))].map((group) => {
    const members = all.filter((row) => row.group === group);
    const on = members.filter(({ enabled }) => enabled).length;
    return {
      id: `group-${group}`,
      label: group,
      ...(on > 0 && { description: `${on} on` }),
      tooltip: plain(group),
      children: members.map((row) => breakpointRow(row, kept)),
      expanded: !closed.has(group),
    };
  });
}

function asRow(kept: KeptBreakpoint): MmuBreakpointRow {
  const fixed = { group: 'Added', description: '', published: false, filtered: false, variables: [], hits: 0 };
  return { ...kept, ...fixed, label: kept.id, added: true };
}

function breakpointRow(row: MmuBreakpointRow, kept: readonly KeptBreakpoint[]): Row<never> {
  // The adapter tells of what is on; what was written for the others is ours.
  const { condition, hitCondition, logMessage, log } = { ...kept.find(({ id }) => id === row.id), ...defined(row) };
  const stops = row.enabled && !log && logMessage === undefined;
  const detail = [
    condition && `when ${condition}`,
    hitCondition && `hits ${hitCondition}`,
    log && 'logs',
    logMessage !== undefined && `prints “${logMessage}”`,
    row.hits > 0 && `${countText(row.hits)}×`,
    row.filtered && 'on in Breakpoints',
  ];
  return {
    id: row.id,
    label: row.label,
    ...(detail.some(Boolean) && { description: detail.filter(Boolean).join(' · ') }),
    tooltip: factTable([
      [stops ? 'Stops' : 'Event', plain(row.description) || code(row.id)],
      ['Event expression', code(row.id)],
      ['Condition', condition && code(condition)],
      ['Hit count', hitCondition && code(hitCondition)],
      ['Log message', logMessage && code(logMessage)],
      ['Conditions can use', row.variables.map(code).join(' ')],
      ['Hits', row.hits > 0 ? countText(row.hits) : undefined],
      [
        '',
        row.filtered ? 'Its checkbox in the Breakpoints view is on as well; either one is enough to stop.' : undefined,
      ],
      ['Problem', row.problem && plain(row.problem)],
    ]),
    ...(row.problem && { icon: 'warning', tint: 'amber' }),
    checked: row.enabled,
    event: row.id,
    value: row.id,
    ...(row.added && { added: row.id }),
  };
}

function defined({ condition, hitCondition, logMessage, log }: MmuBreakpoint): Partial<MmuBreakpoint> {
  return {
    ...(condition !== undefined && { condition }),
    ...(hitCondition !== undefined && { hitCondition }),
    ...(logMessage !== undefined && { logMessage }),
    ...(log !== undefined && { log }),
  };
}

/** The list with one event changed; one that is off and says nothing is forgotten. */
export function withChange(
  kept: readonly KeptBreakpoint[],
  id: string,
  change: Partial<KeptBreakpoint>,
): KeptBreakpoint[] {
  const before = kept.find((one) => one.id === id) ?? { id, enabled: false };
  const { condition, hitCondition, logMessage, log, added, enabled } = { ...before, ...change };
  const after: KeptBreakpoint = {
    id,
    enabled,
    ...(added && { added }),
    ...(condition && { condition }),
    ...(hitCondition && { hitCondition }),
    ...(logMessage && { logMessage }),
    ...(log && { log }),
  };
  const silent = Object.keys(after).length === 2 && !enabled;
  const index = kept.findIndex((one) => one.id === id);
  if (index < 0) return silent ? [...kept] : [...kept, after];
  return kept.flatMap((one) => (one.id !== id ? [one] : silent ? [] : [after]));
}

/** What the adapter is told. */
export function armed(kept: readonly KeptBreakpoint[]): MmuBreakpoint[] {
  return kept.filter(({ enabled }) => enabled).map(({ enabled: _, added: __, ...breakpoint }) => breakpoint);
}

/** The event of a mapping's changes: `0xffffffff80000000+0x1000` or a single address. */
export function mappingEvent(place: string): string {
  return `map:${place.trim()}`;
}
