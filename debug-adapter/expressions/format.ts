// Numbers as text, in the radix that was asked for.

import type { Radix } from './parse.ts';
import { isSigned, numberIn, sizeOf, type Value } from './value.ts';

const prefixes: Readonly<Record<Radix, readonly [string, number]>> = {
  x: ['0x', 16],
  b: ['0b', 2],
  o: ['0o', 8],
  d: ['', 10],
};

/** Without a radix: signed types in decimal, unsigned ones in hexadecimal. A signed number below zero is its two's
 * complement in every radix but decimal. */
export function formatNumber(value: Pick<Value, 'bits' | 'type'>, radix?: Radix): string {
  const chosen = radix ?? (isSigned(value.type) ? 'd' : 'x');
  const [prefix, base] = prefixes[chosen];
  const number = chosen === 'd' ? numberIn(value) : BigInt.asUintN(sizeOf(value.type) * 8, value.bits);
  return `${prefix}${number.toString(base)}`;
}
