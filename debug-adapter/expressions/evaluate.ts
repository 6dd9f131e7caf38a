// From the tree to a value.

import { phys } from '../../emulator/address.ts';
import { decodeSatp, modeNamed, type PagingMode, Sv32 } from '../../emulator/mmu/modes.ts';
import { here, physical, type Space } from '../memory/space.ts';
import { callFunction } from './functions.ts';
import { load, resolve, symbolNamed } from './names.ts';
import { binary, unary } from './operators.ts';
import { type Expression, type Node, parse } from './parse.ts';
import type { Scope } from './scope.ts';
import { mistake } from './tokens.ts';
import { convert, type Scalar, truth, unsigned, type Value } from './value.ts';

const SATP = 0x180;

export function evaluateText(
  text: string,
  scope: Scope,
): { readonly value: Value; readonly radix: Expression['radix'] } {
  const { root, radix } = parse(text);
  return { value: evaluateNode(root, scope), radix };
}

export function evaluateNode(node: Node, scope: Scope): Value {
  const value = (inner: Node) => evaluateNode(inner, scope);
  switch (node.kind) {
    case 'number':
      return { bits: node.value, type: node.value >> 63n ? 'u64' : 's64' };
    case 'string':
      throw mistake(node.at, 'Text in quotes is only understood as an argument, such as walk(sp, "store")');
    case 'name':
      return resolve(scope, node.name, node.at);
    case 'unary':
      if (node.operator === '*') return dereference(scope, value(node.operand), node.at);
      if (node.operator === '&') return addressOf(scope, node.operand, node.at);
      return unary(node.operator, value(node.operand));
    case 'binary':
      if (node.operator === '&&') return truth(isTrue(value(node.left)) && isTrue(value(node.right)));
      if (node.operator === '||') return truth(isTrue(value(node.left)) || isTrue(value(node.right)));
      return binary(node.operator, value(node.left), value(node.right), node.at);
    case 'choice':
      return value(isTrue(value(node.test)) ? node.then : node.otherwise);
    case 'cast':
      return cast(node.type, node.pointer, value(node.operand));
    case 'read':
      return dereference(scope, { ...value(node.address), pointee: node.type }, node.at);
    case 'element': {
      const base = value(node.base);
      const pointer = { ...base, pointee: base.pointee ?? word(scope) };
      return dereference(scope, binary('+', pointer, plain(value(node.index)), node.at), node.at);
    }
    case 'place':
      return unsigned(value(node.address).bits, { space: spaceOf(node, scope) });
    case 'call':
      return callFunction(scope, node, value);
  }
}

export function isTrue(value: Value): boolean {
  return value.bits !== 0n;
}

/** A word of XLEN bits. */
function word(scope: Scope): Scalar {
  return scope.machine.xlen === 32 ? 'u32' : 'u64';
}

function plain({ bits, type }: Value): Value {
  return { bits, type };
}

function cast(type: Scalar, pointer: boolean, operand: Value): Value {
  if (!pointer) return { bits: convert(operand.bits, type), type };
  return unsigned(operand.bits, { pointee: type, ...(operand.space && { space: operand.space }) });
}

function dereference(scope: Scope, pointer: Value, at: number): Value {
  const type = pointer.pointee ?? word(scope);
  return load(scope, { kind: 'memory', space: pointer.space ?? here, address: pointer.bits, type }, at);
}

function addressOf(scope: Scope, operand: Node, at: number): Value {
  if (operand.kind === 'name') return symbolNamed(scope, operand.name, operand.at);
  const { location } = evaluateNode(operand, scope);
  if (location?.kind !== 'memory') throw mistake(at, 'Only symbols and memory have an address');
  return unsigned(location.address, { pointee: location.type, space: location.space });
}

function spaceOf(node: Extract<Node, { kind: 'place' }>, scope: Scope): Space {
  if (node.physical) return physical;
  if (!node.root) return here;
  const root = phys(evaluateNode(node.root, scope).bits);
  if (root & 0xfffn) throw mistake(node.root.at, 'A page-table root is a multiple of 4096');
  return { kind: 'root', root, mode: modeOf(node.mode, scope, node.at) };
}

/** The mode that is named, else the one that satp holds. */
function modeOf(name: string | undefined, scope: Scope, at: number): PagingMode {
  const satp = decodeSatp(scope.hart.csr(SATP) ?? 0n, scope.machine.xlen);
  const mode = name ? modeNamed(name) : satp.mode;
  if (!mode) throw mistake(at, 'satp is Bare, so the paging mode must be named, as in va:0x1000@0x80210000:sv39');
  if ((mode === Sv32) !== (scope.machine.xlen === 32)) {
    throw mistake(at, `${mode.name} is no paging mode of an RV${scope.machine.xlen} machine`);
  }
  return mode;
}
