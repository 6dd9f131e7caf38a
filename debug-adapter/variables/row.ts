// A row of the Variables view before it becomes DAP's, and the state that rows are made from.

import type { HartView } from '../../emulator/inspection.ts';
import { u64 } from '../../kernel/objects/c-types.ts';
import {
  formatNumber,
  type Location,
  load,
  mayBeAddress,
  type Radix,
  type Scope,
  type Value,
  valueText,
} from '../expressions/index.ts';
import { here, physicalOf, referenceTo } from '../memory/space.ts';
import type { SessionContext } from '../session-context.ts';

/** The state that rows show: always the present one. */
export interface View {
  readonly session: SessionContext;
  readonly scope: Scope;
  /** Asked for by the client; absent = as suits each value. */
  readonly radix?: Radix;
}

export interface Row {
  /** Names a row among its siblings. */
  readonly name: string;
  readonly value: string;
  readonly type?: string;
  readonly evaluateName?: string;
  /** Absent = cannot be edited. */
  readonly location?: Location;
  readonly memoryReference?: string;
  readonly children?: Children;
}

export interface Children {
  /** How many there are, of an array-like node; absent = few. */
  readonly indexed?: number;
  rows(view: View): readonly Row[];
}

export function viewOf(session: SessionContext, hart: HartView, hex = false): View {
  const scope = { machine: session.machine, hart, symbols: session.symbols };
  return { session, scope, ...(hex && { radix: 'x' as const }) };
}

/** A reference to the memory that a value points to, where there is any. */
export function pointedMemory({ scope }: View, value: Value): string | undefined {
  const { bits, space = here } = value;
  if (!mayBeAddress(value)) return undefined;
  const pa = physicalOf(scope.machine, scope.hart, space, bits);
  if (pa === undefined || scope.machine.readPhysical(pa, 1).length === 0) return undefined;
  return referenceTo(space, bits);
}

/** A row that shows what a location holds. */
export function locationRow(view: View, name: string, location: Location, more: Partial<Row> = {}): Row {
  return valueRow(view, name, load(view.scope, location), { evaluateName: name, location, ...more });
}

export function valueRow(view: View, name: string, value: Value, more: Partial<Row> = {}): Row {
  const memoryReference = pointedMemory(view, value);
  return {
    name,
    value: valueText(view.scope, value, view.radix),
    ...(memoryReference !== undefined && { memoryReference }),
    ...more,
  };
}

/** A number that is a fact of its own, such as a PTE. */
export function numberText(view: View, bits: bigint): string {
  return formatNumber({ bits, type: u64 }, view.radix);
}
