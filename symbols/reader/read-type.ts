// What the entry of any type says.

import { At } from '../dwarf/constants.ts';
import type { Entry } from '../dwarf/entry.ts';
import { lazy } from '../lazy.ts';
import type { Language } from '../types.ts';
import type { TypeReader } from './type-reader.ts';

export class ReadType {
  readonly reader: TypeReader;
  readonly entry: Entry;
  readonly language: Language;
  readonly #name: () => string | undefined;

  constructor(reader: TypeReader, entry: Entry) {
    this.reader = reader;
    this.entry = entry;
    this.language = reader.names.languageOf(entry.unit);
    this.#name = this.lazy<string | undefined>(undefined, () => reader.names.nameOf(entry));
  }

  get name(): string | undefined {
    return this.#name();
  }

  get size(): number | undefined {
    return this.reader.guard(undefined, () => this.entry.number(At.byteSize));
  }

  get declared() {
    return this.reader.guard(undefined, () => this.reader.names.declared(this.entry));
  }

  protected lazy<T>(otherwise: T, work: () => T): () => T {
    return lazy(this.reader.guard, otherwise, work);
  }
}
