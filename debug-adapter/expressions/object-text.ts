// Values of the program's types in words: enumerators by name, strings, structs and arrays in one line.

import { elementOf, integerShape, isBoolean, isCharacter, isFloat, lengthOf } from '../../kernel/objects/c-types.ts';
import { structOf } from '../../kernel/objects/members.ts';
import { strip, type Type } from '../../symbols/index.ts';
import type { ArrayType, EnumType, StructType } from '../../symbols/types.ts';
import { addressText, here } from '../memory/space.ts';
import { formatNumber, isOwn } from './format.ts';
import type { Radix } from './nodes.ts';
import { rustText } from './rust-text.ts';
import type { Scope } from './scope.ts';
import { load, objectBytes } from './storage.ts';
import { characterText, escaped, quoted } from './strings.ts';
import { mayBeAddress, symbolSuffix } from './text.ts';
import { floatIn, type MemoryLocation, numberIn, type PartsLocation, part, type Value } from './value.ts';

/** Letters of a struct or array in one line; what goes on is `…`. */
const LINE = 100;
const MOST_SHOWN = 8;
const DEEPEST = 2;

/** Whether a value is shown by its program type, not as a plain machine word. */
export function isObjectType({ type, location }: Value): boolean {
  const bare = strip(type);
  if (location && location.kind !== 'memory' && location.kind !== 'parts') return false;
  if (isOwn(type)) return false;
  return (
    bare.kind !== 'base' ||
    isFloat(type) ||
    isBoolean(type) ||
    isCharacter(type) ||
    !integerShape(type) ||
    location !== undefined ||
    bare !== type
  );
}

export function objectText(scope: Scope, value: Value, radix?: Radix, depth = 0): string {
  const { type, bits } = value;
  const bare = strip(type);
  const meaning = radix ? undefined : scope.kernel?.meaning(value, scope);
  if (meaning !== undefined) return meaning;
  if (value.text !== undefined) return `"${escaped(new TextEncoder().encode(value.text))}"`;
  switch (bare.kind) {
    case 'void':
      return 'void';
    case 'function':
      return addressText(here, bits) + symbolSuffix(scope, bits);
    case 'pointer':
      return pointerText(scope, value, radix);
    case 'enum':
      return radix ? formatNumber(value, radix) : enumText(bare, value);
    case 'array':
      return arrayText(scope, value, bare, radix, depth);
    case 'struct':
    case 'union':
    case 'class':
      return rustText(scope, value, bare, radix, depth) ?? structText(scope, value, bare, radix, depth);
    default:
      return baseText(scope, value, radix);
  }
}

function baseText(scope: Scope, value: Value, radix: Radix | undefined): string {
  const { type, bits } = value;
  if (isFloat(type)) return floatNumber(value);
  if (strip(type).size === 16) return wideText(scope, value);
  if (radix) return formatNumber(value, radix);
  if (isBoolean(type)) return bits === 0n ? 'false' : bits === 1n ? 'true' : `true (${bits})`;
  if (isCharacter(type)) return `${numberIn(value)} ${characterText(Number(bits & 0xffn))}`;
  const bare = strip(type);
  if (bare.kind === 'base' && bare.encoding === 'utf')
    return `${bits} '${bits < 0x110000n ? String.fromCodePoint(Number(bits)) : '?'}'`;
  return mayBeAddress(value) ? addressText(value.space ?? here, bits) + symbolSuffix(scope, bits) : formatNumber(value);
}

function floatNumber(value: Value): string {
  const number = floatIn(value);
  return Number.isInteger(number) && Math.abs(number) < 1e15 ? number.toFixed(1) : String(number);
}

/** A number of 128 bits, which no expression computes with. */
function wideText(scope: Scope, { location }: Value): string {
  if (location?.kind !== 'memory' && location?.kind !== 'parts') return '…';
  const bytes = objectBytes(scope, location);
  return `0x${bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n).toString(16)}`;
}

function pointerText(scope: Scope, value: Value, radix: Radix | undefined): string {
  const { bits, space = here } = value;
  if (radix === 's') return quoted(scope, value) ?? addressText(space, bits);
  if (radix && radix !== 'x') return formatNumber(value, radix);
  const text = quoted(scope, value);
  return addressText(space, bits) + symbolSuffix(scope, bits) + (text === undefined ? '' : ` ${text}`);
}

/** `ZONE_NORMAL (1)`; of flags `A | B (3)`. */
function enumText(type: EnumType, value: Value): string {
  const number = numberIn(value);
  const exact = type.enumerators.find((each) => each.value === number || BigInt.asUintN(64, each.value) === value.bits);
  if (exact) return `${exact.name} (${number})`;
  const flags = type.enumerators.filter((each) => each.value > 0n && (each.value & (each.value - 1n)) === 0n);
  const known = flags.filter((flag) => (number & flag.value) !== 0n);
  const rest = known.reduce((left, flag) => left & ~flag.value, number);
  return number > 0n && rest === 0n && known.length > 0
    ? `${known.map(({ name }) => name).join(' | ')} (${number})`
    : `${number}`;
}

function arrayText(scope: Scope, value: Value, array: ArrayType, radix: Radix | undefined, depth: number): string {
  const text = radix && radix !== 's' ? undefined : quoted(scope, value);
  if (text !== undefined) return text;
  const length = lengthOf(array);
  if (length === undefined) return '[]';
  const { location } = value;
  if (depth >= DEEPEST || (location?.kind !== 'memory' && location?.kind !== 'parts')) return `[${length}]`;
  const element = elementOf(array);
  const parts = listed(Math.min(length, MOST_SHOWN), (index) =>
    textAt(scope, part(location, element, index * (element.size ?? 0)), radix, depth),
  );
  return `[${length}] {${parts.join(', ')}${parts.length < length ? ', …' : ''}}`;
}

function structText(scope: Scope, value: Value, struct: StructType, radix: Radix | undefined, depth: number): string {
  const { location } = value;
  if (struct.incomplete) return '{…} (its members are not known)';
  if (depth >= DEEPEST || (location?.kind !== 'memory' && location?.kind !== 'parts')) return '{…}';
  const members = struct.members.filter(({ name }) => name !== undefined);
  const parts = listed(Math.min(members.length, MOST_SHOWN), (index) => {
    const member = members[index] as (typeof members)[number];
    return `${member.name} = ${textAt(scope, part(location, member.type, member.offset, member.bits), radix, depth)}`;
  });
  return `{${parts.join(', ')}${parts.length < struct.members.length ? ', …' : ''}}`;
}

/** As many texts as fit into a line, at least one. */
function listed(count: number, text: (index: number) => string): string[] {
  const shown: string[] = [];
  for (let index = 0, room = LINE; index < count && room > 0; index += 1) {
    const next = text(index);
    shown.push(next);
    room -= next.length + 2;
  }
  return shown;
}

export function textAt(
  scope: Scope,
  location: MemoryLocation | PartsLocation,
  radix: Radix | undefined,
  depth: number,
): string {
  try {
    return objectText(scope, load(scope, location), radix, depth + 1);
  } catch {
    return '?';
  }
}

export function isStruct(type: Type): boolean {
  return structOf(type) !== undefined;
}

const MOST_DEEP = 4096;

/** The whole of an object over several lines, arrays up to some thousands of elements. */
export function deepText(scope: Scope, value: Value, radix?: Radix, indent = ''): string {
  const { location, type } = value;
  const bare = strip(type);
  const object = location?.kind === 'memory' || location?.kind === 'parts' ? location : undefined;
  const inner = `${indent}  `;
  const struct = structOf(bare);
  const textual = quoted(scope, value);
  if (textual !== undefined && !radix) return textual;
  const lines = (parts: readonly string[]) => `{\n${parts.map((each) => `${inner}${each},\n`).join('')}${indent}}`;
  if (bare.kind === 'array' && object) {
    const element = elementOf(bare);
    const count = Math.min(lengthOf(bare) ?? 0, MOST_DEEP);
    const at = (index: number) => part(object, element, index * (strip(element).size ?? 0));
    return lines(Array.from({ length: count }, (_, index) => deepAt(scope, at(index), radix, inner)));
  }
  if (struct && object && struct.language !== 'rust' && scope.kernel?.meaning(value, scope) === undefined) {
    return lines(
      struct.members.map((member) => {
        const text = deepAt(scope, part(object, member.type, member.offset, member.bits), radix, inner);
        return member.name === undefined ? text : `${member.name} = ${text}`;
      }),
    );
  }
  if (bare.kind === 'pointer' || bare.kind === 'function') return formatNumber(value, radix ?? 'x');
  return integerShape(type) && bare.kind !== 'enum' ? formatNumber(value, radix) : objectText(scope, value, radix);
}

function deepAt(
  scope: Scope,
  location: MemoryLocation | PartsLocation,
  radix: Radix | undefined,
  indent: string,
): string {
  try {
    return deepText(scope, load(scope, location), radix, indent);
  } catch {
    return '?';
  }
}
