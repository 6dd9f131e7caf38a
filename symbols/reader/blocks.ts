// The blocks around an address, and their variables.

import { At, Tag } from '../dwarf/constants.ts';
import type { Entry } from '../dwarf/entry.ts';
import { spansOf } from '../dwarf/ranges.ts';
import { lazy } from '../lazy.ts';
import type { Block, Variable } from '../program.ts';
import { codeRanges } from './function-reader.ts';
import type { VariableReader } from './variable-reader.ts';

/** How deep blocks without addresses are nested at most. */
const maxDepth = 64;

const variableTags: ReadonlySet<number> = new Set([Tag.variable, Tag.formalParameter, Tag.constant]);

/** Of the entries of nested blocks, outermost first, the blocks, innermost first. `concrete` is the function with the code. */
export function blocksOf(reader: VariableReader, concrete: Entry, path: readonly Entry[]): Block[] {
  return path.map((entry) => new ReadBlock(reader, concrete, entry)).reverse();
}

class ReadBlock implements Block {
  readonly ranges;
  readonly #variables: () => readonly Variable[];

  constructor(reader: VariableReader, concrete: Entry, entry: Entry) {
    this.ranges = codeRanges(spansOf(entry));
    this.#variables = lazy<readonly Variable[]>(reader.types.guard, [], () => {
      const found = new Map<string, Entry>();
      for (const each of variablesOf(entry, maxDepth)) found.set(`${each.unit.offset}:${each.at}`, each);
      return [...found.values()].map((each) => reader.variable(each, concrete)).filter(({ name }) => name !== '');
    });
  }

  get variables(): readonly Variable[] {
    return this.#variables();
  }
}

/** The variables right in a block, and those of the function's text that this copy of it lost. */
function variablesOf(block: Entry, depth: number): Entry[] {
  const found: Entry[] = [];
  for (const child of block.children()) {
    if (isVariable(child)) found.push(child);
    else if (child.tag === Tag.lexicalBlock && !child.has(At.lowPc) && !child.has(At.ranges) && depth > 0) {
      found.push(...variablesOf(child, depth - 1));
    }
  }
  const origin = block.reference(At.abstractOrigin);
  if (!origin) return found;
  const copied = new Set<number>();
  addCopied(block, copied, maxDepth);
  for (const child of origin.children()) if (isVariable(child) && !copied.has(child.at)) found.push(child);
  return [...found, ...survivors(origin, copied, maxDepth)];
}

/** Of the blocks that this copy lost the variables that are still there: statics, and what is constant. */
function survivors(origin: Entry, copied: ReadonlySet<number>, depth: number): Entry[] {
  const found: Entry[] = [];
  for (const block of origin.children()) {
    if (block.tag !== Tag.lexicalBlock || copied.has(block.at)) continue;
    for (const child of block.children())
      if (isVariable(child) && hasValue(child) && !copied.has(child.at)) found.push(child);
    if (depth > 0) found.push(...survivors(block, copied, depth - 1));
  }
  return found;
}

function hasValue(entry: Entry): boolean {
  return entry.has(At.location) || entry.has(At.constValue);
}

/** What the entries of a block, and of blocks in it, are copies of. */
function addCopied(block: Entry, copied: Set<number>, depth: number): void {
  for (const child of block.children()) {
    const origin = child.reference(At.abstractOrigin);
    if (origin) copied.add(origin.at);
    if (child.tag === Tag.lexicalBlock && depth > 0) addCopied(child, copied, depth - 1);
  }
}

/** What is only declared in a block (`extern int x;`) is defined elsewhere. */
function isVariable(entry: Entry): boolean {
  return variableTags.has(entry.tag) && !entry.flag(At.declaration);
}
