// The variables that a unit defines outside of its functions.

import { At, Tag } from '../dwarf/constants.ts';
import type { Entry } from '../dwarf/entry.ts';
import { isNamespace, type Unit } from '../dwarf/unit.ts';

/** Deeper nesting is damage. */
const DEEPEST = 32;

/** Those that have a place or a value, in the entries' order; those of namespaces and modules among them. */
export function variablesOf(unit: Unit): Entry[] {
  return [...definedBelow(unit.root, unit.nests ? DEEPEST : 0)];
}

function* definedBelow(parent: Entry, depth: number): Generator<Entry> {
  for (const entry of parent.children()) {
    if (entry.tag === Tag.variable && isDefined(entry)) yield entry;
    else if (depth > 0 && entry.abbreviation.children && isNamespace(entry)) yield* definedBelow(entry, depth - 1);
  }
}

/** Not only declared. */
export function isDefined(entry: Entry): boolean {
  return entry.has(At.location) || entry.has(At.constValue);
}
