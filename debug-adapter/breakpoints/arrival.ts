// What happens when a breakpoint is reached: its condition, its hit count, its log message.

import { UserError } from '../../emulator/user-error.ts';
import { evaluateCondition, formatLogMessage, type Scope } from '../expressions/index.ts';
import type { SessionContext } from '../session-context.ts';
import type { Breakpoint } from './breakpoint.ts';

/** Whether the machine stays stopped. Counts the hit; a log point prints instead of stopping. */
export function arrives(point: Breakpoint, scope: Scope, session: SessionContext): boolean {
  const { condition, logMessage } = point.conditions;
  if (condition && !holds(condition, scope, session)) return false;
  point.hits += 1;
  if (point.stopsAtHit && !point.stopsAtHit(point.hits)) return false;
  if (!logMessage) return true;
  session.output(formatLogMessage(logMessage, scope), 'console', placeOf(point));
  return false;
}

/** The line of a log point. */
function placeOf({ location, binding }: Breakpoint) {
  if (location.kind !== 'line') return {};
  const bound = binding.kind === 'code' ? binding.line : undefined;
  return { source: { path: location.path }, line: bound ?? location.line };
}

/** A condition that cannot be evaluated stops, and says why: the user would wait for ever otherwise. */
export function holds(condition: string, scope: Scope, session: SessionContext): boolean {
  try {
    return evaluateCondition(condition, scope);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    session.output(`Condition "${condition}": ${error.message}`, 'important');
    return true;
  }
}
