// Hit conditions: `5` and `== 5` the fifth hit alone, `>= 3` from the third on, `% 2` every second.

import { UserError } from '../../emulator/user-error.ts';

/** Says of a hit's number (from 1) whether it stops. */
export type HitCondition = (hit: number) => boolean;

const relations: Readonly<Record<string, (hit: number, count: number) => boolean>> = {
  '': (hit, count) => hit === count,
  '=': (hit, count) => hit === count,
  '==': (hit, count) => hit === count,
  '===': (hit, count) => hit === count,
  '>': (hit, count) => hit > count,
  '>=': (hit, count) => hit >= count,
  '<': (hit, count) => hit < count,
  '<=': (hit, count) => hit <= count,
  '%': (hit, count) => hit % count === 0,
};

export function parseHitCondition(text: string | undefined): HitCondition | undefined {
  if (!text?.trim()) return undefined;
  const [, relation = '', digits = ''] = /^\s*(\D*?)\s*(\d+)\s*$/.exec(text) ?? [];
  const holds = relations[relation];
  const count = Number(digits);
  if (!holds || digits === '' || (relation === '%' && count === 0)) {
    throw new UserError(`Hit condition "${text}" is not understood: write 5, == 5, >= 3, < 10 or % 2.`);
  }
  return (hit) => holds(hit, count);
}
