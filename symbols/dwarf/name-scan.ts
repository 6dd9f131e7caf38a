// Finding entries by name without an index: the bytes of .debug_info are searched for the offsets that the name has in
// .debug_str. Only the entries where it is found are read.

import { findAll } from '../find-all.ts';
import { utf8 } from '../utf8.ts';
import type { Abbreviation } from './abbreviations.ts';
import { At } from './constants.ts';
import type { Entry } from './entry.ts';
import type { DebugSections } from './sections.ts';
import type { Unit } from './unit.ts';

/** An entry, and those around it, outermost first and without the unit's own. */
export interface Found {
  readonly entry: Entry;
  readonly path: readonly Entry[];
}

/** Whether entries of a shape are what is sought, in units where names nest or not. */
export type Fits = (abbreviation: Abbreviation, nests: boolean) => boolean;

/** Patterns of four bytes, sought all at once. */
export class Patterns {
  readonly #exact: ReadonlySet<number>;
  /** By the low 16 bits: whether a pattern has them. */
  readonly #filter = new Uint8Array(0x10000);

  constructor(patterns: Iterable<number>) {
    this.#exact = new Set([...patterns].map((pattern) => pattern | 0));
    for (const pattern of this.#exact) this.#filter[pattern & 0xffff] = 1;
  }

  get count(): number {
    return this.#exact.size;
  }

  /** Every place where a pattern begins in the bytes, ascending. */
  all(bytes: Uint8Array): number[] {
    const found: number[] = [];
    if (this.#exact.size > fewPatterns) this.#filtered(bytes, found);
    else for (const pattern of this.#exact) findRarest(bytes, pattern, found);
    return this.#exact.size > 1 ? found.sort((a, b) => a - b) : found;
  }

  #filtered(bytes: Uint8Array, found: number[]): void {
    const filter = this.#filter;
    const last = bytes.length - 4;
    for (let at = 0, low = bytes[0] ?? 0; at <= last; at++) {
      const high = bytes[at + 1] ?? 0;
      const passes = filter[(high << 8) | low] === 1;
      low = high;
      if (passes && this.#exact.has(wordAt(bytes, at))) found.push(at);
    }
  }
}

/** So many patterns are sought one after the other, by what the host does fastest: looking for one byte. */
const fewPatterns = 6;

/** Bytes at a unit's start that tell which byte of a pattern is rare. */
const sampled = 1024;

/** Adds the places of a pattern, by looking for the byte of it that is seldom met. */
function findRarest(bytes: Uint8Array, pattern: number, found: number[]): void {
  const counts = [0, 0, 0, 0];
  const letters = [pattern & 0xff, (pattern >>> 8) & 0xff, (pattern >>> 16) & 0xff, pattern >>> 24];
  for (let at = 0; at < sampled && at < bytes.length; at++) {
    for (let i = 0; i < 4; i++) if (bytes[at] === letters[i]) counts[i] = (counts[i] ?? 0) + 1;
  }
  const rarest = counts.indexOf(Math.min(...counts));
  const letter = letters[rarest] ?? 0;
  for (let at = bytes.indexOf(letter, rarest); at >= 0; at = bytes.indexOf(letter, at + 1)) {
    const start = at - rarest;
    if (start + 4 <= bytes.length && wordAt(bytes, start) === pattern) found.push(start);
  }
}

/** A name as the bytes of units may have it. */
export class NameScan {
  readonly #name: Uint8Array;
  readonly #text: string;
  readonly #patterns: Patterns;
  readonly #tables: boolean;
  /** Where the patterns are in the units that were looked through: other questions about the name begin there. */
  readonly #places = new WeakMap<Unit, readonly number[]>();

  constructor(name: string, sections: DebugSections) {
    this.#text = name;
    this.#name = utf8(`${name}\0`);
    const offsets = offsetsOf(this.#name, [sections.bytes('.debug_str'), sections.bytes('.debug_line_str')]);
    // A name that is written in the entry itself begins with its own letters.
    const inline = this.#name.length >= 4 ? [wordAt(this.#name, 0)] : [];
    this.#patterns = new Patterns([...offsets, ...inline]);
    this.#tables = sections.open('.debug_str_offsets').size > 0;
  }

  /** The unit's entries of that name whose abbreviations fit. */
  *in(unit: Unit, fits: Fits): Generator<Found> {
    const { nests } = unit;
    if (this.#tables && unit.usesStringTable) {
      for (const found of named(unit.root, this.#text, [], maxDepth))
        if (fits(found.entry.abbreviation, nests)) yield found;
      return;
    }
    let places = this.#places.get(unit);
    if (!places) {
      const { bytes } = unit.cursor;
      places = [...(this.#name.length < 4 ? this.#short(bytes) : []), ...this.#patterns.all(bytes)];
      this.#places.set(unit, places);
    }
    for (const at of places) {
      const found = unit.mayHaveName(at, (shape) => fits(shape, nests)) ? this.#check(unit, at) : undefined;
      if (found && fits(found.entry.abbreviation, nests)) yield found;
    }
  }

  /** Names of up to three bytes with their NUL are too short for a pattern. */
  *#short(bytes: Uint8Array): Generator<number> {
    const [first = 0, second = 0] = this.#name;
    for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
      if (bytes[at + 1] === second && (this.#name.length === 2 || bytes[at + 2] === this.#name[2])) yield at;
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
  for (const bytes of sections) findAll(bytes, name, (at) => void offsets.push(at));
  return offsets;
}

/** A pattern as the bytes have it: little-endian, with its sign. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}
