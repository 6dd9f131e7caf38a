// Entries of types as the types that they describe: each once, and read on when it is asked.

import { At, Tag } from '../dwarf/constants.ts';
import type { Entry } from '../dwarf/entry.ts';
import type { Guard } from '../guard.ts';
import type { Encoding, Language, Qualifier, Type } from '../types.ts';
import { plainName } from './c-names.ts';
import { ReadArray, ReadEnum, ReadFunction } from './composite-types.ts';
import type { Names } from './names.ts';
import { ReadType } from './read-type.ts';
import { ReadStruct } from './struct-type.ts';

/** Finds the definition of a type that is only declared here. */
export type FindDefinition = (declaration: Entry) => Entry | undefined;

/** DW_ATE_* (DWARF 5, section 7.8 "Base Type Attribute Encodings"). */
const encodings: Readonly<Record<number, Encoding>> = {
  1: 'address',
  2: 'boolean',
  3: 'complex',
  4: 'float',
  5: 'signed',
  6: 'signed-char',
  7: 'unsigned',
  8: 'unsigned-char',
  16: 'utf',
};

const qualifiers: Readonly<Record<number, Qualifier>> = {
  [Tag.constType]: 'const',
  [Tag.volatileType]: 'volatile',
  [Tag.restrictType]: 'restrict',
  [Tag.atomicType]: 'atomic',
};

const pointers: Readonly<Record<number, 'pointer' | 'reference' | 'rvalue-reference'>> = {
  [Tag.pointerType]: 'pointer',
  [Tag.referenceType]: 'reference',
  [Tag.rvalueReferenceType]: 'rvalue-reference',
};

const structs: Readonly<Record<number, 'struct' | 'union' | 'class'>> = {
  [Tag.structureType]: 'struct',
  [Tag.unionType]: 'union',
  [Tag.classType]: 'class',
  [Tag.interfaceType]: 'class',
};

/** Tags of entries that are types with a name. */
export const typeTags: ReadonlySet<number> = new Set<number>([
  ...Object.keys(structs).map(Number),
  ...Object.keys(pointers).map(Number),
  Tag.enumerationType,
  Tag.typedef,
  Tag.baseType,
  Tag.unspecifiedType,
]);

export class TypeReader {
  readonly guard: Guard;
  readonly names: Names;
  readonly #find: FindDefinition;
  readonly #types = new WeakMap<Entry['unit'], Map<number, Type>>();
  readonly #voids = new Map<Language, Type>();

  constructor(guard: Guard, names: Names, find: FindDefinition) {
    this.guard = guard;
    this.names = names;
    this.#find = find;
  }

  /** The type that an entry (a variable, member, pointer …) has: DW_AT_type; void where it has none. */
  typeOf(entry: Entry): Type {
    const language = this.names.languageOf(entry.unit);
    return this.guard(this.void(language), () => {
      const referred = entry.whoHas(At.type)?.reference(At.type);
      return referred ? this.type(referred) : this.void(language);
    });
  }

  /** The type that an entry describes. */
  type(entry: Entry): Type {
    let known = this.#types.get(entry.unit);
    if (!known) {
      known = new Map();
      this.#types.set(entry.unit, known);
    }
    let type = known.get(entry.at);
    if (!type) {
      type = this.#make(entry);
      known.set(entry.at, type);
    }
    return type;
  }

  void(language: Language, name = 'void'): Type {
    let type = this.#voids.get(language);
    if (type && type.name === name) return type;
    type = { kind: 'void', name, size: undefined, language, declared: undefined };
    if (name === 'void') this.#voids.set(language, type);
    return type;
  }

  /** The entry that defines what this one declares; itself where it is no declaration. */
  definition(entry: Entry): Entry | undefined {
    if (!entry.flag(At.declaration)) return entry;
    const signed = entry.reference(At.signature);
    return signed ?? this.#find(entry);
  }

  #make(entry: Entry): Type {
    const { tag } = entry;
    const common = new ReadType(this, entry);
    const qualifier = qualifiers[tag];
    if (qualifier) return new ReadQualified(this, entry, qualifier);
    const style = pointers[tag];
    if (style) return new ReadPointer(this, entry, style);
    const kind = structs[tag];
    if (kind) return new ReadStruct(this, entry, kind);
    if (tag === Tag.typedef) return new ReadTypedef(this, entry);
    if (tag === Tag.enumerationType) return new ReadEnum(this, entry);
    if (tag === Tag.arrayType) return new ReadArray(this, entry);
    if (tag === Tag.subroutineType || tag === Tag.subprogram) return new ReadFunction(this, entry);
    if (tag === Tag.baseType) return new ReadBase(this, entry);
    if (entry.has(At.byteSize)) return new ReadBase(this, entry);
    return this.void(common.language, common.name);
  }
}

class ReadBase extends ReadType {
  readonly kind = 'base';

  /** C's integers in the words in which they are written: `unsigned long` for GCC's `long unsigned int`. */
  override get name() {
    return this.#plain();
  }

  readonly #plain = this.lazy<string | undefined>(undefined, () => {
    const name = super.name;
    return name !== undefined && (this.language === 'c' || this.language === 'c++') ? plainName(name) : name;
  });

  get encoding(): Encoding {
    return this.reader.guard('other', () => encodings[this.entry.number(At.encoding) ?? 0] ?? 'other');
  }
}

/** A type that is made from another one. */
class Derived extends ReadType {
  readonly #target = this.lazy<Type>(this.reader.void(this.language), () => this.reader.typeOf(this.entry));

  get target(): Type {
    return this.#target();
  }
}

class ReadQualified extends Derived {
  readonly kind = 'qualified';
  readonly qualifier: Qualifier;
  readonly #size = this.lazy<number | undefined>(undefined, () => this.target.size);

  constructor(reader: TypeReader, entry: Entry, qualifier: Qualifier) {
    super(reader, entry);
    this.qualifier = qualifier;
  }

  override get size() {
    return this.#size();
  }
}

class ReadTypedef extends Derived {
  readonly kind = 'typedef';
  readonly #size = this.lazy<number | undefined>(undefined, () => this.target.size);

  override get size() {
    return this.#size();
  }
}

class ReadPointer extends Derived {
  readonly kind = 'pointer';
  readonly style: 'pointer' | 'reference' | 'rvalue-reference';

  constructor(reader: TypeReader, entry: Entry, style: 'pointer' | 'reference' | 'rvalue-reference') {
    super(reader, entry);
    this.style = style;
  }

  override get size() {
    return super.size ?? this.entry.unit.addressSize;
  }
}
