// Short ways to write the rows of the CSR table.

import type { CsrField, FieldPolicy } from './row.ts';

/** A field of several bits, highest bit first. */
export function field(
  name: string,
  bits: readonly [number, number],
  policy: FieldPolicy,
  text: string,
  values?: CsrField['values'],
): CsrField {
  return { name, bits, policy, text, ...(values && { values }) };
}

/** A field of one bit. */
export function bit(
  name: string,
  at: number,
  policy: FieldPolicy,
  text: string,
  values?: CsrField['values'],
): CsrField {
  return field(name, [at, at], policy, text, values);
}

/** A register that is one field. Bit 63 stands for the top bit: on RV32 the upper half is cut off. */
export function whole(name: string, policy: FieldPolicy, text: string): readonly CsrField[] {
  return [field(name, [63, 0], policy, text)];
}

/** The bits that a field covers. */
export function maskOf({ bits: [high, low] }: CsrField): bigint {
  return ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
}

/** The bits that any of these fields covers. */
export function maskOfAll(fields: readonly CsrField[]): bigint {
  return fields.reduce((mask, each) => mask | maskOf(each), 0n);
}
