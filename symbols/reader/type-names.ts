// Names of the types of a unit.

import { At, Tag } from '../dwarf/constants.ts';
import type { Entry } from '../dwarf/entry.ts';
import { isNamespace, type Unit } from '../dwarf/unit.ts';

/** Deeper nesting is damage. */
const DEEPEST = 32;

const keywords: ReadonlyMap<number, string> = new Map([
  [Tag.structureType, 'struct '],
  [Tag.unionType, 'union '],
  [Tag.enumerationType, 'enum '],
]);
const plain: ReadonlySet<number> = new Set([Tag.typedef, Tag.baseType, Tag.classType]);

const known = new WeakMap<Unit, readonly string[]>();

/** Each once, sorted: with C's keyword, or with the path of C++ and Rust. */
export function typeNamesOf(unit: Unit): readonly string[] {
  let names = known.get(unit);
  if (!names) {
    names = [...new Set(namesBelow(unit.root, '', unit.nests, 0))].sort();
    known.set(unit, names);
  }
  return names;
}

function* namesBelow(parent: Entry, path: string, nests: boolean, depth: number): Generator<string> {
  for (const entry of parent.children()) {
    const name = entry.text(At.name);
    if (name === undefined) continue;
    const keyword = keywords.get(entry.tag);
    if (keyword !== undefined) yield nests ? path + name : keyword + name;
    else if (plain.has(entry.tag)) yield path + name;
    if (nests && isNamespace(entry) && depth < DEEPEST) yield* namesBelow(entry, `${path}${name}::`, nests, depth + 1);
  }
}
