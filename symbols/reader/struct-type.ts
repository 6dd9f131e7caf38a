// Structs, unions and classes: members, bit-fields in all their encodings, Rust's variants.

import { At, Tag } from '../dwarf/constants.ts';
import { Cursor } from '../dwarf/cursor.ts';
import type { Entry } from '../dwarf/entry.ts';
import type { DeclaredAt, Member, Type, Variant, VariantPart } from '../types.ts';
import { ReadType } from './read-type.ts';
import type { TypeReader } from './type-reader.ts';

export class ReadStruct extends ReadType {
  readonly kind: 'struct' | 'union' | 'class';
  readonly #definition = this.lazy<Entry | undefined>(undefined, () => this.reader.definition(this.entry));
  readonly #members = this.lazy<readonly Member[]>([], () => membersOf(this.reader, this.#definition()));
  readonly #variants = this.lazy<VariantPart | undefined>(undefined, () => {
    for (const child of this.#definition()?.children() ?? []) {
      if (child.tag === Tag.variantPart) return variantsOf(this.reader, child);
    }
    return undefined;
  });

  constructor(reader: TypeReader, entry: Entry, kind: 'struct' | 'union' | 'class') {
    super(reader, entry);
    this.kind = kind;
  }

  override get size() {
    return this.reader.guard(undefined, () => this.#definition()?.number(At.byteSize));
  }

  override get declared(): DeclaredAt | undefined {
    const definition = this.#definition();
    return definition && this.reader.guard(undefined, () => this.reader.names.declared(definition));
  }

  get incomplete(): boolean {
    return this.#definition() === undefined;
  }

  get members(): readonly Member[] {
    return this.#members();
  }

  get variants(): VariantPart | undefined {
    return this.#variants();
  }
}

function membersOf(reader: TypeReader, definition: Entry | undefined): Member[] {
  const members: Member[] = [];
  for (const child of definition?.children() ?? []) {
    const isStatic = child.has(At.external) || child.has(At.declaration);
    if ((child.tag === Tag.member && !isStatic) || child.tag === Tag.inheritance) {
      members.push(new ReadMember(reader, child));
    }
  }
  return members;
}

class ReadMember implements Member {
  readonly #reader: TypeReader;
  readonly #entry: Entry;

  constructor(reader: TypeReader, entry: Entry) {
    this.#reader = reader;
    this.#entry = entry;
  }

  get name(): string | undefined {
    return this.#reader.guard(undefined, () => this.#entry.text(At.name) || undefined);
  }

  get type(): Type {
    return this.#reader.typeOf(this.#entry);
  }

  get offset(): number {
    return this.bits ? Math.floor(this.#bitOffset / 8) : this.#byteOffset;
  }

  get bits() {
    const size = this.#reader.guard(undefined, () => this.#entry.number(At.bitSize));
    return size === undefined ? undefined : { shift: this.#bitOffset % 8, size };
  }

  get inherited(): boolean {
    return this.#entry.tag === Tag.inheritance;
  }

  get declared(): DeclaredAt | undefined {
    return this.#reader.guard(undefined, () => this.#reader.names.declared(this.#entry));
  }

  get #byteOffset(): number {
    return this.#reader.guard(0, () => byteOffset(this.#entry));
  }

  /** Of a bit-field: bits from the start of the struct to its lowest one. */
  get #bitOffset(): number {
    return this.#reader.guard(0, () => {
      const entry = this.#entry;
      const direct = entry.number(At.dataBitOffset);
      if (direct !== undefined) return direct;
      const fromTop = entry.number(At.bitOffset);
      if (fromTop === undefined) return 8 * byteOffset(entry);
      // Before DWARF 4: counted from the most significant bit of a storage unit at the member's location.
      const storage = entry.number(At.byteSize) ?? this.type.size ?? 0;
      return Math.max(0, 8 * (byteOffset(entry) + storage) - fromTop - (entry.number(At.bitSize) ?? 0));
    });
  }
}

/** DW_AT_data_member_location: a number, or in DWARF 2 an expression that adds one. */
function byteOffset(entry: Entry): number {
  const number = entry.number(At.dataMemberLocation);
  if (number !== undefined) return number;
  const block = entry.block(At.dataMemberLocation);
  if (!block) return 0;
  const cursor = new Cursor(block);
  const opcode = cursor.u8();
  const [plusUconst, constu] = [0x23, 0x10];
  return opcode === plusUconst || opcode === constu ? cursor.uleb() : 0;
}

function variantsOf(reader: TypeReader, part: Entry): VariantPart {
  const told = part.reference(At.discr);
  const discriminant = told && new ReadMember(reader, told);
  const bits = 8 * (discriminant?.type.size ?? 8);
  const variants: Variant[] = [];
  for (const child of part.children()) {
    if (child.tag !== Tag.variant) continue;
    variants.push({ values: valuesOf(child, bits), members: membersOf(reader, child) });
  }
  return { discriminant, variants };
}

function valuesOf(variant: Entry, bits: number): Variant['values'] {
  const unsigned = (value: bigint) => BigInt.asUintN(bits, value);
  const value = variant.constant(At.discrValue);
  if (value !== undefined) return [{ low: unsigned(value), high: unsigned(value) }];
  const list = variant.block(At.discrList);
  const values: { low: bigint; high: bigint }[] = [];
  for (const cursor = new Cursor(list ?? new Uint8Array()); !cursor.atEnd; ) {
    const isRange = cursor.u8() === 1;
    const low = unsigned(cursor.uleb64());
    values.push({ low, high: isRange ? unsigned(cursor.uleb64()) : low });
  }
  return values;
}
