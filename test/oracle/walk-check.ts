// The comparisons that a fault in the walk must not pass. Run by scripts/mutate.mjs; ends with 1 when one notices.

import { fullModel } from './cases.ts';
import { endOf, rules } from './manual.ts';
import { Random } from './random.ts';
import { compareTranslations } from './translation.ts';

if (rules.some((rule) => endOf(rule) !== rule.ends)) process.exit(1);
for (const [xlen, seed] of [
  [64, 1],
  [64, 2],
  [64, 3],
  [64, 5],
  [64, 6],
  [64, 7],
  [32, 4],
  [32, 8],
] as const) {
  const disagreement = await compareTranslations(fullModel(xlen), new Random(seed));
  if (disagreement) process.exit(1);
}
