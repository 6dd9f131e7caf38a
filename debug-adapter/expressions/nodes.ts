// The tree of an expression.

import type { Type } from '../../symbols/index.ts';
import type { NumberLiteral } from './literals.ts';

export type Node = { readonly at: number } & (
  | { readonly kind: 'number'; readonly literal: NumberLiteral }
  | { readonly kind: 'floating'; readonly value: number; readonly single: boolean }
  | { readonly kind: 'character'; readonly code: number }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Node }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node }
  /** `target = value`, `target += value`; `operator` is empty or the arithmetic one. */
  | { readonly kind: 'assign'; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly kind: 'choice'; readonly test: Node; readonly then: Node; readonly otherwise: Node }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Node[] }
  | { readonly kind: 'cast'; readonly type: TypeNode; readonly operand: Node }
  /** A cast to a type that is known already. */
  | { readonly kind: 'typed'; readonly type: Type; readonly operand: Node }
  | { readonly kind: 'sizeof'; readonly operand: Node }
  /** A type where a value may stand: an operand of `sizeof`, `container_of`, `offsetof`. */
  | { readonly kind: 'type'; readonly type: TypeNode }
  /** `u32[address]`. */
  | { readonly kind: 'read'; readonly type: TypeNode; readonly address: Node }
  /** `base[index]`. */
  | { readonly kind: 'element'; readonly base: Node; readonly index: Node }
  /** `base.name`, or `base->name` where `arrow`. */
  | { readonly kind: 'member'; readonly base: Node; readonly name: string; readonly arrow: boolean }
  /** `first@count`: as many neighbours of `first` as an array. */
  | { readonly kind: 'neighbours'; readonly first: Node; readonly count: Node }
  /** `pa:x`, `va:x`, `va:x@root:mode`. */
  | {
      readonly kind: 'place';
      readonly physical: boolean;
      readonly address: Node;
      readonly root?: Node;
      readonly mode?: string;
    }
);

/** A type as it is written: `struct page *`, `unsigned long`, `u8[16]`, `typeof(x)`. */
export interface TypeNode {
  readonly at: number;
  /** `unsigned long`, `page`, `u64`. */
  readonly name: string;
  readonly tag?: 'struct' | 'union' | 'enum';
  /** Of `typeof(x)`. */
  readonly of?: Node;
  /** From the name outwards: a pointer, or an array of so many. */
  readonly layers: readonly ('*' | bigint)[];
}

/** How a value is to be written: hexadecimal, decimal, binary, octal, as a character, as a string. */
export type Radix = 'x' | 'd' | 'b' | 'o' | 'c' | 's';

export interface Expression {
  readonly root: Node;
  /** From a suffix such as `,b` or a prefix such as `/x`. */
  readonly radix: Radix | undefined;
  /** From a suffix such as `,10`: so many elements from the pointer on. */
  readonly count: Node | undefined;
}
