// C's and the kernel's questions about types: container_of, offsetof.

import { pointerTo, unsignedLongOf } from '../../kernel/objects/c-types.ts';
import type { Type } from '../../symbols/index.ts';
import { operandOf } from './evaluate.ts';
import type { Call, ExpressionFunction } from './functions.ts';
import type { Node } from './nodes.ts';
import { numeric } from './operators.ts';
import { addressOf, staticType } from './places.ts';
import type { Scope } from './scope.ts';
import { mistake } from './tokens.ts';
import { typeOf } from './type-of.ts';
import type { Value } from './value.ts';

const container: ExpressionFunction = {
  signature: 'container_of(pointer, type, member)',
  text: 'the struct whose member a pointer points to',
  arity: [3, 3],
  call(scope, node) {
    const [pointer, type, member] = node.operands as [Node, Node, Node];
    const { bits, space } = numeric(operandOf(pointer, scope), pointer.at);
    const outer = operandType(type, scope);
    const start = BigInt.asUintN(scope.machine.xlen, bits - offsetIn(outer, member, scope));
    return { bits: start, type: pointerTo(outer, scope.machine.xlen), ...(space && { space }) };
  },
};

export const typeFunctions: Readonly<Record<string, ExpressionFunction>> = {
  container_of: container,
  list_entry: { ...container, signature: 'list_entry(pointer, type, member)', text: 'the same as container_of' },
  offsetof: {
    signature: 'offsetof(type, member)',
    text: 'how many bytes into a struct a member is',
    arity: [2, 2],
    call(scope, node: Call): Value {
      const [type, member] = node.operands as [Node, Node];
      return { bits: offsetIn(operandType(type, scope), member, scope), type: unsignedLongOf(scope.machine.xlen) };
    },
  },
};

function operandType(node: Node, scope: Scope): Type {
  if (node.kind === 'type') return typeOf(node.type, scope);
  if (node.kind === 'name') return typeOf({ name: node.name, layers: [], at: node.at }, scope);
  return staticType(node, scope);
}

/** Of `member`, a chain such as `lru.next` or `slots[3].entry`, read as members of `type`. */
function offsetIn(type: Type, member: Node, scope: Scope): bigint {
  const base: Node = { kind: 'place', physical: true, address: zero(member.at), at: member.at };
  const typed: Node = { kind: 'typed', type: pointerTo(type, scope.machine.xlen), operand: base, at: member.at };
  return addressOf(scope, rebased(member, typed), member.at).bits;
}

function rebased(member: Node, base: Node): Node {
  if (member.kind === 'name') return { kind: 'member', base, name: member.name, arrow: true, at: member.at };
  if (member.kind === 'member') return { ...member, base: rebased(member.base, base) };
  if (member.kind === 'element') return { ...member, base: rebased(member.base, base) };
  throw mistake(member.at, 'A member is expected, such as lru or lru.next');
}

function zero(at: number): Node {
  return { kind: 'number', literal: { value: 0n, unsigned: false, long: 0, decimal: true }, at };
}
