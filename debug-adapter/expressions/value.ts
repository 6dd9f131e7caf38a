// What an expression yields: 64 bits, how to read them, and where they came from.

import type { CsrField, CsrRow } from '../../emulator/csr/row.ts';
import type { Walk } from '../../emulator/mmu/walk.ts';
import type { Space } from '../memory/space.ts';

export const scalars = ['u8', 'u16', 'u32', 'u64', 's8', 's16', 's32', 's64'] as const;
export type Scalar = (typeof scalars)[number];

export function isScalar(text: string): text is Scalar {
  return (scalars as readonly string[]).includes(text);
}

/** Bytes of a scalar. */
export function sizeOf(type: Scalar): 1 | 2 | 4 | 8 {
  return (Number(type.slice(1)) / 8) as 1 | 2 | 4 | 8;
}

export function isSigned(type: Scalar): boolean {
  return type.startsWith('s');
}

/** Something that holds a value and can be given another. */
export type Location =
  | { readonly kind: 'x'; readonly index: number }
  | { readonly kind: 'f'; readonly index: number }
  | { readonly kind: 'pc' }
  | { readonly kind: 'csr'; readonly row: CsrRow }
  | { readonly kind: 'field'; readonly row: CsrRow; readonly field: CsrField }
  | { readonly kind: 'memory'; readonly space: Space; readonly address: bigint; readonly type: Scalar };

export interface Value {
  /** Unsigned 64-bit; a signed type's value is sign-extended. */
  readonly bits: bigint;
  readonly type: Scalar;
  /** What `*` reads; absent = a word of XLEN bits. */
  readonly pointee?: Scalar;
  /** The space that the value is an address in; absent = virtual, here and now. */
  readonly space?: Space;
  readonly location?: Location;
  /** What the value says, where its origin knows: of a page-table entry, what it is. Such a value is no address. */
  readonly note?: string;
  /** The translation that the value came from. */
  readonly walk?: Walk;
}

/** `bits` cut to the type and extended again to 64 bits by its sign. */
export function convert(bits: bigint, type: Scalar): bigint {
  const width = sizeOf(type) * 8;
  return isSigned(type) ? BigInt.asUintN(64, BigInt.asIntN(width, bits)) : BigInt.asUintN(width, bits);
}

/** The number that a person would name: negative where the type is signed. */
export function numberIn({ bits, type }: Pick<Value, 'bits' | 'type'>): bigint {
  return isSigned(type) ? BigInt.asIntN(64, bits) : bits;
}

export function unsigned(bits: bigint, more: Partial<Value> = {}): Value {
  return { bits: BigInt.asUintN(64, bits), type: 'u64', ...more };
}

export function truth(yes: boolean): Value {
  return { bits: yes ? 1n : 0n, type: 's64' };
}
