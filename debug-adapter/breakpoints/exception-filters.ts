// Which exception filters are on, with which conditions.

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { MachineEvent } from '../../emulator/events.ts';
import { UserError } from '../../emulator/user-error.ts';
import { nearest } from '../launch/nearest.ts';
import { type FilterFacts, type FilterRow, filterRows } from './filter-rows.ts';

export interface ActiveFilter {
  /** Breakpoint id, for `hitBreakpointIds`. */
  readonly id: number;
  readonly row: FilterRow;
  readonly condition: string | undefined;
}

/** As capabilities announce them. */
export function exceptionBreakpointFilters(): DebugProtocol.ExceptionBreakpointsFilter[] {
  return filterRows.map(({ filter, label, description, default: preset, variables }) => ({
    filter,
    label,
    description,
    default: preset,
    supportsCondition: true,
    conditionDescription: `expression over ${variables}, registers and symbols`,
  }));
}

export class ExceptionFilters {
  #active: readonly ActiveFilter[];
  readonly #muted = new Set<string>();
  readonly #nextId: () => number;

  constructor(nextId: () => number) {
    this.#nextId = nextId;
    this.#active = filterRows.filter((row) => row.default).map((row) => ({ id: nextId(), row, condition: undefined }));
  }

  /** Replaces what is on; answers in the order of the request: plain filters, then those with options. */
  set({ filters, filterOptions = [] }: DebugProtocol.SetExceptionBreakpointsArguments): DebugProtocol.Breakpoint[] {
    const wanted = [...filters.map((filterId) => ({ filterId, condition: undefined })), ...filterOptions];
    this.#active = wanted.map(({ filterId, condition }) => {
      const row = rowNamed(filterId);
      const text = condition?.trim() || undefined;
      const same = this.#active.find((old) => old.row === row && old.condition === text);
      return same ?? { id: this.#nextId(), row, condition: text };
    });
    return this.#active.map(({ id }) => ({ id, verified: true }));
  }

  /** Makes a filter stop under a condition of the user's only, as launch.json's `stopOnSatp: false` does. */
  mute(filter: string, muted: boolean): void {
    if (muted) this.#muted.add(filter);
    else this.#muted.delete(filter);
  }

  /** Those that the event belongs to; where the user has given no condition, only if it usually stops. */
  matching(event: MachineEvent, facts: FilterFacts): ActiveFilter[] {
    return this.#active.filter(({ row, condition }) => {
      if (!row.matches(event, facts)) return false;
      return condition !== undefined || (!this.#muted.has(row.filter) && (row.usually?.(event, facts) ?? true));
    });
  }
}

function rowNamed(filter: string): FilterRow {
  const row = filterRows.find((candidate) => candidate.filter === filter);
  if (row) return row;
  const known = filterRows.map((candidate) => candidate.filter);
  const close = nearest(filter, known);
  throw new UserError(`There is no exception filter "${filter}"${close ? `; did you mean "${close}"?` : '.'}`);
}
