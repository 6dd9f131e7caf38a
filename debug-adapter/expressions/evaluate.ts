// From the tree to a value.

import {
  arrayOf,
  char,
  double,
  elementOf,
  float,
  int,
  longOf,
  pointerTo,
  u64,
  unsignedInt,
  unsignedLongOf,
} from '../../kernel/objects/c-types.ts';
import { strip, type Type, typeText } from '../../symbols/index.ts';
import { assignment } from './assignment.ts';
import { castTo } from './cast.ts';
import { callFunction } from './functions.ts';
import type { NumberLiteral } from './literals.ts';
import type { Expression, Node } from './nodes.ts';
import { binary, isTrue, unary } from './operators.ts';
import { parse } from './parse.ts';
import { addressOf, elements, placeOf } from './places.ts';
import type { Scope } from './scope.ts';
import { spaceNamed } from './space-of.ts';
import { load } from './storage.ts';
import { readText } from './strings.ts';
import { mistake } from './tokens.ts';
import { isType, typeOf } from './type-of.ts';
import { floatValue, truth, unsigned, type Value } from './value.ts';

export interface Evaluated {
  readonly value: Value;
  readonly radix: Expression['radix'];
}

export function evaluateText(text: string, scope: Scope): Evaluated {
  const { root, radix, count } = parse(text, (name) => isType(scope, name));
  if (root.kind === 'type') throw mistake(root.at, 'A type alone has no value: try ptype, or sizeof');
  const first = count ? elements(root, count, scope) : evaluateNode(root, scope);
  return { value: first, radix };
}

type Computed = Exclude<Node, { kind: 'name' | 'member' | 'element' | 'read' | 'neighbours' }>;

/** The value; of memory and variables what they hold now. */
export function evaluateNode(node: Node, scope: Scope): Value {
  const named = placeOf(node, scope);
  return 'value' in named ? named.value : load(scope, named.location, node.at);
}

/** As evaluateNode, with arrays as pointers to their first elements, as C has them in arithmetic. */
export function operandOf(node: Node, scope: Scope): Value {
  return decay(evaluateNode(node, scope), scope, node.at);
}

export function decay(value: Value, { machine }: Scope, at: number): Value {
  const bare = strip(value.type);
  if (bare.kind !== 'array') return value;
  if (value.location?.kind !== 'memory')
    throw mistake(at, 'This array is not in memory: only its elements have values');
  const { address, space } = value.location;
  return { bits: address, type: pointerTo(elementOf(bare), machine.xlen), ...(space.kind !== 'here' && { space }) };
}

/** The value of a node that is no place. */
export function compute(node: Computed, scope: Scope): Value {
  const of = (inner: Node) => operandOf(inner, scope);
  switch (node.kind) {
    case 'unary':
      if (node.operator === '&') return addressOf(scope, node.operand, node.at);
      return unary(node.operator, of(node.operand), node.at);
    case 'number':
      return literalValue(node.literal, scope);
    case 'floating':
      return floatValue(node.value, node.single ? float : double);
    case 'character':
      return { bits: BigInt(node.code), type: int };
    case 'string':
      return { bits: 0n, type: arrayOf(char, node.text.length + 1), text: node.text };
    case 'binary':
      return binaryValue(node, scope, of);
    case 'choice':
      return of(isTrue(of(node.test), node.test.at) ? node.then : node.otherwise);
    case 'cast':
      return castTo(evaluateNode(node.operand, scope), typeOf(node.type, scope), scope, node.at);
    case 'typed':
      return castTo(of(node.operand), node.type, scope, node.at);
    case 'sizeof':
      return sizeValue(node.operand, scope);
    case 'place':
      return unsigned(of(node.address).bits, { space: spaceNamed(node, scope, of) });
    case 'call':
      return callFunction(scope, node);
    case 'assign':
      return assignment(node, scope);
    case 'type':
      throw mistake(node.at, 'A value is expected here, not a type');
  }
}

/** A literal has the first of C's types that holds it. */
function literalValue({ value, unsigned: marked, long, decimal }: NumberLiteral, { machine: { xlen } }: Scope): Value {
  const typed = (type: Type): Value => ({ bits: value, type });
  const wide = xlen === 64 ? [longOf(64), unsignedLongOf(64)] : [longOf(32), unsignedLongOf(32)];
  if (!long && !marked && value < 1n << 31n) return typed(int);
  if (!long && (marked || !decimal) && value < 1n << 32n) return typed(unsignedInt);
  const [signed, unsignedWide] = wide as [Type, Type];
  if (!marked && value < 1n << BigInt(xlen - 1)) return typed(signed);
  if ((marked || !decimal) && value < 1n << BigInt(xlen)) return typed(unsignedWide);
  return typed(value < 1n << 63n && !marked ? longOf(64) : u64);
}

function binaryValue(node: Extract<Node, { kind: 'binary' }>, scope: Scope, of: (inner: Node) => Value): Value {
  const { operator, left, right, at } = node;
  if (operator === '&&') return truth(isTrue(of(left), left.at) && isTrue(of(right), right.at));
  if (operator === '||') return truth(isTrue(of(left), left.at) || isTrue(of(right), right.at));
  if (right.kind === 'string' && (operator === '==' || operator === '!=')) {
    const same = readText(scope, evaluateNode(left, scope), at) === right.text;
    return truth(same === (operator === '=='));
  }
  return binary(operator, of(left), of(right), at, scope.machine.xlen);
}

function sizeValue(operand: Node, scope: Scope): Value {
  const type = operand.kind === 'type' ? typeOf(operand.type, scope) : staticType(operand, scope);
  const size = strip(type).kind === 'void' || strip(type).kind === 'function' ? 1 : strip(type).size;
  if (size === undefined) throw mistake(operand.at, `The size of ${typeText(type)} is not known`);
  return { bits: BigInt(size), type: unsignedLongOf(scope.machine.xlen) };
}

/** The type of an expression, of a place without reading it. */
export function staticType(node: Node, scope: Scope): Type {
  const named = placeOf(node, scope);
  if ('value' in named) return named.value.type;
  const { location } = named;
  return location.kind === 'memory' || location.kind === 'parts' ? location.type : load(scope, location, node.at).type;
}
