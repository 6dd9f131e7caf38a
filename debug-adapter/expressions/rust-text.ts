// Rust's values: enums by their variant, strings and slices by what they hold, tuples.

import { integerShape } from '../../kernel/objects/c-types.ts';
import { memberNamed, structOf } from '../../kernel/objects/members.ts';
import type { Member, Variant } from '../../symbols/index.ts';
import type { StructType } from '../../symbols/types.ts';
import { here } from '../memory/space.ts';
import type { Radix } from './nodes.ts';
import { textAt } from './object-text.ts';
import { part } from './places.ts';
import type { Scope } from './scope.ts';
import { load, memoryBytes } from './storage.ts';
import { escaped } from './strings.ts';
import type { MemoryLocation, PartsLocation, Value } from './value.ts';

const LONGEST = 200;

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
  return undefined;
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
  const tuple = inner.members.every((field) => /^__\d+$/.test(field.name ?? ''));
  const fields = inner.members.map((field) => (tuple ? text(field) : `${field.name} = ${text(field)}`));
  return tuple ? `${name}(${fields.join(', ')})` : `${name} {${fields.join(', ')}}`;
}
