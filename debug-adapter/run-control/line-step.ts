// Stepping by line. A step ends where a statement of another line begins, or where the function is left; an inlined
// function is one that is called, entered or left like any other, though no instruction does it.

import type { SessionContext } from '../session-context.ts';
import type { Driver } from './driver.ts';
import { enteredBeyond, innermostOf, outside, type Position, positionAt, shared } from './position.ts';

/** What a move has come to: `ended` where the step is over for good, `left` where the function has returned. */
export type Moved = 'on' | 'left' | 'ended';

/** Moves by `move` until the step is over; `into` says whether inlined functions are entered. */
export async function stepByLine(
  session: SessionContext,
  driver: Driver,
  hart: number,
  into: boolean,
  move: () => Promise<Moved>,
): Promise<void> {
  const position = () => positionAt(driver.symbolsOf(driver.hart(hart)), driver.hart(hart).pc);
  const whole = position();
  const hidden = whole ? hiddenAt(session, hart) : 0;
  if (into && hidden > 0) {
    driver.hidden = hidden - 1;
    return;
  }
  const start = whole && outside(whole, hidden);
  // The line has been left in between, so that a statement of the same line is a new one.
  let elsewhere = false;
  for (;;) {
    const moved = await move();
    const now = position();
    if (moved === 'ended' || !start || !now) return;
    const verdict = judge(start, now, moved === 'left' || elsewhere, into);
    if (verdict === 'elsewhere') elsewhere = true;
    if (typeof verdict !== 'number') continue;
    driver.hidden = verdict;
    return;
  }
}

/** Whether a step from `start` ends `now`: with how many inlined functions not entered yet; else what it passes. */
function judge(start: Position, now: Position, fresh: boolean, into: boolean): number | 'same' | 'elsewhere' {
  const depth = start.levels.length;
  const common = shared(start, now);
  const line = innermostOf(start).line;
  if (common === 0) return innermostOf(now).line === line && !fresh ? 'same' : enteredBeyond(now, 1);
  if (common === depth && now.levels.length > depth) {
    // In a function that was inlined into the one being stepped.
    const calling = now.levels[depth - 1]?.line;
    const entered = enteredBeyond(now, depth);
    if (calling === line && !fresh) return into && now.levels[depth]?.entered ? Math.max(0, entered - 1) : 'same';
    return entered > 0 ? entered : 'elsewhere';
  }
  const here = innermostOf(now).line;
  if (here === undefined) return 'same';
  if (here === line && common === depth && !fresh) return 'same';
  return now.statement ? enteredBeyond(now, Math.max(common, 1)) : 'elsewhere';
}

/** Runs until the hart is out of the inlined function that it is in, as the user sees it. */
export async function leaveInlined(
  session: SessionContext,
  driver: Driver,
  hart: number,
  move: () => Promise<Moved>,
): Promise<void> {
  const position = () => positionAt(driver.symbolsOf(driver.hart(hart)), driver.hart(hart).pc);
  const whole = position();
  if (!whole) return;
  const start = outside(whole, hiddenAt(session, hart));
  for (;;) {
    if ((await move()) !== 'on') return;
    const now = position();
    if (now && shared(start, now) === start.levels.length) continue;
    driver.hidden = now ? enteredBeyond(now, start.levels.length - 1) : 0;
    return;
  }
}

/** The inlined functions at pc that the user has not entered yet. */
function hiddenAt({ runControl }: SessionContext, hart: number): number {
  return runControl.lastStop?.hart === hart ? (runControl.lastStop.hidden ?? 0) : 0;
}
