// The one grammar of events (docs/events.md): in function and data breakpoints, in MMU Breakpoints, in `pagewalk trace`.
//
//   event:NAME                             any row of the table of events
//   csr:NAME[.FIELD|&MASK][=VALUE][/change]
//   trap:CODE   interrupt:CODE
//   sbi:EXTENSION[/FUNCTION]
//   mmio:DEVICE   mmio:pa:ADDRESS[+BYTES]
//   console:TEXT
//   map:ADDRESS[+BYTES][@ROOT:MODE][/WHAT]   WHAT: change gains-w gains-x gains-wx appears goes
//   maps:pa:ADDRESS[+BYTES]
//   first-use:ADDRESS[+BYTES][@ROOT:MODE]

import { UserError } from '../../emulator/user-error.ts';
import { nearest } from '../launch/nearest.ts';
import { type EventDefinition, eventDefinitions } from './definitions.ts';
import { csrEvent } from './expressions/csr.ts';
import { consoleEvent, deviceEvent, sbiEvent, trapEvent } from './expressions/machine.ts';
import { firstUseEvent, framesEvent, mapEvent } from './expressions/mapping.ts';
import type { Needs } from './needs.ts';
import type { Occurrence, OccurrenceFacts } from './occurrence.ts';

/** An event that can be waited for. */
export interface EventPoint {
  /** As it was written. */
  readonly id: string;
  readonly label: string;
  readonly variables: string;
  readonly needs: Needs;
  matches(occurrence: Occurrence, facts: OccurrenceFacts): boolean;
  /** Whether it stops without a condition. */
  usually(occurrence: Occurrence, facts: OccurrenceFacts): boolean;
}

/** What names in expressions stand for. */
export interface EventNames {
  readonly xlen: 32 | 64;
  /** The address of a symbol. */
  valueOf(name: string): bigint | undefined;
}

const readers = {
  csr: csrEvent,
  trap: (text: string) => trapEvent(text, false),
  interrupt: (text: string) => trapEvent(text, true),
  sbi: sbiEvent,
  mmio: deviceEvent,
  console: consoleEvent,
  map: mapEvent,
  maps: framesEvent,
  'first-use': firstUseEvent,
} as const satisfies Record<string, (text: string, names: EventNames) => Omit<EventPoint, 'id'>>;

/** Whether a text is meant as an event rather than as a symbol or address. */
export function looksLikeEvent(text: string): boolean {
  return /^(?:event|csr|trap|interrupt|sbi|mmio|console|map|maps|first-use):/i.test(text.trim());
}

/** Reads an event expression; a bare name of the table will do, too. @throws UserError */
export function parseEvent(text: string, names: EventNames): EventPoint {
  const trimmed = text.trim();
  const [, prefix, rest = ''] = /^([a-z-]+):(.*)$/is.exec(trimmed) ?? [];
  const kind = prefix?.toLowerCase();
  if (kind !== undefined && kind !== 'event') {
    const reader = Object.hasOwn(readers, kind) ? readers[kind as keyof typeof readers] : undefined;
    if (!reader)
      throw new UserError(
        `"${trimmed}" is no event: ${prefix}: is none of ${['event', ...Object.keys(readers)].join(', ')}.`,
      );
    return { id: trimmed, ...reader(rest.trim(), names) };
  }
  return pointOf(definitionNamed(kind === 'event' ? rest.trim() : trimmed));
}

export function definitionNamed(id: string): EventDefinition {
  const definition = eventDefinitions.find((candidate) => candidate.id === id);
  if (definition) return definition;
  const close = nearest(
    id,
    eventDefinitions.map((candidate) => candidate.id),
  );
  throw new UserError(`There is no event "${id}"${close ? `; did you mean "${close}"?` : '.'}`);
}

export function pointOf(definition: EventDefinition): EventPoint {
  const { id, label, variables, kinds, csrs, patience, untilUser, matches, usually } = definition;
  return {
    id,
    label,
    variables,
    needs: {
      kinds,
      ...(csrs && { csrs }),
      ...(patience !== undefined && { patience }),
      ...(untilUser && { untilUser }),
    },
    matches: (occurrence, facts) => kinds.includes(occurrence.kind) && (matches?.(occurrence, facts) ?? true),
    usually: (occurrence, facts) => !(untilUser && facts.user) && (usually?.(occurrence, facts) ?? true),
  };
}
