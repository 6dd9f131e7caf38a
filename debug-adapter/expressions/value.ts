// What an expression yields: a number with its type, and where it came from.

import type { CsrField, CsrRow } from '../../emulator/csr/row.ts';
import type { Walk } from '../../emulator/mmu/walk.ts';
import { int, integerShape, isBoolean, isFloat, u64 } from '../../kernel/objects/c-types.ts';
import type { Type } from '../../symbols/index.ts';
import type { Space } from '../memory/space.ts';
import type { Parts } from './parts.ts';

/** A bit-field: `size` bits from bit `shift` of the first byte on. */
export interface BitField {
  readonly shift: number;
  readonly size: number;
}

/** Where memory holds an object. */
export interface MemoryLocation {
  readonly kind: 'memory';
  readonly space: Space;
  readonly address: bigint;
  readonly type: Type;
  readonly bits?: BitField;
}

/** An object, or a part of one, that lies in registers, in several places, or nowhere. */
export interface PartsLocation {
  readonly kind: 'parts';
  readonly parts: Parts;
  /** Bytes from the beginning of the object. */
  readonly offset: number;
  readonly type: Type;
  readonly bits?: BitField;
  /** Of a pointer that was optimised out what it would point to. */
  readonly pointee?: () => MemoryLocation | PartsLocation;
}

/** Something that holds a value and can, mostly, be given another. */
export type Location =
  | { readonly kind: 'x'; readonly index: number }
  | { readonly kind: 'f'; readonly index: number }
  | { readonly kind: 'pc' }
  | { readonly kind: 'csr'; readonly row: CsrRow }
  | { readonly kind: 'field'; readonly row: CsrRow; readonly field: CsrField }
  | MemoryLocation
  | PartsLocation;

export interface Value {
  /** Unsigned 64-bit; sign-extended where the type is signed. Of a floating-point type its bits, of a struct or array 0. */
  readonly bits: bigint;
  readonly type: Type;
  /** The space that the value is an address in; absent = virtual, here and now. */
  readonly space?: Space;
  readonly location?: Location;
  /** What the value says, where its origin knows: of a page-table entry, what it is. Such a value is no address. */
  readonly note?: string;
  /** The translation that the value came from. */
  readonly walk?: Walk;
  /** Of a string literal. */
  readonly text?: string;
}

/** `bits` cut to the type and extended again to 64 bits by its sign. */
export function convert(bits: bigint, type: Type): bigint {
  if (isBoolean(type)) return bits === 0n ? 0n : 1n;
  const shape = integerShape(type);
  if (!shape) return BigInt.asUintN(64, bits);
  const width = Math.min(shape.size * 8, 64);
  return shape.signed ? BigInt.asUintN(64, BigInt.asIntN(width, bits)) : BigInt.asUintN(width, bits);
}

export function isSigned(type: Type): boolean {
  return integerShape(type)?.signed ?? false;
}

/** The number that a person would name: negative where the type is signed. */
export function numberIn({ bits, type }: Pick<Value, 'bits' | 'type'>): bigint {
  return isSigned(type) ? BigInt.asIntN(64, bits) : bits;
}

/** An unsigned word, as registers and addresses are. */
export function unsigned(bits: bigint, more: Partial<Value> = {}): Value {
  return { bits: BigInt.asUintN(64, bits), type: u64, ...more };
}

export function truth(yes: boolean): Value {
  return { bits: yes ? 1n : 0n, type: int };
}

const view = new DataView(new ArrayBuffer(8));

/** The number that the bits of a `float` or `double` stand for. */
export function floatIn({ bits, type }: Pick<Value, 'bits' | 'type'>): number {
  if (!isFloat(type)) return Number(numberIn({ bits, type }));
  view.setBigUint64(0, bits);
  return sizeOfFloat(type) === 4 ? view.getFloat32(4) : view.getFloat64(0);
}

export function floatValue(number: number, type: Type): Value {
  view.setBigUint64(0, 0n);
  if (sizeOfFloat(type) === 4) view.setFloat32(4, number);
  else view.setFloat64(0, number);
  return { bits: view.getBigUint64(0), type };
}

function sizeOfFloat(type: Type): number {
  return type.size ?? 8;
}

/** A part of an object, `offset` bytes on. */
export function part<L extends MemoryLocation | PartsLocation>(
  location: L,
  type: Type,
  offset: number,
  bits?: MemoryLocation['bits'],
): L {
  const moved: MemoryLocation | PartsLocation =
    location.kind === 'memory'
      ? { kind: 'memory', space: location.space, address: BigInt.asUintN(64, location.address + BigInt(offset)), type }
      : { kind: 'parts', parts: location.parts, offset: location.offset + offset, type };
  return { ...moved, ...(bits && { bits }) } as L;
}
