// The functions of expressions: questions about translation.

import { hex, virt } from '../../emulator/address.ts';
import type { Access } from '../../emulator/inspection.ts';
import { walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { type Walk, walk } from '../../emulator/mmu/walk.ts';
import { explain } from '../../kernel/explain.ts';
import { here, physical, physicalOf, regimeIn, translate } from '../memory/space.ts';
import { load } from './names.ts';
import type { Node } from './parse.ts';
import type { Scope } from './scope.ts';
import { mistake } from './tokens.ts';
import { truth, unsigned, type Value } from './value.ts';

type Call = Extract<Node, { kind: 'call' }>;

interface ExpressionFunction {
  readonly signature: string;
  readonly text: string;
  readonly arity: readonly [least: number, most: number];
  call(scope: Scope, node: Call, value: (node: Node) => Value): Value;
}

export const functions: Readonly<Record<string, ExpressionFunction>> = {
  walk: {
    signature: 'walk(address[, "load" | "store" | "fetch"])',
    text: 'the translation of an address as the hart would make it, level by level; its value is the physical address, or 0',
    arity: [1, 2],
    call(scope, node, value) {
      const result = walkFor(scope, value(node.operands[0] as Node), accessOf(node));
      return unsigned(result.ok ? result.pa : 0n, { space: physical, walk: result });
    },
  },
  mapped: {
    signature: 'mapped(address[, "load" | "store" | "fetch"])',
    text: '1 if the hart could access the address so, else 0',
    arity: [1, 2],
    call: (scope, node, value) => truth(walkFor(scope, value(node.operands[0] as Node), accessOf(node)).ok),
  },
  pa: {
    signature: 'pa(address)',
    text: 'the physical address that an address is mapped to, whatever its permissions',
    arity: [1, 1],
    call(scope, node, value) {
      const { bits, space = here } = value(node.operands[0] as Node);
      const pa = physicalOf(scope.machine, scope.hart, space, bits);
      if (pa === undefined) throw mistake(node.at, `${hex(bits)} is not mapped`);
      return unsigned(pa, { space: physical });
    },
  },
  pte: {
    signature: 'pte(address, level)',
    text: 'the page-table entry that the walk of an address reads at a level (0 = the last)',
    arity: [2, 2],
    call(scope, node, value) {
      const [address, level] = node.operands.map(value) as [Value, Value];
      const walked = translate(scope.machine, scope.hart, address.space ?? here, address.bits);
      const { mode } = walked.regime;
      if (!mode) throw mistake(node.at, 'Translation is Bare here: there are no page-table entries');
      const step = explain(walked).steps.find((candidate) => BigInt(candidate.level) === level.bits);
      if (!step) throw mistake(node.at, `The walk of ${hex(address.bits)} reads no entry at level ${level.bits}`);
      const type = mode.pteSize === 4 ? 'u32' : 'u64';
      const entry = load(scope, { kind: 'memory', space: physical, address: step.pteAddress, type }, node.at);
      return { ...entry, note: step.text };
    },
  },
};

export function callFunction(scope: Scope, node: Call, value: (node: Node) => Value): Value {
  const called = Object.hasOwn(functions, node.name) ? functions[node.name] : undefined;
  if (!called)
    throw mistake(node.at, `There is no function ${node.name}; there are ${Object.keys(functions).join(', ')}`);
  const [least, most] = called.arity;
  if (node.operands.length < least || node.operands.length > most) {
    throw mistake(node.at, `It is written ${called.signature}`);
  }
  return called.call(scope, node, value);
}

/** The walk that the hart itself would make: its privilege and permissions apply. */
export function walkFor(scope: Scope, { bits, space = here }: Pick<Value, 'bits' | 'space'>, access: Access): Walk {
  const place = space.kind === 'here' ? ({ ...space, access: access === 'fetch' ? 'fetch' : 'load' } as const) : space;
  return walk(walkMemoryOf(scope.machine), regimeIn(scope.machine, scope.hart, place), virt(bits), access);
}

function accessOf(node: Call): Access {
  const operand = node.operands[1];
  if (!operand) return 'load';
  const text = operand.kind === 'string' ? operand.text : operand.kind === 'name' ? operand.name : '';
  if (text === 'load' || text === 'store' || text === 'fetch') return text;
  throw mistake(operand.at, 'The access is "load", "store" or "fetch"');
}
