// A value in words: the number, and what it stands for.

import { hex, virt } from '../../emulator/address.ts';
import { readFields, summaryOf } from '../../emulator/csr/summary.ts';
import { addressText, here } from '../memory/space.ts';
import { floatText } from './float.ts';
import { formatNumber } from './format.ts';
import type { Radix } from './parse.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/** `0x80200000 <_start>`, `Sv39 (8)`, `0x8000000000080210 Sv39, ASID 0, root pa:0x80210000`. With a radix the bare number. */
export function valueText(scope: Scope, value: Value, radix?: Radix): string {
  const number = formatNumber(value, radix);
  if (radix) return number;
  const { location } = value;
  if (location?.kind === 'f') return `${floatText(value.bits)} (${number})`;
  if (location?.kind === 'field') {
    const read = readFields(location.row, scope.hart.csr(location.row.number) ?? 0n);
    const name = read.find(({ field }) => field === location.field)?.name;
    return name ? `${name} (${value.bits})` : value.bits < 10n ? `${value.bits}` : number;
  }
  if (location?.kind === 'csr') {
    const summary = summaryOf(location.row, value.bits);
    return summary ? `${number} ${summary}` : number;
  }
  if (!mayBeAddress(value)) return number;
  const symbol = scope.symbols.symbolAt(virt(value.bits));
  const suffix = symbol ? ` <${symbol.name}${symbol.offset ? `+${hex(symbol.offset)}` : ''}>` : '';
  return addressText(value.space ?? here, value.bits) + suffix;
}

/** Whether a value is of the kind and size of an address: not a count, a flag, a field or a floating-point number. */
export function mayBeAddress({ bits, type, location }: Value): boolean {
  if (location?.kind === 'f' || location?.kind === 'field') return false;
  if (type === 'u64') return bits >= 0x1000n;
  return type === 's64' && location === undefined && bits >= 0x10000n && bits >> 63n === 0n;
}
