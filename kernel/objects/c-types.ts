// The types of C as such: what every kernel has whatever its debug information says, and questions about types.

import { strip, type Type } from '../../symbols/index.ts';
import type { ArrayType, BaseType, Encoding, PointerType } from '../../symbols/types.ts';

const common = { language: 'c', declared: undefined } as const;

function base(name: string, size: number, encoding: Encoding): BaseType {
  return { kind: 'base', name, size, encoding, ...common };
}

export const voidType: Type = { kind: 'void', name: 'void', size: undefined, ...common };

/** Types with one meaning everywhere. */
export const u8 = base('u8', 1, 'unsigned');
export const u16 = base('u16', 2, 'unsigned');
export const u32 = base('u32', 4, 'unsigned');
export const u64 = base('u64', 8, 'unsigned');
export const s8 = base('s8', 1, 'signed');
export const s16 = base('s16', 2, 'signed');
export const s32 = base('s32', 4, 'signed');
export const s64 = base('s64', 8, 'signed');
export const scalars: readonly BaseType[] = [u8, u16, u32, u64, s8, s16, s32, s64];

export const int = base('int', 4, 'signed');
export const unsignedInt = base('unsigned int', 4, 'unsigned');
export const char = base('char', 1, 'unsigned-char');
export const double = base('double', 8, 'float');
export const float = base('float', 4, 'float');

const long = { 32: base('long', 4, 'signed'), 64: base('long', 8, 'signed') };
const unsignedLong = { 32: base('unsigned long', 4, 'unsigned'), 64: base('unsigned long', 8, 'unsigned') };
export const longLong = base('long long', 8, 'signed');
export const unsignedLongLong = base('unsigned long long', 8, 'unsigned');

export type Xlen = 32 | 64;

export function longOf(xlen: Xlen): BaseType {
  return long[xlen];
}

/** The type of sizeof, and of an address as a number. */
export function unsignedLongOf(xlen: Xlen): BaseType {
  return unsignedLong[xlen];
}

/** The unsigned word of the registers: `u32` or `u64`. */
export function wordOf(xlen: Xlen): BaseType {
  return xlen === 32 ? u32 : u64;
}

/** `unsigned long int`, `u32`, `size_t`, `void`; undefined for what is not C's own. Words in any order that C allows. */
export function builtinType(name: string, xlen: Xlen): Type | undefined {
  const scalar = scalars.find((type) => type.name === name);
  if (scalar) return scalar;
  const [, unsigned, bits] = /^(u?)int(8|16|32|64)_t$/.exec(name) ?? [];
  if (bits) return { ...(scalars.find((type) => type.name === `${unsigned ? 'u' : 's'}${bits}`) as BaseType), name };
  if (/^(size_t|uintptr_t)$/.test(name)) return { ...unsignedLong[xlen], name };
  if (/^(ssize_t|intptr_t|ptrdiff_t)$/.test(name)) return { ...long[xlen], name };
  return fromWords(name.split(' '), xlen);
}

function fromWords(words: readonly string[], xlen: Xlen): Type | undefined {
  const count = (word: string) => words.filter((each) => each === word).length;
  if (
    !words.every((word) =>
      /^(char|short|int|long|signed|__signed__|unsigned|float|double|void|_Bool|bool|__int128)$/.test(word),
    )
  )
    return undefined;
  const unsigned = count('unsigned') > 0;
  if (count('void')) return voidType;
  if (count('_Bool') + count('bool')) return base('_Bool', 1, 'boolean');
  if (count('float')) return float;
  if (count('double')) return count('long') ? base('long double', 16, 'float') : double;
  if (count('char')) {
    if (unsigned) return base('unsigned char', 1, 'unsigned-char');
    return count('signed') ? base('signed char', 1, 'signed-char') : char;
  }
  if (count('short')) return unsigned ? base('unsigned short', 2, 'unsigned') : base('short', 2, 'signed');
  if (count('__int128')) return base(unsigned ? 'unsigned __int128' : '__int128', 16, unsigned ? 'unsigned' : 'signed');
  if (count('long') > 1) return unsigned ? unsignedLongLong : longLong;
  if (count('long')) return unsigned ? unsignedLong[xlen] : long[xlen];
  return unsigned ? unsignedInt : int;
}

export function pointerTo(target: Type, xlen: Xlen): PointerType {
  return { kind: 'pointer', name: undefined, size: xlen / 8, style: 'pointer', target, ...common };
}

export function arrayOf(element: Type, count: number): ArrayType {
  const size = element.size === undefined ? undefined : element.size * count;
  return { kind: 'array', name: undefined, size, element, dimensions: [count], vector: false, ...common };
}

/** What an array's index leads to: its element, or a smaller array where there are more dimensions. */
export function elementOf({ element, dimensions, vector }: ArrayType): Type {
  const [, ...inner] = dimensions;
  if (inner.length === 0) return element;
  const known = inner.every((each) => each !== undefined) && element.size !== undefined;
  const size = known ? inner.reduce((all, each) => all * (each ?? 0), element.size ?? 0) : undefined;
  return { kind: 'array', name: undefined, size, element, dimensions: inner, vector, ...common };
}

/** Number of elements; undefined where the program does not say, as of `char data[]`. */
export function lengthOf(array: ArrayType): number | undefined {
  return array.dimensions[0];
}

/** How a type counts as an integer: base integers, enums, pointers; undefined for anything else. */
export function integerShape(type: Type): { readonly size: number; readonly signed: boolean } | undefined {
  const bare = strip(type);
  if (bare.size === undefined || bare.size === 0) return undefined;
  if (bare.kind === 'pointer') return { size: bare.size, signed: false };
  if (bare.kind === 'enum') {
    const underlying = bare.underlying && integerShape(bare.underlying);
    return underlying ?? { size: bare.size, signed: bare.signed };
  }
  if (bare.kind !== 'base' || bare.encoding === 'float' || bare.encoding === 'complex') return undefined;
  return { size: bare.size, signed: bare.encoding === 'signed' || bare.encoding === 'signed-char' };
}

export function isFloat(type: Type): boolean {
  const bare = strip(type);
  return bare.kind === 'base' && bare.encoding === 'float' && (bare.size === 4 || bare.size === 8);
}

export function isBoolean(type: Type): boolean {
  const bare = strip(type);
  return bare.kind === 'base' && bare.encoding === 'boolean';
}

/** Whether the type is one byte that stands for a letter. */
export function isCharacter(type: Type): boolean {
  const bare = strip(type);
  return bare.kind === 'base' && bare.size === 1 && /char$/.test(bare.encoding);
}
