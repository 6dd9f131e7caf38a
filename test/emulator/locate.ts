// The first wrong instruction of a comparison that found a difference.

import type { Random } from '../oracle/random.ts';
import { type Comparison, difference, type Guest, retired, runTo, Trial } from './compare.ts';
import { stateHash } from './sample.ts';

/** Traps that may be between one instruction and the next. */
const MOST_TRAPS = 4;

/** A moment of a trial: a run of it, by number, and how far into that. */
interface Moment {
  readonly run: number;
  readonly limit: number;
}

/**
 * The first instruction that goes wrong in a comparison that found a difference, by going through it again and again. `again`
 * gives the random numbers that it had. To end a run elsewhere changes what is translated, so that it may be a later one.
 */
export function locate(guest: Guest, comparison: Comparison, again: () => Random): string {
  /** The state there, of the machine that translates and of one that does not. */
  const at = ({ run: last, limit }: Moment) => {
    const trial = new Trial(guest, comparison, again());
    const { machine } = trial;
    let length = 0;
    let number = 0;
    for (const step of trial.steps()) {
      if (!('run' in step)) continue;
      length = step.run;
      trial.run(number === last ? Math.min(limit, length) : length);
      number += 1;
      if (number > last) break;
    }
    const interpreting = guest.machine({ translateAfter: 'never' });
    runTo(interpreting, retired(machine));
    const wanted = stateHash(machine);
    let isRight = stateHash(interpreting) === wanted;
    for (let trap = 0; !isRight && trap < MOST_TRAPS; trap += 1) {
      interpreting.run(1);
      isRight = stateHash(interpreting) === wanted;
    }
    return { isRight, machine, length };
  };
  const whole = Number.POSITIVE_INFINITY;
  const wrong = firstOf(
    runsUntilWrong(guest, comparison, again()),
    (number) => !at({ run: number, limit: whole }).isRight,
  );
  const { length } = at({ run: wrong, limit: whole });
  const limit = firstOf(length + 1, (count) => !at({ run: wrong, limit: count }).isRight);
  const before = at({ run: wrong, limit: limit - 1 }).machine;
  const after = at({ run: wrong, limit }).machine;
  const interpreting = guest.machine({ translateAfter: 'never' });
  runTo(interpreting, retired(after));
  const found = difference(interpreting, after);
  if (!found) return 'the states are the same after every run';
  const places = before.harts.map(({ id, pc }) => `hart ${id} at ${pc.toString(16)}`).join(', ');
  return `right until ${retired(before)} instructions were retired, ${places}; then ${found}`;
}

/** How many runs there are to the first point that finds a difference, or to the end. */
function runsUntilWrong(guest: Guest, comparison: Comparison, random: Random): number {
  const trial = new Trial(guest, comparison, random);
  const interpreting = guest.machine({ translateAfter: 'never' });
  let runs = 0;
  for (const step of trial.steps()) {
    if ('run' in step) {
      trial.run(step.run);
      runs += 1;
    } else {
      if (step.point === Number.POSITIVE_INFINITY) break;
      runTo(interpreting, step.point);
      if (stateHash(interpreting) !== stateHash(trial.machine)) break;
    }
  }
  return runs;
}

/** The least number below `end` of which this is true, as it is of all that follow; `end - 1` if of none. */
function firstOf(end: number, isTrue: (number: number) => boolean): number {
  let [low, high] = [0, end - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
