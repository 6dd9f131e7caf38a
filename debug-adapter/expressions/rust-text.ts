// Rust's values: enums by their variant, strings and slices by what they hold, tuples.

import { arrayOf, integerShape } from '../../kernel/objects/c-types.ts';
import { memberNamed, structOf } from '../../kernel/objects/members.ts';
import { type Member, strip, type Variant } from '../../symbols/index.ts';
import type { StructType } from '../../symbols/types.ts';
import { here } from '../memory/space.ts';
import type { Radix } from './nodes.ts';
import { textAt } from './object-text.ts';
import type { Scope } from './scope.ts';
import { load, memoryBytes } from './storage.ts';
import { escaped } from './strings.ts';
import { type MemoryLocation, type PartsLocation, part, type Value } from './value.ts';

const LONGEST = 200;
/** Tuples within tuples. */
const DEEPEST = 4;
/** More elements than this is a length that has not been set yet. */
const MOST_ELEMENTS = 2 ** 32;

type Object = MemoryLocation | PartsLocation;

/** Undefined for what is no type of Rust's own making. */
export function rustText(
  scope: Scope,
  { location }: Value,
  struct: StructType,
  radix: Radix | undefined,
  depth: number,
): string | undefined {
  if (struct.language !== 'rust' || (location?.kind !== 'memory' && location?.kind !== 'parts')) return undefined;
  if (struct.name === '&str' || struct.name === '&mut str') return stringText(scope, location, struct);
  if (struct.variants) return variantText(scope, location, struct, radix, depth);
  const slice = sliceOf(scope, location, struct);
  if (slice) return textAt(scope, slice, radix, depth - 1);
  if (!isTuple(struct) || depth >= DEEPEST) return undefined;
  const name = struct.name?.startsWith('(') ? '' : (struct.name?.replace(/<.*/, '').split('::').at(-1) ?? '');
  const fields = struct.members.map(({ type, offset, bits }) =>
    textAt(scope, part(location, type, offset, bits), radix, depth),
  );
  return `${name}(${fields.join(', ')})`;
}

/** Whether its fields have no names. */
function isTuple({ members }: StructType): boolean {
  return members.length > 0 && members.every(({ name }) => /^__\d+$/.test(name ?? ''));
}

/** The elements that a slice (`&[u64]`) is of, as an array; undefined for another type. */
export function sliceOf(scope: Scope, location: Object, struct: StructType): MemoryLocation | undefined {
  if (struct.language !== 'rust' || !/^&(mut )?\[/.test(struct.name ?? '')) return undefined;
  const [data, length] = [memberNamed(struct, 'data_ptr'), memberNamed(struct, 'length')];
  const pointer = data && strip(data.type);
  if (!data || !length || pointer?.kind !== 'pointer') return undefined;
  const address = load(scope, part(location, data.type, data.offset)).bits;
  const count = Number(load(scope, part(location, length.type, length.offset)).bits);
  if (count > MOST_ELEMENTS) return undefined;
  return { kind: 'memory', space: here, address, type: arrayOf(pointer.target, count) };
}

function stringText(scope: Scope, location: Object, struct: StructType): string | undefined {
  const [data, length] = [memberNamed(struct, 'data_ptr'), memberNamed(struct, 'length')];
  if (!data || !length) return undefined;
  const at = load(scope, part(location, data.type, data.offset)).bits;
  const size = Number(load(scope, part(location, length.type, length.offset)).bits);
  if (size === 0) return '""';
  return `"${escaped(memoryBytes(scope, here, at, Math.min(size, LONGEST)))}"${size > LONGEST ? '…' : ''}`;
}

/** The variant that the value is now, by its discriminant. */
export function variantOf(scope: Scope, location: Object, { variants }: StructType): Variant | undefined {
  if (!variants) return undefined;
  const { discriminant } = variants;
  if (!discriminant) return variants.variants[0];
  const { bits, type } = load(scope, part(location, discriminant.type, discriminant.offset));
  const value = BigInt.asUintN((integerShape(type)?.size ?? 8) * 8, bits);
  const named = variants.variants.find(({ values }) => values.some(({ low, high }) => low <= value && value <= high));
  return named ?? variants.variants.find(({ values }) => values.length === 0);
}

/** `Some(4)`, `None`, `Point { x = 1 }`. */
function variantText(
  scope: Scope,
  location: Object,
  struct: StructType,
  radix: Radix | undefined,
  depth: number,
): string {
  const member = variantOf(scope, location, struct)?.members[0];
  if (!member) return '?';
  const name = member.name ?? structOf(member.type)?.name ?? '?';
  const inner = structOf(member.type);
  if (!inner || inner.members.length === 0) return name;
  const base = part(location, member.type, member.offset);
  const text = (field: Member) => textAt(scope, part(base, field.type, field.offset, field.bits), radix, depth);
  const tuple = isTuple(inner);
  const fields = inner.members.map((field) => (tuple ? text(field) : `${field.name} = ${text(field)}`));
  return tuple ? `${name}(${fields.join(', ')})` : `${name} {${fields.join(', ')}}`;
}
