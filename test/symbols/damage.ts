// Damages debug information and symbols at random, and asks everything there is to ask.

import { inflateSync } from 'node:zlib';
import { phys, virt } from '../../emulator/address.ts';
import { type ByteSource, bytesSource, openElf } from '../../emulator/loader/index.ts';
import { UserError } from '../../emulator/user-error.ts';
import {
  type Frame,
  type FunctionScope,
  SymbolFile,
  type Type,
  typeDefinition,
  typeText,
} from '../../symbols/index.ts';

const damageable = /^\.(debug_.*|eh_frame|symtab|strtab)$/;

/** Ranges of a file that are damaged: the debug and symbol sections, and sometimes the section headers. */
export function targets(whole: Uint8Array): (readonly [offset: number, size: number])[] {
  const elf = openElf(bytesSource('whole', whole));
  const sections = elf.sections.filter(({ name, size }) => damageable.test(name) && size > 0);
  const view = new DataView(whole.buffer, whole.byteOffset);
  const headers = elf.xlen === 64 ? Number(view.getBigUint64(40, true)) : view.getUint32(32, true);
  return [...sections.map(({ offset, size }) => [offset, size] as const), [headers, whole.length - headers]];
}

/** A copy with one to eight changes in one of the ranges: bytes, huge numbers, or a part of it written elsewhere. */
export function damage(
  whole: Uint8Array,
  ranges: readonly (readonly [number, number])[],
  random: (below: number) => number,
): Uint8Array {
  const copy = whole.slice();
  const [start, size] = ranges[random(ranges.length)] ?? [0, 1];
  for (let changes = 1 + random(8); changes > 0; changes--) {
    const at = start + random(size);
    const kind = random(8);
    if (kind < 5) copy[at] = [0, 0x7f, 0x80, 0xff, random(256)][kind] ?? 0;
    else if (kind === 5) copy.fill([0, 0xff, 0x80][random(3)] ?? 0, at, Math.min(at + 1 + random(8), start + size));
    else if (kind === 6) copy.copyWithin(at, start + random(size), Math.min(start + size, at + 1 + random(64)));
    else copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
  }
  return copy;
}

/** What is asked of a file, a question each. */
const questions: readonly ((file: SymbolFile) => void)[] = [
  (file) => {
    for (let address = 0x80000000n; address < 0x80000180n; address += 46n) {
      file.debug.typeNamesAt(virt(address));
      for (const { type, kind } of file.debug.variablesAt(virt(address))) typeText(type, kind);
      file.symbolAt(virt(address));
      file.lineAt(virt(address));
    }
  },
  ({ debug }) => {
    for (const address of [0x80000002n, 0x80000020n, 0x80000072n, 0x80000100n]) {
      for (const scope of debug.scopesAt(virt(address))) askScope(scope);
    }
  },
  ({ debug }) => {
    for (let address = 0x80000000n; address < 0x80000180n; address += 46n) {
      const frame = frameAt(address);
      debug.cfaOf(frame);
      const unwound = debug.unwind(frame);
      for (const number of [1, 2, 8, 9]) unwound?.register(number);
    }
  },
  (file) => {
    for (const name of file.complete('', 20)) for (const symbol of file.symbolsNamed(name)) file.functionEntry(symbol);
  },
  ({ debug }) => {
    for (const name of ['triple', 'helper']) {
      for (const { entry, body, call, function: of } of debug.copiesOf(name))
        [entry, body, call, typeText(of.type)].join();
      debug.functionsNamed(name);
      debug.inlinedAt(name).join();
      for (const { start } of debug.copiesOf(name).flatMap(({ ranges }) => ranges)) debug.tailCalls(start, start);
    }
  },
  ({ debug, entry }) => {
    for (const name of ['counter', 'tree', 'nothing']) {
      for (const variable of debug.variablesNamed(name, entry)) {
        askType(variable.type, 2);
        variable.locate(frameAt(entry));
        askType(variable.inFrame(frameAt(entry)).type, 2);
      }
    }
  },
  ({ debug }) => {
    for (const name of ['struct tree', 'u32', 'int', 'enum kind']) {
      for (const type of debug.typesNamed(name)) askType(type, 2);
    }
    debug.enumeratorNamed('leaf');
  },
  (file) => {
    for (const unit of file.debug.units()) [unit.name, unit.directory, unit.language, unit.producer].join();
    for (const path of [...file.sourceFiles(), 'main.c']) file.addressesOf(path, 9);
  },
];

/** Asks all questions, or those that `wants` picks; the number of problems that were told. Throws what must not be thrown. */
export function ask(source: ByteSource, wants = (_question: number, _of: number) => true): number {
  let file: SymbolFile;
  try {
    file = new SymbolFile(source, {
      inflate: (compressed, size) => inflateSync(compressed, { maxOutputLength: size }),
    });
  } catch (error) {
    if (error instanceof UserError) return 1;
    throw error;
  }
  file.place(phys(0x80200000n));
  for (const [index, question] of questions.entries()) if (wants(index, questions.length)) question(file);
  return file.problems.length;
}

function askScope(scope: FunctionScope): void {
  const { function: of, blocks, ranges, call } = scope;
  [of.name, of.linkageName, of.declared, of.external, of.unit.name, ranges.length, call].join();
  const frame = frameAt(scope.entry + 4n);
  scope.frameBase(frame);
  for (const { variables } of blocks) {
    for (const variable of variables) {
      [variable.name, variable.kind, variable.address, variable.artificial, variable.declared].join();
      askType(variable.type, 1);
      variable.locate(frame);
    }
  }
}

function askType(type: Type, depth: number): void {
  [typeText(type), typeDefinition(type), type.size, type.declared].join();
  if (depth === 0) return;
  if (type.kind === 'struct' || type.kind === 'union' || type.kind === 'class') {
    for (const member of type.members.slice(0, 50)) {
      [member.name, member.offset, member.bits?.shift].join();
      askType(member.type, depth - 1);
    }
    for (const variant of type.variants?.variants ?? []) variant.values.length;
  } else if (type.kind === 'pointer' || type.kind === 'typedef' || type.kind === 'qualified')
    askType(type.target, depth - 1);
  else if (type.kind === 'array') askType(type.element, depth - 1);
  else if (type.kind === 'enum') type.enumerators.length;
}

/** A frame in which every register holds an address, every byte of memory a number, and which has one caller. */
function frameAt(address: bigint, depth = 1): Frame {
  return {
    pc: virt(address),
    called: depth === 0,
    register: (number) => 0x80001000n + BigInt(number % 64) * 8n,
    cfa: () => 0x80002000n,
    memory: (at, size) => new Uint8Array(Math.min(size, 64)).fill(Number(at & 0xffn)),
    addressOf: (link) => link,
    caller: () => (depth > 0 ? frameAt(address + 16n, depth - 1) : undefined),
  };
}
