// Why the machine stopped, as the client is told.

import type { Occurrence } from '../events/occurrence.ts';

export interface StopFact {
  /** DAP's word. */
  readonly reason:
    | 'entry'
    | 'step'
    | 'pause'
    | 'goto'
    | 'restart'
    | 'breakpoint'
    | 'function breakpoint'
    | 'instruction breakpoint'
    | 'data breakpoint'
    | 'exception';
  /** The fact in one line: `satp ← Sv39, root pa:0x80210000, ASID 0 (was Bare)`. */
  readonly description: string;
  readonly hart: number;
  readonly breakpointIds: readonly number[];
  /** How many of the functions inlined at pc have not been entered yet, as the user sees it. */
  readonly hidden?: number;
  /** What exceptionInfo calls it, where no event says more. */
  readonly exceptionId?: string;
  /** What exceptionInfo tells more about. */
  readonly event?: Occurrence;
}

/** Several at one instruction are one stop: the most telling first, all ids. */
export function mergeFacts(facts: readonly StopFact[]): StopFact | undefined {
  const telling = (fact: StopFact) => (fact.reason === 'exception' ? 0 : fact.reason === 'step' ? 2 : 1);
  const [first, ...others] = [...facts].sort((a, b) => telling(a) - telling(b));
  if (!first) return undefined;
  const ids = [first, ...others].flatMap(({ breakpointIds }) => breakpointIds);
  return { ...first, breakpointIds: [...new Set(ids)] };
}
