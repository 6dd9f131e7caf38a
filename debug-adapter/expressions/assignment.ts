// `target = value` and `target += value`.

import { integerShape, isFloat } from '../../kernel/objects/c-types.ts';
import { castTo } from './cast.ts';
import { evaluateNode, operandOf } from './evaluate.ts';
import type { Node } from './nodes.ts';
import { binary, wrapped } from './operators.ts';
import { placeOf } from './places.ts';
import type { Scope } from './scope.ts';
import { load } from './storage.ts';
import { mistake } from './tokens.ts';
import type { Location, Value } from './value.ts';

export function assignment(node: Extract<Node, { kind: 'assign' }>, scope: Scope): Value {
  const { left, right, operator, at } = node;
  if (!scope.assign) throw mistake(at, 'Assignments are for the console and for edits: compare with ==');
  const place = placeOf(left, scope);
  const location = 'location' in place ? place.location : place.value.location;
  if (!location) throw mistake(at, 'Only registers, CSRs, their fields, variables and memory can be assigned');
  const given = right.kind === 'string' ? evaluateNode(right, scope) : operandOf(right, scope);
  const wanted = operator ? binary(operator, load(scope, location, at), given, at, scope.machine.xlen) : given;
  return scope.assign(location, converted(location, wanted, scope, at));
}

/** As the place takes it; integers stay as they are, so that what does not fit can be told. */
export function converted(location: Location, value: Value, scope: Scope, at: number): Value {
  if (location.kind === 'f') return boxed(value);
  if (location.kind !== 'memory' && location.kind !== 'parts') return value;
  const { type } = location;
  const number = isFloat(type) || (isFloat(value.type) && (integerShape(type) ?? wrapped(type)));
  return number ? castTo(value, type, scope, at) : value;
}

/** A single as a floating-point register holds it: its upper half all ones. */
function boxed(value: Value): Value {
  return isFloat(value.type) && value.type.size === 4 ? { ...value, bits: value.bits | (0xffffffffn << 32n) } : value;
}
