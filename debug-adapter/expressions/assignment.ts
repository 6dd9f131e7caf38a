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
  if (!scope.assign) throw mistake(node.at, 'Assignments are for the console and for edits: compare with ==');
  const place = placeOf(node.left, scope);
  if ('value' in place)
    throw mistake(node.at, 'Only registers, CSRs, their fields, variables and memory can be assigned');
  const right = node.right.kind === 'string' ? evaluateNode(node.right, scope) : operandOf(node.right, scope);
  const { location } = place;
  const wanted = node.operator
    ? binary(node.operator, load(scope, location, node.at), right, node.at, scope.machine.xlen)
    : right;
  return scope.assign(location, converted(location, wanted, scope, node.at), node);
}

/** As the place takes it; integers stay as they are, so that what does not fit can be told. */
export function converted(location: Location, value: Value, scope: Scope, at: number): Value {
  if (location.kind !== 'memory' && location.kind !== 'parts') return value;
  const { type } = location;
  if (isFloat(type) || isFloat(value.type)) return castTo(value, type, scope, at);
  return integerShape(type) || wrapped(type) ? { ...value, bits: value.bits } : value;
}
