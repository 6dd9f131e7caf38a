// The functions of expressions: questions about translation, C's own questions about types, and what the kernel adds.

import { hex, virt } from '../../emulator/address.ts';
import type { Access } from '../../emulator/inspection.ts';
import { walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { type Walk, walk } from '../../emulator/mmu/walk.ts';
import { explain } from '../../kernel/explain.ts';
import { u32, u64 } from '../../kernel/objects/c-types.ts';
import { here, physical, physicalOf, regimeIn, translate } from '../memory/space.ts';
import { operandOf } from './evaluate.ts';
import type { Node } from './nodes.ts';
import { numeric } from './operators.ts';
import { placeOf } from './places.ts';
import type { Operand, Scope } from './scope.ts';
import { load } from './storage.ts';
import { mistake } from './tokens.ts';
import { typeFunctions } from './type-functions.ts';
import { truth, unsigned, type Value } from './value.ts';

export type Call = Extract<Node, { kind: 'call' }>;

export interface ExpressionFunction {
  readonly signature: string;
  readonly text: string;
  readonly arity: readonly [least: number, most: number];
  call(scope: Scope, node: Call): Value;
}

const questions: Readonly<Record<string, ExpressionFunction>> = {
  walk: {
    signature: 'walk(address[, "load" | "store" | "fetch"])',
    text: 'the translation of an address as the hart would make it, level by level; its value is the physical address, or 0',
    arity: [1, 2],
    call(scope, node) {
      const result = walkFor(scope, operand(scope, node, 0), accessOf(node));
      return unsigned(result.ok ? result.pa : 0n, { space: physical, walk: result });
    },
  },
  mapped: {
    signature: 'mapped(address[, "load" | "store" | "fetch"])',
    text: '1 if the hart could access the address so, else 0',
    arity: [1, 2],
    call: (scope, node) => truth(walkFor(scope, operand(scope, node, 0), accessOf(node)).ok),
  },
  pa: {
    signature: 'pa(address)',
    text: 'the physical address that an address is mapped to, whatever its permissions',
    arity: [1, 1],
    call(scope, node) {
      const { bits, space = here } = operand(scope, node, 0);
      const pa = physicalOf(scope.machine, scope.hart, space, bits);
      if (pa === undefined) throw mistake(node.at, `${hex(bits)} is not mapped`);
      return unsigned(pa, { space: physical });
    },
  },
  pte: {
    signature: 'pte(address, level)',
    text: 'the page-table entry that the walk of an address reads at a level (0 = the last)',
    arity: [2, 2],
    call(scope, node) {
      const [address, level] = [operand(scope, node, 0), operand(scope, node, 1)];
      const walked = translate(scope.machine, scope.hart, address.space ?? here, address.bits);
      const { mode } = walked.regime;
      if (!mode) throw mistake(node.at, 'Translation is Bare here: there are no page-table entries');
      const step = explain(walked).steps.find((candidate) => BigInt(candidate.level) === level.bits);
      if (!step) throw mistake(node.at, `The walk of ${hex(address.bits)} reads no entry at level ${level.bits}`);
      const type = mode.pteSize === 4 ? u32 : u64;
      const entry = load(scope, { kind: 'memory', space: physical, address: step.pteAddress, type }, node.at);
      return { ...entry, note: step.text };
    },
  },
};

export const functions: Readonly<Record<string, ExpressionFunction>> = { ...questions, ...typeFunctions };

export function callFunction(scope: Scope, node: Call): Value {
  const called = Object.hasOwn(functions, node.name) ? functions[node.name] : undefined;
  if (called) {
    checkCount(called, node);
    return called.call(scope, node);
  }
  const known = scope.kernel?.functions ?? {};
  const added = Object.hasOwn(known, node.name) ? known[node.name] : undefined;
  if (!added) throw mistake(node.at, noFunction(scope, node));
  checkCount(added, node);
  return added.call(
    node.operands.map((each) => operandFor(each, scope)),
    scope,
    node.at,
  );
}

function operandFor(node: Node, scope: Scope): Operand {
  return {
    value: () => numeric(operandOf(node, scope), node.at),
    location() {
      const named = placeOf(node, scope);
      return 'location' in named ? named.location : named.value.location;
    },
    ...(node.kind === 'string' && { text: node.text }),
  };
}

function checkCount(
  { arity: [least, most], signature }: Pick<ExpressionFunction, 'arity' | 'signature'>,
  node: Call,
): void {
  if (node.operands.length < least || node.operands.length > most) {
    throw mistake(node.at, `It is written ${signature}`);
  }
}

function noFunction({ symbols, kernel }: Scope, { name }: Call): string {
  if (symbols.valueOf(name) !== undefined) {
    return `${name} is a function of the program: expressions read the machine and run nothing in it`;
  }
  const names = [...Object.keys(functions), ...Object.keys(kernel?.functions ?? {})];
  return `There is no function ${name}; there are ${names.join(', ')}`;
}

function operand(scope: Scope, node: Call, index: number): Value {
  const inner = node.operands[index] as Node;
  return numeric(operandOf(inner, scope), inner.at);
}

/** The walk that the hart itself would make: its privilege and permissions apply. */
export function walkFor(scope: Scope, { bits, space = here }: Pick<Value, 'bits' | 'space'>, access: Access): Walk {
  const place = space.kind === 'here' ? ({ ...space, access: access === 'fetch' ? 'fetch' : 'load' } as const) : space;
  return walk(walkMemoryOf(scope.machine), regimeIn(scope.machine, scope.hart, place), virt(bits), access);
}

function accessOf(node: Call): Access {
  const inner = node.operands[1];
  if (!inner) return 'load';
  const text = inner.kind === 'string' ? inner.text : inner.kind === 'name' ? inner.name : '';
  if (text === 'load' || text === 'store' || text === 'fetch') return text;
  throw mistake(inner.at, 'The access is "load", "store" or "fetch"');
}
