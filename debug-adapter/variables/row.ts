// A row of the Variables view before it becomes DAP's, and the state that rows are made from.

import type { HartView } from '../../emulator/inspection.ts';
import { UserError } from '../../emulator/user-error.ts';
import { u64 } from '../../kernel/objects/c-types.ts';
import type { DeclaredAt } from '../../symbols/index.ts';
import {
  formatNumber,
  type Location,
  load,
  mayBeAddress,
  type Radix,
  type Value,
  valueText,
} from '../expressions/index.ts';
import { here, physicalOf, referenceTo } from '../memory/space.ts';
import { type FrameScope, scopeOf } from '../program/scope.ts';
import type { Frame, SessionContext } from '../session-context.ts';

/** The state that rows show: always the present one. */
export interface View {
  readonly session: SessionContext;
  readonly scope: FrameScope;
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
  /** What it is, beyond data. */
  readonly kind?: 'property' | 'method' | 'class' | 'data' | 'virtual';
  /** Where it was declared. */
  readonly declared?: DeclaredAt;
  /** The function that a pointer leads to, as an address. */
  readonly code?: bigint;
}

export interface Children {
  /** How many there are, of an array-like node; absent = few. */
  readonly indexed?: number;
  /** All of them; of an array-like node those from `start` on, `count` of them. */
  rows(view: View, start?: number, count?: number): readonly Row[];
  /** Whether `rows` heeds `start` and `count`. */
  readonly paged?: boolean;
}

/** The state as a frame sees it; of a hart alone, as where it stands. */
export function viewOf(session: SessionContext, at: Frame | HartView, hex = false): View {
  const scope = 'row' in at ? scopeOf(session, hartOf(session, at.hart), at) : scopeOf(session, at);
  return { session, scope, ...(hex && { radix: 'x' as const }) };
}

function hartOf({ machine }: SessionContext, id: number): HartView {
  const hart = machine.harts.find((candidate) => candidate.id === id);
  if (!hart) throw new UserError(`The machine has no hart ${id}.`);
  return hart;
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
