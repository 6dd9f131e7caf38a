// The type that is written.

import { arrayOf, builtinType, pointerTo } from '../../kernel/objects/c-types.ts';
import { type Type, typeText } from '../../symbols/index.ts';
import type { Node, TypeNode } from './nodes.ts';
import { fixedTypes } from './parse-type.ts';
import { staticType } from './places.ts';
import type { Scope } from './scope.ts';
import { mistake } from './tokens.ts';

/** @throws UserError where the program has no such type. */
export function typeOf(node: TypeNode, scope: Scope): Type {
  const { xlen } = scope.machine;
  let type = node.of ? operandType(node.of, scope) : namedType(node, scope);
  for (const layer of node.layers) {
    if (layer === '*') {
      type = pointerTo(type, xlen);
    } else {
      if (layer > 1_000_000n) throw mistake(node.at, 'An array has at most 1000000 elements');
      type = arrayOf(type, Number(layer));
    }
  }
  return type;
}

function operandType(node: Node, scope: Scope): Type {
  return node.kind === 'type' ? typeOf(node.type, scope) : staticType(node, scope);
}

function namedType({ name, tag, at }: TypeNode, { program, machine }: Scope): Type {
  const found =
    (tag ? undefined : builtinType(name, machine.xlen)) ??
    program?.type(tag ? `${tag} ${name}` : name) ??
    untagged(name, tag, program);
  if (!found) throw mistake(at, `No type is named ${tag ? `${tag} ` : ''}${name}`);
  return found;
}

/** `page` for `struct page`. */
function untagged(name: string, tag: TypeNode['tag'], program: Scope['program']): Type | undefined {
  if (tag) return undefined;
  return program?.type(`struct ${name}`) ?? program?.type(`union ${name}`) ?? program?.type(`enum ${name}`);
}

/** Whether a name that could be either is a type: something in sight of that name hides it. */
export function isType({ program, symbols }: Scope, name: string): boolean {
  if (fixedTypes.includes(name)) return true;
  if (!program || program.local(name) || symbols.valueOf(name) !== undefined) return false;
  return (
    program.type(name) !== undefined || (!program.global(name) && untagged(name, undefined, program) !== undefined)
  );
}

/** As C writes it, of our own words too. */
export function typeName(type: Type): string {
  return typeText(type);
}
