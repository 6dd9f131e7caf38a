// scopes, variables, setVariable.

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { HartView } from '../../emulator/inspection.ts';
import { UserError } from '../../emulator/user-error.ts';
import { strip } from '../../symbols/index.ts';
import { memoryDataId } from '../breakpoints/data-id.ts';
import { type Location, valueText } from '../expressions/index.ts';
import { physicalOf } from '../memory/space.ts';
import type { SessionContext } from '../session-context.ts';
import { assign } from './assign.ts';
import { csrGroupRows } from './csrs.ts';
import { nodeAt, toVariable, treeOf } from './inspector.ts';
import { floatRows, integerRows } from './registers.ts';
import { rootRows } from './roots.ts';
import { pointedMemory, type Row, type View, viewOf } from './row.ts';
import { translationRows } from './translation.ts';

export function scopes(
  session: SessionContext,
  args: DebugProtocol.ScopesArguments,
): DebugProtocol.ScopesResponse['body'] {
  const frame = session.frame(args.frameId);
  const scope = (name: string, rows: (view: View) => readonly Row[], hint?: string): DebugProtocol.Scope => ({
    name,
    variablesReference: treeOf(session).put(0, `${frame.hart}/${frame.level}/${name}`, {
      hart: frame.hart,
      children: { rows },
    }),
    expensive: false,
    ...(hint && { presentationHint: hint }),
  });
  return {
    scopes: [
      scope('Integer registers', (view) => integerRows(view, frame), 'registers'),
      scope('CSRs', csrGroupRows),
      scope('Translation', translationRows),
      scope('Page-table roots', rootRows),
      ...(frame.level === 0 ? [scope('Floating point', floatRows, 'registers')] : []),
    ],
  };
}

export function variables(
  session: SessionContext,
  args: DebugProtocol.VariablesArguments,
): DebugProtocol.VariablesResponse['body'] {
  const { variablesReference, filter, start = 0, count } = args;
  const { hart, children } = nodeAt(session, variablesReference);
  if (filter && (filter === 'indexed') !== (children.indexed !== undefined)) return { variables: [] };
  const view = viewOf(session, hartNumbered(session, hart), args.format?.hex);
  const rows = children.rows(view);
  const shown = rows.slice(start, count ? start + count : undefined);
  return { variables: shown.map((row) => toVariable(view, variablesReference, row)) };
}

export function setVariable(
  session: SessionContext,
  args: DebugProtocol.SetVariableArguments,
): DebugProtocol.SetVariableResponse['body'] {
  const { view, row } = find(session, args.variablesReference, args.name, args.format?.hex);
  if (!row.location) throw new UserError(`${args.name} is computed, not stored: it cannot be edited.`);
  const value = assign(session, view.scope, row.location, args.value);
  const memoryReference = pointedMemory(view, value);
  return {
    value: valueText(view.scope, value, view.radix),
    ...(memoryReference !== undefined && { memoryReference }),
  };
}

/** What a data breakpoint on a row of the Variables view watches: a data id, or undefined for rows that cannot be watched
 * (registers, computed facts). */
export function dataIdOfVariable(
  session: SessionContext,
  variablesReference: number,
  name: string,
): string | undefined {
  const { view, row } = find(session, variablesReference, name);
  return row.location && dataIdOf(view, row.location);
}

/** The data id of a location: CSRs by name, memory by its range; memory of another address space by its physical address. */
export function dataIdOf({ scope }: Pick<View, 'scope'>, location: Location): string | undefined {
  if (location.kind === 'csr' || location.kind === 'field') return `csr:${location.row.name}`;
  if (location.kind !== 'memory') return undefined;
  const { space, address, type } = location;
  const size = BigInt(strip(type).size || 1);
  if (space.kind === 'here') return memoryDataId('virtual', address, size, false);
  const pa = physicalOf(scope.machine, scope.hart, space, address);
  return pa === undefined ? undefined : memoryDataId('physical', pa, size, false);
}

function find(session: SessionContext, reference: number, name: string, hex = false): { view: View; row: Row } {
  const { hart, children } = nodeAt(session, reference);
  const view = viewOf(session, hartNumbered(session, hart), hex);
  const row = children.rows(view).find((candidate) => candidate.name === name);
  if (!row) throw new UserError(`There is no ${name} here now.`);
  return { view, row };
}

function hartNumbered({ machine }: SessionContext, id: number): HartView {
  const hart = machine.harts.find((candidate) => candidate.id === id);
  if (!hart) throw new UserError(`The machine has no hart ${id}.`);
  return hart;
}
