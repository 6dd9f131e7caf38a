// The console's verbs: what other debuggers call monitor commands.

import { hex64, paText } from '../../emulator/address.ts';
import { floatNames, integerNames } from '../../emulator/isa/registers.ts';
import { UserError } from '../../emulator/user-error.ts';
import { typeDefinition, typeText } from '../../symbols/index.ts';
import { functions, walkFor } from '../expressions/functions.ts';
import { evaluateAddress, load, typeNamed, type Value, valueText } from '../expressions/index.ts';
import { locationNamed } from '../expressions/names.ts';
import { examine, memoryText } from './dump.ts';
import { explainingVerbs } from './explaining-verbs.ts';
import { kernelVerbs } from './kernel-verbs.ts';
import { mapText } from './map-text.ts';
import type { View } from './row.ts';
import { accessFor, explanationOf } from './translation.ts';

export interface Verb {
  readonly usage: string;
  readonly text: string;
  run(view: View, argument: string): string;
}

export const verbs: Readonly<Record<string, Verb>> = {
  help: {
    usage: 'help',
    text: 'this list',
    run: ({ scope }) => helpText(scope),
  },
  walk: {
    usage: 'walk ADDRESS [load|store|fetch]',
    text: 'how an address translates, level by level',
    run(view, argument) {
      const [, address = '', access] = /^(.*?)(?:\s+(load|store|fetch))?$/.exec(argument) ?? [];
      return walkText(view, value(view, address), access as 'load' | 'store' | 'fetch' | undefined);
    },
  },
  map: {
    usage: 'map [TEXT]',
    text: 'the address map in force, in merged runs; with a text only the runs that contain it',
    run: mapText,
  },
  satp: {
    usage: 'satp',
    text: "each hart's satp",
    run: ({ scope }) => {
      const location = locationNamed('satp', scope.machine.xlen);
      if (!location) return '';
      return scope.machine.harts
        .map((hart) => `hart ${hart.id}: ${valueText({ ...scope, hart }, load({ ...scope, hart }, location))}`)
        .join('\n');
    },
  },
  mem: {
    usage: 'mem ADDRESS [LENGTH]',
    text: 'bytes of memory; 64 of them unless told',
    run(view, argument) {
      const [, address = '', length] = /^(.*?)(?:\s+(\d+|0x[0-9a-f]+))?$/i.exec(argument) ?? [];
      return memoryText(view, value(view, address), Number(length ?? 64));
    },
  },
  regs: {
    usage: 'regs [f]',
    text: 'the integer registers; with f the floating-point ones',
    run: (view, argument) => registersText(view, argument === 'f'),
  },
  csr: {
    usage: 'csr NAME',
    text: 'a CSR by its fields',
    run: csrText,
  },
  ...explainingVerbs,
  ptype: {
    usage: 'ptype TYPE|EXPRESSION',
    text: 'a type with its members',
    run: ({ scope }, argument) => typeDefinition(typeNamed(argument, scope)),
  },
  whatis: {
    usage: 'whatis EXPRESSION',
    text: 'the name of its type',
    run: ({ scope }, argument) => typeText(typeNamed(argument, scope)),
  },
  ...kernelVerbs,
};

/** What the verb that `line` begins with says; undefined when it begins with none. */
export function runVerb(view: View, line: string): string | undefined {
  const [, count, unit = 'g', address] = /^\s*x\/(\d*)([bhwgi]?)x?\s+(.+?)\s*$/.exec(line) ?? [];
  if (address !== undefined) return examine(view, value(view, address), Number(count || 1), unit || 'g');
  const [, name = '', argument = ''] = /^\s*([a-z]+)(?:\s+([^=].*?))?\s*$/.exec(line) ?? [];
  return Object.hasOwn(verbs, name) ? verbs[name]?.run(view, argument) : undefined;
}

function helpText({ kernel }: View['scope']): string {
  const pad = (text: string) => text.padEnd(47);
  return [
    ...Object.values(verbs).map(({ usage, text }) => pad(usage) + text),
    `${pad('x/COUNT[b|h|w|g|i] ADDRESS')}bytes, halfwords, words, doublewords (if not told) or instructions`,
    `${pad('NAME = EXPRESSION')}writes a register, a CSR, a field (satp.MODE) or memory (*(u32*)0x80200000)`,
    ...Object.values(functions).map(({ signature, text }) => pad(signature) + text),
    ...Object.values(kernel?.functions ?? {}).map(({ signature, text }) => pad(signature) + text),
    'Anything else is a C expression of variables, registers, CSRs, symbols: p->flags, &x, arr[3], (u32*)sp, u8[address],',
    'pa:0x80200000, va:0x1000@0x80210000:sv39; behind it ,x ,d ,b ,o ,c ,s for the format or ,10 for as many elements.',
  ].join('\n');
}

function value({ scope }: View, text: string): Value {
  if (!text.trim()) throw new UserError('An address is missing. Try: help.');
  return evaluateAddress(text, scope);
}

function walkText(view: View, at: Value, access = accessFor(view, at)): string {
  const { steps, text, regime, region, symbol } = explanationOf(view, walkFor(view.scope, at, access));
  const place = [region, symbol].filter(Boolean).join(', ');
  return [
    `${access}, ${regime}`,
    ...steps.map(
      ({ level, index, pteAddress, pte, text: step }) =>
        `  level ${level} [${String(index).padStart(3)}] ${paText(pteAddress)}: ${pte === undefined ? '' : `${hex64(pte)} `}${step}`,
    ),
    `${text}${place && ` (${place})`}`,
  ].join('\n');
}

function registersText({ scope }: View, float: boolean): string {
  const line = (name: string, text: string) => `${name.padEnd(5)}${text}`;
  if (float) {
    return floatNames.map((name, index) => line(name, valueText(scope, load(scope, { kind: 'f', index })))).join('\n');
  }
  const pc = line('pc', valueText(scope, load(scope, { kind: 'pc' })));
  const rows = integerNames.map((name, index) => line(name, valueText(scope, load(scope, { kind: 'x', index }))));
  return [pc, ...rows].join('\n');
}

function csrText({ scope }: View, name: string): string {
  const location = locationNamed(name.toLowerCase(), scope.machine.xlen);
  if (location?.kind !== 'csr')
    throw new UserError(`"${name}" is no CSR. Write csr and a name such as satp or mstatus.`);
  const { row } = location;
  return [
    `${row.name}: ${row.text}`,
    valueText(scope, load(scope, location)),
    ...[...row.fields].reverse().map((field) => {
      const [high, low] = field.bits;
      const text = valueText(scope, load(scope, { kind: 'field', row, field }));
      return `  ${`${high}:${low}`.padEnd(6)}${field.name.padEnd(8)}${text.padEnd(14)} ${field.text}`;
    }),
  ].join('\n');
}
