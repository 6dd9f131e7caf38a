// Which exception filters are on, with which conditions.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../emulator/user-error.ts';
import { type EventDefinition, eventDefinitions } from '../events/definitions.ts';
import { type EventPoint, pointOf } from '../events/expression.ts';
import { nearest } from '../launch/nearest.ts';

export interface ActiveFilter {
  /** Breakpoint id, for `hitBreakpointIds`. */
  readonly id: number;
  readonly event: EventPoint;
  readonly condition: string | undefined;
}

/** As capabilities announce them: those that are wanted often. The others are accepted, too. */
export function exceptionBreakpointFilters(): DebugProtocol.ExceptionBreakpointsFilter[] {
  return eventDefinitions
    .filter(({ published }) => published)
    .map((definition) => ({
      filter: definition.id,
      label: labelOf(definition),
      description: definition.description,
      default: definition.default ?? false,
      supportsCondition: true,
      conditionDescription: `expression over ${definition.variables && `${definition.variables} `}$pc $hart $user, registers and symbols`,
    }));
}

/** `Paging: satp Writes`. */
export function labelOf({ group, label }: EventDefinition): string {
  return `${group}: ${label}`;
}

export class ExceptionFilters {
  #active: readonly ActiveFilter[];
  readonly #muted = new Set<string>();
  readonly #nextId: () => number;

  constructor(nextId: () => number) {
    this.#nextId = nextId;
    this.#active = eventDefinitions
      .filter((definition) => definition.default)
      .map((definition) => ({ id: nextId(), event: pointOf(definition), condition: undefined }));
  }

  get active(): readonly ActiveFilter[] {
    return this.#active;
  }

  /** Replaces what is on; answers in the order of the request: plain filters, then those with options. */
  set({ filters, filterOptions = [] }: DebugProtocol.SetExceptionBreakpointsArguments): DebugProtocol.Breakpoint[] {
    const wanted = [...filters.map((filterId) => ({ filterId, condition: undefined })), ...filterOptions];
    this.#active = wanted.map(({ filterId, condition }) => {
      const definition = definitionOf(filterId);
      const text = condition?.trim() || undefined;
      const same = this.#active.find((old) => old.event.id === definition.id && old.condition === text);
      return same ?? { id: this.#nextId(), event: pointOf(definition), condition: text };
    });
    return this.#active.map(({ id }) => ({ id, verified: true }));
  }

  /** Makes a filter stop under a condition of the user's only, as launch.json's `stopOnSatp: false` does. */
  mute(filter: string, muted: boolean): void {
    if (muted) this.#muted.add(filter);
    else this.#muted.delete(filter);
  }

  isMuted({ event, condition }: ActiveFilter): boolean {
    return condition === undefined && this.#muted.has(event.id);
  }
}

function definitionOf(filter: string): EventDefinition {
  const definition = eventDefinitions.find((candidate) => candidate.id === filter);
  if (definition) return definition;
  const known = eventDefinitions.map((candidate) => candidate.id);
  const close = nearest(filter, known);
  throw new UserError(`There is no exception filter "${filter}"${close ? `; did you mean "${close}"?` : '.'}`);
}
