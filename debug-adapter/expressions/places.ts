// Expressions that name a place: variables, members, elements, what a pointer points to. A place is not read before its
// value is wanted, so that `&page->lru` and `sizeof(*p)` need no memory.

import { arrayOf, elementOf, pointerTo, wordOf } from '../../kernel/objects/c-types.ts';
import { memberNamed, memberNames, structOf } from '../../kernel/objects/members.ts';
import { strip, type Type, typeText } from '../../symbols/index.ts';
import { here } from '../memory/space.ts';
import { compute, decay, operandOf } from './evaluate.ts';
import { locationNamed, lookUp, type Named, resolve, symbolNamed } from './names.ts';
import type { Node } from './nodes.ts';
import { binary, numeric, plain, wrapped } from './operators.ts';
import type { Scope } from './scope.ts';
import { load, missingOf } from './storage.ts';
import { mistake } from './tokens.ts';
import { typeOf } from './type-of.ts';
import { type Location, type MemoryLocation, type PartsLocation, part, type Value } from './value.ts';

const MOST_ELEMENTS = 1_000_000n;

/** What a node stands for, without reading it where it is a place. */
export function placeOf(node: Node, scope: Scope): Named {
  switch (node.kind) {
    case 'name':
      return resolve(scope, node.name, node.at);
    case 'member':
      return memberPlace(node, scope);
    case 'element':
      return elementPlace(node, scope);
    case 'read': {
      const pointer = pointerTo(typeOf(node.type, scope), scope.machine.xlen);
      return { location: target(scope, { ...operandOf(node.address, scope), type: pointer }, node.at) };
    }
    case 'neighbours':
      return { location: neighbours(placeOf(node.first, scope), operandOf(node.count, scope), node.at) };
    case 'unary':
      if (node.operator === '*') return { location: pointed(node.operand, scope, node.at) };
      return { value: compute(node, scope) };
    default:
      return { value: compute(node, scope) };
  }
}

/** The type of an expression, of a place without reading it. */
export function staticType(node: Node, scope: Scope): Type {
  const named = placeOf(node, scope);
  if ('value' in named) return named.value.type;
  const { location } = named;
  return location.kind === 'memory' || location.kind === 'parts' ? location.type : load(scope, location, node.at).type;
}

/** What the operand points to, also where the pointer itself was optimised out. */
function pointed(operand: Node, scope: Scope, at: number): MemoryLocation | PartsLocation {
  const named = operand.kind === 'name' || operand.kind === 'member' ? placeOf(operand, scope) : undefined;
  return pointeeOf(named) ?? target(scope, operandOf(operand, scope), at);
}

function pointeeOf(named: Named | undefined): MemoryLocation | PartsLocation | undefined {
  return named && 'location' in named && named.location.kind === 'parts' ? named.location.pointee?.() : undefined;
}

/** What a pointer points to; of a number the word at that address. */
export function target(scope: Scope, pointer: Value, at: number): MemoryLocation {
  const bare = strip(pointer.type);
  const type = bare.kind === 'pointer' ? bare.target : wordOf(scope.machine.xlen);
  if (bare.kind === 'function') return functionLocation(pointer);
  if (bare.kind !== 'pointer') numeric(pointer, at);
  if (strip(type).kind === 'void') {
    throw mistake(at, 'A void pointer does not say what it points to: cast it, as in *(unsigned long *)p');
  }
  return { kind: 'memory', space: pointer.space ?? here, address: pointer.bits, type };
}

function functionLocation({ bits, type, space }: Value): MemoryLocation {
  return { kind: 'memory', space: space ?? here, address: bits, type };
}

/** `a.b.c` as it was written, where it is made of names only. */
function dotted(node: Node): string | undefined {
  if (node.kind === 'name') return node.name;
  if (node.kind !== 'member' || node.arrow) return undefined;
  const base = dotted(node.base);
  return base && `${base}.${node.name}`;
}

function memberPlace(node: Extract<Node, { kind: 'member' }>, scope: Scope): Named {
  const name = dotted(node);
  const head = name?.split('.')[0];
  // A CSR's field or a symbol with dots, unless the first word is a variable.
  if (name && head && !isObject(lookUp(scope, head))) {
    const field = locationNamed(name.replace(/^\$/, ''), scope.machine.xlen);
    if (field) return { location: field };
    const symbol = scope.symbols.valueOf(name);
    if (symbol !== undefined) return { value: symbolNamed(scope, name, node.at) };
    if (!lookUp(scope, head) || locationNamed(head.replace(/^\$/, ''), scope.machine.xlen))
      resolve(scope, name, node.at);
  }
  return memberOf(scope, placeOf(node.base, scope), node);
}

function isObject(named: Named | undefined): boolean {
  if (!named) return false;
  return 'value' in named
    ? structOf(named.value.type) !== undefined || strip(named.value.type).kind === 'pointer'
    : /memory|parts/.test(named.location.kind);
}

function memberOf(scope: Scope, base: Named, { name, at }: Extract<Node, { kind: 'member' }>): Named {
  const object = throughPointer(scope, base, at);
  const type = 'value' in object ? object.value.type : object.location.type;
  const member = memberNamed(type, name);
  if (!member) throw mistake(at, noMember(type, name));
  if ('value' in object) return { value: { ...object.value, type: member.type } };
  return { location: part(object.location, member.type, member.offset, member.bits) };
}

/** The struct: of a pointer (or an array) what it points to, so that `.` and `->` are interchangeable. */
function throughPointer(
  scope: Scope,
  base: Named,
  at: number,
): { readonly location: MemoryLocation | PartsLocation } | { readonly value: Value } {
  if ('location' in base) {
    const { location } = base;
    if ((location.kind === 'memory' || location.kind === 'parts') && structOf(location.type)) return { location };
  }
  const pointee = pointeeOf(base);
  if (pointee && structOf(pointee.type)) return { location: pointee };
  const value = 'value' in base ? base.value : load(scope, base.location, at);
  const own = value.location;
  if ((own?.kind === 'memory' || own?.kind === 'parts') && structOf(own.type)) return { location: own };
  if (structOf(value.type) && wrapped(value.type)) return { value };
  const pointer = decay(value, scope, at);
  const bare = strip(pointer.type);
  if (bare.kind !== 'pointer' || !structOf(bare.target)) {
    throw mistake(at, `${typeText(value.type)} is no struct: it has no members`);
  }
  return { location: target(scope, pointer, at) };
}

function noMember(type: Type, name: string): string {
  const struct = structOf(type);
  if (!struct) return `${typeText(type)} is no struct: it has no members`;
  if (struct.incomplete) return `The members of ${typeText(type)} are not known: no file defines it`;
  const names = memberNames(type);
  const near = names.find((each) => each.toLowerCase() === name.toLowerCase());
  const list = names.length > 8 ? `${names.slice(0, 8).join(', ')}, …` : names.join(', ');
  return `${typeText(type)} has no member ${name}; ${near ? `there is ${near}` : `it has ${list || 'none'}`}`;
}

function elementPlace(node: Extract<Node, { kind: 'element' }>, scope: Scope): Named {
  const index = numeric(operandOf(node.index, scope), node.at);
  const base = placeOf(node.base, scope);
  if ('location' in base && base.location.kind === 'parts') {
    const array = strip(base.location.type);
    if (array.kind === 'array') {
      const type = elementOf(array);
      return { location: part(base.location, type, Number(index.bits) * (type.size ?? 1)) };
    }
  }
  const value = decay('value' in base ? base.value : load(scope, base.location, node.at), scope, node.at);
  const slice = memberNamed(value.type, 'data_ptr');
  if (slice && value.location) {
    const data = memberOf(
      scope,
      { location: value.location },
      { kind: 'member', base: node.base, name: 'data_ptr', arrow: false, at: node.at },
    );
    return {
      location: target(
        scope,
        moved('value' in data ? data.value : load(scope, data.location, node.at), index, scope, node.at),
        node.at,
      ),
    };
  }
  return { location: target(scope, moved(value, index, scope, node.at), node.at) };
}

/** The pointer to the element with this index. */
function moved(base: Value, index: Value, scope: Scope, at: number): Value {
  const { xlen } = scope.machine;
  const typed =
    strip(base.type).kind === 'pointer' ? base : { ...numeric(base, at), type: pointerTo(wordOf(xlen), xlen) };
  return binary('+', typed, plain(index), at, xlen);
}

function neighbours(first: Named, count: Value, at: number): Location {
  const length = numeric(count, at).bits;
  if ('value' in first || first.location.kind !== 'memory')
    throw mistake(at, 'Before "@" stands something in memory, as in *p@4');
  return { ...first.location, type: arrayOf(first.location.type, checkedLength(length, at)) };
}

function checkedLength(length: bigint, at: number): number {
  if (length < 1n || length > MOST_ELEMENTS) throw mistake(at, `An array has 1 to ${MOST_ELEMENTS} elements`);
  return Number(length);
}

/** `expression,count`: so many elements of an array, or from where a pointer points. */
export function elements(node: Node, count: Node, scope: Scope): Value {
  const length = checkedLength(numeric(operandOf(count, scope), count.at).bits, count.at);
  const value = decay(placeValue(node, scope), scope, node.at);
  const first = target(scope, value, node.at);
  const type = arrayOf(first.type, length);
  return load(scope, { ...first, type }, node.at);
}

function placeValue(node: Node, scope: Scope): Value {
  const named = placeOf(node, scope);
  return 'value' in named ? named.value : load(scope, named.location, node.at);
}

export function addressOf(scope: Scope, operand: Node, at: number): Value {
  const { xlen } = scope.machine;
  const named = operand.kind === 'name' ? namedObject(scope, operand) : placeOf(operand, scope);
  if (!named) return symbolNamed(scope, (operand as Extract<Node, { kind: 'name' }>).name, operand.at);
  if ('value' in named) throw mistake(at, 'Only symbols and memory have an address');
  const { location } = named;
  if (location.kind === 'parts')
    throw mistake(at, `It has no address: it is ${missingOf(location) ?? location.parts.where}`);
  if (location.kind !== 'memory') throw mistake(at, 'Only symbols and memory have an address');
  if (location.bits) throw mistake(at, 'A bit-field has no address');
  const { address, space, type } = location;
  return { bits: address, type: pointerTo(type, xlen), ...(space.kind !== 'here' && { space }) };
}

/** A variable or function; undefined for registers, CSRs and symbols of which only the address is known. */
function namedObject(scope: Scope, { name }: Extract<Node, { kind: 'name' }>): Named | undefined {
  const found = lookUp(scope, name);
  if (found && 'location' in found && (found.location.kind === 'memory' || found.location.kind === 'parts'))
    return found;
  const global = scope.program?.global(name);
  if (global?.located.kind === 'memory') {
    return { location: { kind: 'memory', space: here, address: global.located.address, type: global.variable.type } };
  }
  return undefined;
}
