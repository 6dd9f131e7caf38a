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
import { deviceRows } from './devices.ts';
import { type Node, nodeAt, toVariable, treeOf } from './inspector.ts';
import { globalRows, hasLocals, localRows, mayHaveGlobals } from './locals.ts';
import { floatRows, integerRows } from './registers.ts';
import { rootRows } from './roots.ts';
import { type Children, pointedMemory, type Row, type View, viewOf } from './row.ts';
import { mayHaveTask, taskRows } from './task.ts';
import { translationRows } from './translation.ts';

export function scopes(
  session: SessionContext,
  args: DebugProtocol.ScopesArguments,
): DebugProtocol.ScopesResponse['body'] {
  const frame = session.frame(args.frameId);
  const view = viewOf(session, frame);
  const scope = (name: string, rows: (view: View) => readonly Row[], hint?: string): DebugProtocol.Scope => ({
    name,
    variablesReference: treeOf(session).put(0, `${frame.hart}/${frame.level}/${name}`, {
      hart: frame.hart,
      frame: args.frameId,
      children: { rows },
    }),
    expensive: false,
    ...(hint && { presentationHint: hint }),
  });
  return {
    scopes: [
      ...(hasLocals(view) ? [scope('Locals', localRows, 'locals')] : []),
      ...(mayHaveGlobals(view) ? [{ ...scope('Globals', globalRows), expensive: true }] : []),
      scope('Integer registers', (view) => integerRows(view, frame), 'registers'),
      scope('CSRs', csrGroupRows),
      scope('Translation', translationRows),
      scope('Page-table roots', rootRows),
      // It takes the type of tasks, which may be far away in a large file.
      ...(mayHaveTask(view) ? [{ ...scope('Current task', taskRows), expensive: true }] : []),
      ...(frame.level === 0 ? [scope('Floating point', floatRows, 'registers')] : []),
      { ...scope('Devices', deviceRows), expensive: true },
    ],
  };
}

export function variables(
  session: SessionContext,
  args: DebugProtocol.VariablesArguments,
): DebugProtocol.VariablesResponse['body'] {
  const { variablesReference, filter, start = 0, count } = args;
  const node = nodeAt(session, variablesReference);
  const { children } = node;
  if (filter && (filter === 'indexed') !== (children.indexed !== undefined)) return { variables: [] };
  const view = viewAt(session, node, args.format?.hex);
  const wanted = count || undefined;
  const rows = session.client.supportsVariablePaging || start || wanted ? children : inRanges(children);
  const shown = rows.paged ? rows.rows(view, start, wanted) : rows.rows(view).slice(start, wanted && start + wanted);
  return { variables: shown.map((row) => toVariable(view, node, variablesReference, row)) };
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
  const { space, address, type, bits } = location;
  const size = bits ? BigInt(Math.ceil((bits.shift + bits.size) / 8)) : BigInt(strip(type).size || 1);
  if (space.kind === 'here') return memoryDataId('virtual', address, size, false);
  const pa = physicalOf(scope.machine, scope.hart, space, address);
  return pa === undefined ? undefined : memoryDataId('physical', pa, size, false);
}

function find(session: SessionContext, reference: number, name: string, hex = false): { view: View; row: Row } {
  const node = nodeAt(session, reference);
  const view = viewAt(session, node, hex);
  const row = rowNamed(view, node.children, name);
  if (!row) throw new UserError(`There is no ${name} here now.`);
  return { view, row };
}

/** One row; of a long array without making the others. */
function rowNamed(view: View, children: Children, name: string): Row | undefined {
  const index = children.paged ? /^\[(\d+)\]$/.exec(name)?.[1] : undefined;
  if (index !== undefined) return children.rows(view, Number(index), 1)[0];
  return children.rows(view).find((candidate) => candidate.name === name);
}

function viewAt(session: SessionContext, { hart, frame }: Node, hex = false): View {
  return viewOf(session, frame === undefined ? hartNumbered(session, hart) : session.frame(frame), hex);
}

const RANGE = 100;

/** For clients that ask for all rows at once: a long array as ranges of a hundred. */
function inRanges(children: Children): Children {
  const { indexed = 0, paged } = children;
  if (!paged || indexed <= RANGE) return children;
  return {
    rows: () =>
      Array.from({ length: Math.ceil(indexed / RANGE) }, (_, index) => {
        const [start, end] = [index * RANGE, Math.min(indexed, (index + 1) * RANGE)];
        return {
          name: `[${start}..${end - 1}]`,
          value: '',
          kind: 'virtual',
          children: { rows: (view) => children.rows(view, start, end - start) },
        };
      }),
  };
}

function hartNumbered({ machine }: SessionContext, id: number): HartView {
  const hart = machine.harts.find((candidate) => candidate.id === id);
  if (!hart) throw new UserError(`The machine has no hart ${id}.`);
  return hart;
}
