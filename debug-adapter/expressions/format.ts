// Numbers as text, in the radix that was asked for.

import { integerShape, scalars } from '../../kernel/objects/c-types.ts';
import type { Type } from '../../symbols/index.ts';
import type { Radix } from './nodes.ts';
import { characterText } from './strings.ts';
import { isSigned, numberIn, type Value } from './value.ts';

const prefixes: Readonly<Record<string, readonly [string, number]>> = {
  x: ['0x', 16],
  b: ['0b', 2],
  o: ['0o', 8],
  d: ['', 10],
};

/** From here on an unsigned number of the program is more likely an address or a mask than a count. */
const COUNTS_END = 1n << 31n;

/** Without a radix: our own unsigned types in hexadecimal, signed ones and the program's counts in decimal. A signed
 * number below zero is its two's complement in every radix but decimal. */
export function formatNumber(value: Pick<Value, 'bits' | 'type'>, radix?: Radix): string {
  if (radix === 'c') return characterText(Number(value.bits & 0xffn));
  const chosen = radix === 's' ? undefined : radix;
  const [prefix, base] = prefixes[chosen ?? (isDecimal(value) ? 'd' : 'x')] as readonly [string, number];
  const size = integerShape(value.type)?.size ?? 8;
  const number = base === 10 ? numberIn(value) : BigInt.asUintN(Math.min(size, 8) * 8, value.bits);
  return `${prefix}${number.toString(base)}`;
}

function isDecimal({ bits, type }: Pick<Value, 'bits' | 'type'>): boolean {
  if (isSigned(type)) return true;
  return !isOwn(type) && bits < COUNTS_END;
}

/** Whether the type is one of ours: a word of the machine rather than a quantity of the program. */
export function isOwn(type: Type): boolean {
  return (scalars as readonly Type[]).includes(type);
}
