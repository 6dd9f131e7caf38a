// A value in words: the number, and what it stands for.

import { hex, virt } from '../../emulator/address.ts';
import type { CsrRow } from '../../emulator/csr/row.ts';
import { readFields, summaryOf } from '../../emulator/csr/summary.ts';
import { integerShape, isFloat, u32, u64 } from '../../kernel/objects/c-types.ts';
import { strip } from '../../symbols/index.ts';
import { addressText, here } from '../memory/space.ts';
import type { Evaluated } from './evaluate.ts';
import { floatText } from './float.ts';
import { formatNumber, isOwn } from './format.ts';
import type { Radix } from './nodes.ts';
import { deepText, isObjectType, objectText } from './object-text.ts';
import type { Scope } from './scope.ts';
import { quoted } from './strings.ts';
import type { Value } from './value.ts';

/** The value with the format that the expression asked for. */
export function evaluatedText(scope: Scope, { value, radix }: Evaluated): string {
  return valueText(scope, value, radix);
}

/** `0x80200000 <_start>`, `Sv39 (8)`, `0x8000000000080210 Sv39, ASID 0, root pa:0x80210000`. With a radix the bare number. */
export function valueText(scope: Scope, value: Value, radix?: Radix): string {
  const { location } = value;
  if (isObjectType(value)) return objectText(scope, value, radix);
  if (radix === 's') return quoted(scope, value) ?? formatNumber(value);
  const number = formatNumber(value, radix);
  if (radix) return number;
  if (location?.kind === 'f') return `${floatText(value.bits)} (${number})`;
  if (location?.kind === 'field') {
    const read = readFields(location.row, scope.hart.csr(location.row.number) ?? 0n);
    const name = read.find(({ field }) => field === location.field)?.name;
    return name ? `${name} (${value.bits})` : value.bits < 10n ? `${value.bits}` : number;
  }
  if (value.note) return `${number} ${value.note}`;
  if (location?.kind === 'csr') return csrText(scope, location.row, value);
  return mayBeAddress(value) ? addressText(value.space ?? here, value.bits) + symbolSuffix(scope, value.bits) : number;
}

/** For the clipboard: bare numbers, strings without their pointer, structs and arrays in full. */
export function wholeText(scope: Scope, value: Value, radix?: Radix): string {
  if (!isObjectType(value)) return formatNumber(value, radix);
  return deepText(scope, value, radix);
}

/** The number with its reading; of a register that holds an address with the symbol there. */
function csrText(scope: Scope, row: CsrRow, value: Value): string {
  const number = formatNumber(value);
  const summary = summaryOf(row, value.bits);
  const reading = summary && summary !== number ? ` ${summary}` : '';
  const address = row.name.endsWith('tvec') ? value.bits & ~3n : value.bits;
  return `${number}${reading}${holdsAddress(row) && mayBeAddress(value) ? symbolSuffix(scope, address) : ''}`;
}

/** Whether the register holds a virtual address: of a handler, of an instruction, of a faulting access. */
export function holdsAddress({ name }: CsrRow): boolean {
  return /(tvec|epc|tval)$/.test(name);
}

export function symbolSuffix({ symbols }: Scope, address: bigint): string {
  const symbol = symbols.symbolAt(virt(address));
  return symbol ? ` <${symbol.name}${symbol.offset ? `+${hex(symbol.offset)}` : ''}>` : '';
}

/** Whether a value is of the kind and size of an address: not a count, a flag, a field or a floating-point number. */
export function mayBeAddress({ bits, type, location, note }: Value): boolean {
  if (note) return false;
  if (location?.kind === 'f' || location?.kind === 'field' || isFloat(type)) return false;
  const bare = strip(type);
  if (bare.kind === 'pointer' || bare.kind === 'function') return bits >= 0x1000n;
  const shape = integerShape(type);
  if (!shape || shape.size < 4 || bare.kind === 'enum') return false;
  if (type === u64 || (type === u32 && location?.kind !== 'memory')) return bits >= 0x1000n;
  if (location === undefined) return bits >= 0x10000n && (!shape.signed || bits >> 63n === 0n);
  return !shape.signed && !isOwn(type) && bits >= 1n << 31n;
}
