// Interpreters that are generated beforehand, when the program is built: generating one takes as long as the rest of
// making a machine. The code depends on nothing but the hart's features, so that one serves any RAM and any number of harts.

import { compressedInstructions, instructions } from '../isa/table.ts';
import { generateInterpreter, type HartFeatures } from './interpreter.ts';

/** A boot reaches most of its code too seldom to be worth translating; a loop is there in a moment (docs/performance.md). */
export const TRANSLATE_AFTER = 8000;

/** Names the interpreter for a hart with these features. */
export function interpreterName({ xlen, trapsMisaligned, compressed, translateAfter, counts }: HartFeatures): string {
  const parts = [
    `rv${xlen}`,
    compressed ? 'c' : '',
    trapsMisaligned ? 'trap' : '',
    translateAfter === undefined ? 'never' : String(translateAfter),
    counts ? 'counts' : '',
  ];
  return parts.filter(Boolean).join('-');
}

/** Those of machines whose options leave that to us, by name. */
export function prepareInterpreters(): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const features = ([32, 64] as const).map(
    (xlen): HartFeatures => ({ xlen, trapsMisaligned: false, compressed: true, translateAfter: TRANSLATE_AFTER }),
  );
  return new Map(
    features.map((each) => [interpreterName(each), generateInterpreter(instructions, compressedInstructions, each)]),
  );
}
