// Arrays, enums and functions as types.

import { At, Tag } from '../dwarf/constants.ts';
import type { Entry } from '../dwarf/entry.ts';
import type { Enumerator, Parameter, Type } from '../types.ts';
import { ReadType } from './read-type.ts';

export class ReadArray extends ReadType {
  readonly kind = 'array';
  readonly #element = this.lazy<Type>(this.reader.void(this.language), () => this.reader.typeOf(this.entry));
  readonly #dimensions = this.lazy<readonly (number | undefined)[]>([undefined], () => {
    const found = this.#ranges().map((range) => countOf(range));
    return found.length > 0 ? found : [undefined];
  });
  readonly #size = this.lazy<number | undefined>(undefined, () => {
    const told = this.entry.number(At.byteSize);
    if (told !== undefined) return told;
    const element = this.element.size;
    if (element === undefined) return undefined;
    let size = element;
    for (const count of this.dimensions) {
      if (count === undefined) return undefined;
      size *= count;
    }
    return size;
  });

  get element(): Type {
    return this.#element();
  }

  /** Whether a number of elements is known only when the program runs. */
  get dynamic(): boolean {
    return this.reader.guard(false, () => this.#ranges().some((range) => isComputed(range)));
  }

  /** The dimensions where `computed` tells what the attributes of their entries come to. */
  dimensionsWith(computed: Computed): readonly (number | undefined)[] {
    return this.reader.guard(this.dimensions, () => this.#ranges().map((range) => countOf(range, computed)));
  }

  #ranges(): Entry[] {
    return [...this.entry.children()].filter(({ tag }) => tag === Tag.subrangeType || tag === Tag.enumerationType);
  }

  get dimensions() {
    return this.#dimensions();
  }

  override get size() {
    return this.#size();
  }

  get vector(): boolean {
    return this.reader.guard(false, () => this.entry.flag(At.gnuVector));
  }
}

/** What an attribute comes to that is an expression or a variable; undefined where that is not known. */
export type Computed = (range: Entry, attribute: number) => bigint | undefined;

const bounds: readonly number[] = [At.count, At.upperBound, At.lowerBound];

function isComputed(range: Entry): boolean {
  return bounds.some((attribute) => range.has(attribute) && range.constant(attribute) === undefined);
}

/** Number of elements; undefined where it is not told or known only when the program runs. */
function countOf(range: Entry, computed: Computed = () => undefined): number | undefined {
  const told = (attribute: number) => (range.has(attribute) ? computed(range, attribute) : undefined);
  const count = range.constant(At.count) ?? told(At.count);
  if (count !== undefined) return Number(count);
  const upper = range.constant(At.upperBound) ?? told(At.upperBound);
  if (upper === undefined) return undefined;
  const bytes = range.constantSize(At.upperBound);
  const last = bytes !== undefined && bytes >= 4 ? BigInt.asIntN(8 * bytes, upper) : upper;
  const lower = range.constant(At.lowerBound) ?? told(At.lowerBound) ?? 0n;
  return Math.max(0, Number(last - lower) + 1);
}

export class ReadEnum extends ReadType {
  readonly kind = 'enum';
  readonly #definition = this.lazy<Entry | undefined>(undefined, () => this.reader.definition(this.entry));
  readonly #underlying = this.lazy<Type | undefined>(undefined, () => {
    const definition = this.#definition();
    return definition?.has(At.type) ? this.reader.typeOf(definition) : undefined;
  });
  readonly #enumerators = this.lazy<readonly Enumerator[]>([], () => {
    const found: Enumerator[] = [];
    for (const child of this.#definition()?.children() ?? []) {
      if (child.tag !== Tag.enumerator) continue;
      const bytes = child.constantSize(At.constValue);
      const told = child.constant(At.constValue) ?? 0n;
      const isWhole = this.#isSigned() && bytes !== undefined && bytes === this.size;
      found.push({ name: child.text(At.name) ?? '', value: isWhole ? BigInt.asIntN(8 * bytes, told) : told });
    }
    return found;
  });

  override get size() {
    return this.reader.guard(undefined, () => this.#definition()?.number(At.byteSize)) ?? this.underlying?.size;
  }

  get incomplete(): boolean {
    return this.#definition() === undefined;
  }

  get underlying(): Type | undefined {
    return this.#underlying();
  }

  get signed(): boolean {
    return this.#isSigned() || this.enumerators.some(({ value }) => value < 0n);
  }

  get enumerators(): readonly Enumerator[] {
    return this.#enumerators();
  }

  #isSigned(): boolean {
    let type = this.underlying;
    for (let steps = 0; type && steps < 16 && (type.kind === 'typedef' || type.kind === 'qualified'); steps++) {
      type = type.target;
    }
    return type?.kind === 'base' && (type.encoding === 'signed' || type.encoding === 'signed-char');
  }
}

export class ReadFunction extends ReadType {
  readonly kind = 'function';
  readonly #result = this.lazy<Type>(this.reader.void(this.language), () => this.reader.typeOf(this.entry));
  readonly #parameters = this.lazy<readonly Parameter[]>([], () => {
    const { reader } = this;
    const found: Parameter[] = [];
    for (const child of this.#declaration().children()) {
      if (child.tag !== Tag.formalParameter) continue;
      found.push({ name: child.whoHas(At.name)?.text(At.name), type: reader.typeOf(child) });
    }
    return found;
  });

  override get size() {
    return undefined;
  }

  get result(): Type {
    return this.#result();
  }

  get parameters(): readonly Parameter[] {
    return this.#parameters();
  }

  get variadic(): boolean {
    return this.reader.guard(false, () => {
      for (const child of this.#declaration().children()) if (child.tag === Tag.unspecifiedParameters) return true;
      return false;
    });
  }

  get prototyped(): boolean {
    if (this.language !== 'c') return true;
    return this.reader.guard(true, () => this.entry.whoHas(At.prototyped) !== undefined);
  }

  /** Of a copy the function itself, which has all parameters even where the copy lost some. */
  #declaration(): Entry {
    let last = this.entry;
    for (const entry of this.entry.origins()) if (entry.abbreviation.children) last = entry;
    return last;
  }
}
