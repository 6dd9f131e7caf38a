// What `pagewalk check --format json` says: an object a line.

import type { CheckRow } from '../../debug-adapter/protocol/requests.ts';

export interface CheckLine extends CheckRow {
  /** Where several modes were tried. */
  readonly mode?: string;
}

/** The lines that are results; anything else a tool prints is passed over. */
export function checkLines(output: string): CheckLine[] {
  return output.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      return [JSON.parse(line) as CheckLine];
    } catch {
      return [];
    }
  });
}

/** Names an expectation within its file, whatever mode it was tried in. */
export const keyOf = ({ line, column }: Pick<CheckLine, 'line' | 'column'>): string => `${line}:${column}`;

/** How an expectation fared over all modes: one that failed in any has failed. */
export function outcomeOf(lines: readonly CheckLine[]): CheckLine | undefined {
  const order = ['failed', 'passed', 'skipped'] as const;
  return order.flatMap((state) => lines.filter((line) => line.state === state))[0];
}

/** The message of a failure. */
export function messageOf({ message, text, mode }: CheckLine): string {
  return `${message ?? `${text} does not hold`}${mode ? ` (${mode})` : ''}`;
}
