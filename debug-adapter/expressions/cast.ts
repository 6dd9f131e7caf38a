// Casts and conversions of one value.

import { integerShape, isBoolean, isFloat } from '../../kernel/objects/c-types.ts';
import { strip, type Type, typeText } from '../../symbols/index.ts';
import { decay } from './evaluate.ts';
import { numeric, wrapped } from './operators.ts';
import type { Scope } from './scope.ts';
import { mistake } from './tokens.ts';
import { convert, floatIn, floatValue, type Value } from './value.ts';

/** The value as another type: numbers and pointers by conversion, what lies in memory by reading it as that type. */
export function castTo(value: Value, type: Type, scope: Scope, at: number): Value {
  if (isFloat(type)) return floatValue(floatIn(numeric(value, at)), type);
  if (integerShape(type) || wrapped(type)) return scalarCast(decay(value, scope, at), type, at);
  const { location } = value;
  if (location?.kind === 'memory') {
    const { bits: _, ...whole } = location;
    return { bits: 0n, type, location: { ...whole, type } };
  }
  throw mistake(at, `A value cannot be cast to ${typeText(type)}; a pointer can, as in *(${typeText(type)} *)x`);
}

function scalarCast(value: Value, type: Type, at: number): Value {
  const target = integerShape(type) ? type : (wrapped(type) as Type);
  if (isFloat(value.type)) {
    const number = floatIn(value);
    const whole = Number.isFinite(number) ? BigInt(Math.trunc(number)) : 0n;
    return { bits: isBoolean(target) ? (number ? 1n : 0n) : convert(whole, target), type };
  }
  const { bits, space } = numeric(value, at);
  const pointer = strip(type).kind === 'pointer';
  return { bits: convert(bits, target), type, ...(pointer && space && { space }) };
}
