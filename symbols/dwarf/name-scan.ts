// Finding entries by name without an index: the bytes of .debug_info are searched for the offsets that the name has in
// .debug_str. Only the entries where it is found are read.

import { utf8 } from '../utf8.ts';
import { At } from './constants.ts';
import type { Entry } from './entry.ts';
import type { DebugSections } from './sections.ts';
import type { Unit } from './unit.ts';

/** An entry, and those around it, outermost first and without the unit's own. */
export interface Found {
  readonly entry: Entry;
  readonly path: readonly Entry[];
}

/** Patterns of four bytes, sought all at once. */
export class Patterns {
  readonly #exact: ReadonlySet<number>;
  /** By the low 12 bits: whether a pattern has them. */
  readonly #filter = new Uint8Array(0x1000);

  constructor(patterns: Iterable<number>) {
    this.#exact = new Set([...patterns].map((pattern) => pattern | 0));
    for (const pattern of this.#exact) this.#filter[pattern & 0xfff] = 1;
  }

  get count(): number {
    return this.#exact.size;
  }

  /** Where a pattern begins in the bytes, at or behind `from`; -1 where none does any more. */
  find(bytes: Uint8Array, from: number): number {
    const filter = this.#filter;
    const last = bytes.length - 4;
    for (let at = from; at <= last; at++) {
      if (filter[(((bytes[at + 1] ?? 0) & 15) << 8) | (bytes[at] ?? 0)] !== 1) continue;
      const word =
        (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
      if (this.#exact.has(word)) return at;
    }
    return -1;
  }
}

/** A name as the bytes of units may have it. */
export class NameScan {
  readonly #name: Uint8Array;
  readonly #text: string;
  readonly #patterns: Patterns;
  readonly #tables: boolean;

  constructor(name: string, sections: DebugSections) {
    this.#text = name;
    this.#name = utf8(`${name}\0`);
    const offsets = offsetsOf(this.#name, [sections.bytes('.debug_str'), sections.bytes('.debug_line_str')]);
    // A name that is written in the entry itself begins with its own letters.
    const inline = this.#name.length >= 4 ? [word(this.#name)] : [];
    this.#patterns = new Patterns([...offsets, ...inline]);
    this.#tables = sections.open('.debug_str_offsets').size > 0;
  }

  /** The unit's entries of that name. */
  *in(unit: Unit): Generator<Found> {
    if (this.#tables && unit.usesStringTable) {
      yield* named(unit.root, this.#text, [], maxDepth);
      return;
    }
    const bytes = unit.cursor.bytes;
    if (this.#name.length < 4) yield* this.#short(unit, bytes);
    if (this.#patterns.count === 0) return;
    for (let at = this.#patterns.find(bytes, 0); at >= 0; at = this.#patterns.find(bytes, at + 1)) {
      const found = this.#check(unit, at);
      if (found) yield found;
    }
  }

  /** Names of up to three bytes with their NUL are too short for a pattern. */
  *#short(unit: Unit, bytes: Uint8Array): Generator<Found> {
    const [first = 0, second = 0] = this.#name;
    for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
      if (bytes[at + 1] !== second || (this.#name.length > 2 && bytes[at + 2] !== this.#name[2])) continue;
      const found = this.#check(unit, at);
      if (found) yield found;
    }
  }

  /** The entry whose name is at a position of the unit, if there is one. */
  #check(unit: Unit, at: number): Found | undefined {
    const path = unit.pathTo(at);
    const entry = path.pop();
    if (entry?.valueAt(At.name) !== at || entry.text(At.name) !== this.#text) return undefined;
    return { entry, path };
  }
}

/** How deep entries with names that others see are nested at most. */
const maxDepth = 32;

/** Every entry of that name below `parent`, by reading them all. */
function* named(parent: Entry, name: string, path: readonly Entry[], depth: number): Generator<Found> {
  for (const entry of parent.children()) {
    if (entry.text(At.name) === name) yield { entry, path };
    if (entry.abbreviation.children && depth > 0) yield* named(entry, name, [...path, entry], depth - 1);
  }
}

/** Where a name, with the NUL behind it, begins in sections of strings: linkers let a name be the tail of another. */
function offsetsOf(name: Uint8Array, sections: readonly Uint8Array[]): number[] {
  const offsets: number[] = [];
  for (const bytes of sections) findAll(bytes, name, (at) => offsets.push(at));
  return offsets;
}

/** Visits every place of `wanted` in the bytes, by Horspool's search. */
function findAll(bytes: Uint8Array, wanted: Uint8Array, visit: (at: number) => void): void {
  const last = wanted.length - 1;
  const skips = new Uint32Array(256).fill(wanted.length);
  for (let i = 0; i < last; i++) skips[wanted[i] ?? 0] = last - i;
  for (let at = last; at < bytes.length; at += skips[bytes[at] ?? 0] ?? 1) {
    let i = last;
    while (i >= 0 && bytes[at - last + i] === wanted[i]) i--;
    if (i < 0) visit(at - last);
  }
}

function word(bytes: Uint8Array): number {
  return (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8) | ((bytes[2] ?? 0) << 16) | ((bytes[3] ?? 0) << 24);
}
