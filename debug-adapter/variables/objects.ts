// Rows of the program's objects: a struct's members, an array's elements, what a pointer leads to.

import { elementOf, lengthOf } from '../../kernel/objects/c-types.ts';
import { structOf } from '../../kernel/objects/members.ts';
import { type Member, strip, type Type, typeText } from '../../symbols/index.ts';
import type { ArrayType, StructType } from '../../symbols/types.ts';
import { load, missingOf, type Value, valueText } from '../expressions/index.ts';
import { target } from '../expressions/places.ts';
import { sliceOf, variantOf } from '../expressions/rust-text.ts';
import { type MemoryLocation, type PartsLocation, part } from '../expressions/value.ts';
import { referenceTo } from '../memory/space.ts';
import { entryChildren } from './page-table-entry.ts';
import { type Children, pointedMemory, type Row, type View } from './row.ts';

export type ObjectLocation = MemoryLocation | PartsLocation;

/** A row for an object; `evaluateName` is how an expression names it. */
export function objectRow(
  view: View,
  name: string,
  location: ObjectLocation,
  evaluateName: string,
  more: Partial<Row> = {},
): Row {
  const { type, bits } = location;
  const typed = { name, type: bits ? `${typeText(type)} : ${bits.size}` : typeText(type), evaluateName, ...more };
  const missing = missingOf(location);
  if (missing !== undefined) {
    const pointee = location.kind === 'parts' ? location.pointee : undefined;
    const children = pointee && pointedChildren(pointee, pointee().type, evaluateName);
    return { ...typed, value: missingText(missing), kind: 'virtual', ...(children && { children }) };
  }
  try {
    const value = load(view.scope, location);
    return { ...typed, ...shown(view, value, location, evaluateName) };
  } catch (error) {
    return { ...typed, value: `<${plainMessage(error)}>`, kind: 'virtual' };
  }
}

/** As gdb says it, with more where there is more to say. */
function missingText(missing: string): string {
  return missing.startsWith('optimized out') ? `<${missing}>` : `<optimized out: ${missing}>`;
}

function plainMessage(error: unknown): string {
  return (error as Error).message.replace(/ \(column \d+ of the expression\)\.$/, '');
}

function shown(view: View, value: Value, location: ObjectLocation, evaluateName: string): Omit<Row, 'name'> {
  const children = childrenOf(view, value, evaluateName);
  const memoryReference = memoryOf(view, value, location);
  const code = codeOf(value);
  return {
    value: valueText(view.scope, value, view.radix),
    location,
    ...(memoryReference !== undefined && { memoryReference }),
    ...(children && { children }),
    ...(code !== undefined && { code }),
  };
}

/** Of a pointer what it points to, else where the object itself is. */
function memoryOf(view: View, value: Value, location: ObjectLocation): string | undefined {
  const pointer = strip(value.type).kind === 'pointer' ? pointedMemory(view, value) : undefined;
  if (pointer !== undefined) return pointer;
  return location.kind === 'memory' ? referenceTo(location.space, location.address) : undefined;
}

/** Where a function or a pointer to one leads. */
export function codeOf({ type, bits }: Value): bigint | undefined {
  const bare = strip(type);
  const code = bare.kind === 'function' || (bare.kind === 'pointer' && strip(bare.target).kind === 'function');
  return code && bits !== 0n ? bits : undefined;
}

/** What lies below a value; undefined where there is nothing more to see. */
export function childrenOf(view: View, value: Value, evaluateName: string): Children | undefined {
  const entry = entryChildren(view, value);
  if (entry) return entry;
  const bare = strip(value.type);
  const { location } = value;
  const object = location?.kind === 'memory' || location?.kind === 'parts' ? location : undefined;
  if (bare.kind === 'pointer') return pointerChildren(value, bare.target, evaluateName);
  if (bare.kind === 'array') return object && arrayChildren(object, bare, evaluateName);
  const struct = structOf(bare);
  const slice = struct && object && sliceOf(view.scope, object, struct);
  if (slice) return arrayChildren(slice, slice.type as ArrayType, evaluateName);
  return struct && object && structChildren(object, struct, postfix(evaluateName));
}

function structChildren(location: ObjectLocation, struct: StructType, base: string): Children | undefined {
  if (struct.members.length === 0 && !struct.variants) return undefined;
  return { rows: (view) => memberRows(view, location, struct, `${base}.`) };
}

/** Members, those of anonymous structs and unions among them; of a Rust enum the variant that it is. */
function memberRows(view: View, location: ObjectLocation, struct: StructType, prefix: string): Row[] {
  const variant = struct.variants ? variantMembers(view, location, struct) : [];
  return [...struct.members, ...variant].flatMap((member) => {
    const at = part(location, member.type, member.offset, member.bits);
    const inner = structOf(member.type);
    if (member.name === undefined && inner) return memberRows(view, at, inner, prefix);
    const name = member.name ?? '<anonymous>';
    const more: Partial<Row> = {
      ...(member.inherited ? { kind: 'class' } : { kind: 'property' }),
      ...(member.declared && { declared: member.declared }),
    };
    return [objectRow(view, name, at, `${prefix}${name}`, more)];
  });
}

function variantMembers(view: View, location: ObjectLocation, struct: StructType): readonly Member[] {
  try {
    return variantOf(view.scope, location, struct)?.members ?? [];
  } catch {
    return [];
  }
}

/** The members of a struct that is pointed to, or the one object. */
function pointerChildren(pointer: Value, pointee: Type, evaluateName: string): Children | undefined {
  return pointer.bits === 0n
    ? undefined
    : pointedChildren((view) => target(view.scope, pointer, 0), pointee, evaluateName);
}

function pointedChildren(
  locationOf: (view: View) => ObjectLocation,
  pointee: Type,
  evaluateName: string,
): Children | undefined {
  const bare = strip(pointee);
  if (bare.kind === 'void' || bare.kind === 'function') return undefined;
  const struct = structOf(pointee);
  if (struct?.incomplete) return undefined;
  return {
    rows(view) {
      const location = locationOf(view);
      if (struct) return memberRows(view, location, struct, `${postfix(evaluateName)}->`);
      return [objectRow(view, `*${lastWord(evaluateName)}`, location, `*${prefixOperand(evaluateName)}`)];
    },
  };
}

function arrayChildren(location: ObjectLocation, array: ArrayType, evaluateName: string): Children | undefined {
  const length = lengthOf(array) ?? 0;
  if (length === 0) return undefined;
  const element = elementOf(array);
  return {
    indexed: length,
    paged: true,
    rows(view, start = 0, count = length) {
      const end = Math.min(length, start + count);
      const size = strip(element).size ?? 0;
      return Array.from({ length: Math.max(0, end - start) }, (_, index) => {
        const at = start + index;
        return objectRow(view, `[${at}]`, part(location, element, at * size), `${postfix(evaluateName)}[${at}]`);
      });
    },
  };
}

/** The name as something behind which `.`, `->` or `[` may stand. */
function postfix(name: string): string {
  return /^[\w$.:]+$|^[\w$.:]+(?:(?:->|\.)[\w$]+|\[\d+\])*$/.test(name) ? name : `(${name})`;
}

function prefixOperand(name: string): string {
  return /^[\w$.:>[\]-]+$/.test(name) && !/[^-]>|-(?!>)/.test(name) ? name : `(${name})`;
}

function lastWord(name: string): string {
  return /([\w$]+(?:\[\d+\])*)\)*$/.exec(name)?.[1] ?? name;
}
