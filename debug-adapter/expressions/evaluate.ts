// From the tree to a value.

import {
  arrayOf,
  char,
  double,
  elementOf,
  float,
  int,
  integerShape,
  isFloat,
  longLong,
  longOf,
  pointerTo,
  u64,
  unsignedInt,
  unsignedLongLong,
  unsignedLongOf,
} from '../../kernel/objects/c-types.ts';
import { structOf } from '../../kernel/objects/members.ts';
import { strip, type Type, typeText } from '../../symbols/index.ts';
import { assignment } from './assignment.ts';
import { castTo } from './cast.ts';
import { callFunction } from './functions.ts';
import type { NumberLiteral } from './literals.ts';
import { lookUp } from './names.ts';
import type { Expression, Node } from './nodes.ts';
import { binary, commonType, isTrue, numeric, promote, unary, wrapped } from './operators.ts';
import { parse } from './parse.ts';
import { addressOf, elements, placeOf, staticType } from './places.ts';
import type { Scope } from './scope.ts';
import { spaceNamed } from './space-of.ts';
import { load } from './storage.ts';
import { readText } from './strings.ts';
import { mistake } from './tokens.ts';
import { isType, typeOf } from './type-of.ts';
import { convert, floatValue, type Location, truth, unsigned, type Value } from './value.ts';

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

/** The value as an address: of a struct or array where it begins. */
export function evaluateAddress(text: string, scope: Scope): Value {
  const { value } = evaluateText(text, scope);
  const { location } = value;
  if (structOf(value.type) && !wrapped(value.type) && location?.kind === 'memory') {
    return unsigned(location.address, { space: location.space });
  }
  return numeric(decay(value, scope, 0), 0);
}

/** The type that is named, or that an expression has, which need not be readable. */
export function typeNamed(text: string, scope: Scope): Type {
  const { root } = parse(text, (name) => isType(scope, name));
  if (root.kind === 'name' && !lookUp(scope, root.name))
    return typeOf({ name: root.name, layers: [], at: root.at }, scope);
  return root.kind === 'type' ? typeOf(root.type, scope) : staticType(root, scope);
}

/** The type of an expression alone; of a type that is named there is no value, hence a mistake. */
export function typeOfText(text: string, scope: Scope): Type {
  const { root } = parse(text, (name) => isType(scope, name));
  if (root.kind === 'type') throw mistake(root.at, 'A type alone has no value');
  return staticType(root, scope);
}

/** Where the value of an expression is, without reading it; undefined for what is computed. */
export function locateText(
  text: string,
  scope: Scope,
): { readonly location?: Location; readonly radix: Expression['radix'] } {
  const { root, radix } = parse(text, (name) => isType(scope, name));
  const named = placeOf(root, scope);
  const location = 'location' in named ? named.location : named.value.location;
  return { ...(location && { location }), radix };
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
      return choice(node, scope);
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
  const ladder: readonly (readonly [signed: Type, unsigned: Type, bits: bigint])[] = [
    [int, unsignedInt, 32n],
    [longOf(xlen), unsignedLongOf(xlen), BigInt(xlen)],
    [longLong, unsignedLongLong, 64n],
  ];
  for (const [signed, unsignedType, bits] of ladder.slice(long)) {
    if (!marked && value < 1n << (bits - 1n)) return { bits: value, type: signed };
    if ((marked || !decimal) && value < 1n << bits) return { bits: value, type: unsignedType };
  }
  return { bits: value, type: u64 };
}

/** The branch that is taken, in the type that both have in common. */
function choice(node: Extract<Node, { kind: 'choice' }>, scope: Scope): Value {
  const [taken, other] = isTrue(operandOf(node.test, scope), node.test.at)
    ? [node.then, node.otherwise]
    : [node.otherwise, node.then];
  const value = operandOf(taken, scope);
  const type = arithmeticType(other, scope);
  if (!type || !isArithmetic(value.type)) return value;
  if (isFloat(type) || isFloat(value.type))
    return castTo(value, isFloat(value.type) ? value.type : type, scope, node.at);
  const common = commonType(promote(value, node.at).type, type);
  return { bits: convert(value.bits, common), type: common };
}

/** The promoted type of a branch that is not taken; undefined where it has none, or only by evaluating what cannot be. */
function arithmeticType(node: Node, { assign: _, ...asking }: Scope): Type | undefined {
  try {
    const value = operandOf(node, asking);
    return isArithmetic(value.type) ? (isFloat(value.type) ? value.type : promote(value, 0).type) : undefined;
  } catch {
    return undefined;
  }
}

function isArithmetic(type: Type): boolean {
  const bare = strip(type);
  return bare.kind === 'enum' || (bare.kind === 'base' && (isFloat(type) || integerShape(type) !== undefined));
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
