// Reads a check file.

import { modeNamed } from '../../emulator/mmu/modes.ts';
import { UserError } from '../../emulator/user-error.ts';
import { type LintRule, lintRules } from '../lint/finding.ts';
import type { Attributes, Demand, Expectation, Extent, Spot } from './expectation.ts';

/** The point of lines that name none, before an `at` line. */
const FIRST_POINT = 'end';
const PAGE = 4096n;

/** The expectations of a file, in its order. @throws UserError with file:line:column and what would be right. */
export function parseCheck(text: string, file: string): Expectation[] {
  if (text.includes('\0')) throw new UserError(`${file} is no text, as a check file is. It comes before the kernel`);
  const expectations: Expectation[] = [];
  let point = FIRST_POINT;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = new Line(raw, file, index + 1);
    if (line.done) continue;
    if (line.is('at')) {
      point = line.point();
      line.end();
    } else {
      expectations.push(expectation(line, point));
    }
  }
  return expectations;
}

function expectation(line: Line, defaultPoint: string): Expectation {
  const { column } = line;
  const from = line.offset;
  const demand = demandOf(line);
  const text = line.source.slice(from, line.previousEnd);
  let point = defaultPoint;
  let modes: string[] = [];
  while (!line.done) {
    if (line.is('at')) point = line.point();
    else if (line.is('in')) modes = modesOf(line);
    else throw line.wrong(`"${line.word}" is not understood here: at POINT, in MODE, or nothing may follow`);
  }
  return { line: line.number, column, text, point, modes, demand };
}

function demandOf(line: Line): Demand {
  if (line.is('no')) return { kind: 'no', what: ruleOf(line) };
  if (line.is('mode')) {
    const word = line.take('a paging mode');
    const known = modeNamed(word)?.name ?? (word.toLowerCase() === 'bare' ? 'Bare' : undefined);
    if (!known) throw line.wrongBefore(`"${word}" is no paging mode: Bare, Sv32, Sv39, Sv48 or Sv57`);
    return { kind: 'mode', mode: known };
  }
  const space = line.is('va') ? 'va' : line.is('pa') ? 'pa' : undefined;
  if (!space) throw line.wrong(`"${line.word}" begins no expectation: va, pa, no, mode, or at`);
  const extent = extentOf(line, space);
  if (line.is('not')) {
    line.expect('mapped', 'after "not"');
    return { kind: 'not mapped', extent };
  }
  if (space === 'pa') throw line.wrong('of a physical address only "not mapped" can be expected');
  if (line.is('same')) {
    line.expect('in', 'after "same"');
    line.expect('every', 'after "same in"');
    line.expect('mode', 'after "same in every"');
    return { kind: 'same', extent };
  }
  let to: Spot | undefined;
  if (line.is('->')) {
    line.expect('pa', 'after "->"');
    to = spotOf(line);
  }
  const attributes = attributesOf(line);
  if (!to && Object.keys(attributes).length === 0) {
    throw line.wrong(
      'what is expected is missing: -> pa ADDRESS, rights such as RX, not mapped, or same in every mode',
    );
  }
  return { kind: 'mapped', extent, ...(to && { to }), attributes };
}

function ruleOf(line: Line): 'W+X' | 'findings' | LintRule {
  const word = line.take('W+X, findings or a lint rule');
  if (/^w\+x$/i.test(word)) return 'W+X';
  if (word === 'findings' || Object.hasOwn(lintRules, word)) return word as 'findings' | LintRule;
  throw line.wrongBefore(`"${word}" is no lint rule: W+X, findings, ${Object.keys(lintRules).join(', ')}`);
}

/** `0x1000 +4K`, `0x1000 .. 0x1fff`, or one page. */
function extentOf(line: Line, space: 'va' | 'pa'): Extent {
  const from = spotOf(line);
  if (line.is('..')) {
    const last = spotOf(line);
    if (last.symbol !== from.symbol) throw line.wrongBefore('both ends must be numbers, or of one symbol');
    if (last.value < from.value) throw line.wrongBefore('the range ends before it begins');
    return { space, from, size: last.value - from.value + 1n };
  }
  const size = /^\+(\S+)$/.exec(line.word)?.[1];
  if (size === undefined) return { space, from, size: 1n };
  line.next();
  return { space, from, size: sizeOf(line, size) };
}

function spotOf(line: Line): Spot {
  const text = line.take('an address or a symbol');
  const plain = /^(0x[0-9a-f_]+|\d[\d_]*)$/i.exec(text);
  if (plain) return { value: BigInt(text.replaceAll('_', '')), text };
  const [, symbol, offset] = /^([A-Za-z_.$][\w.$]*)(?:\+(0x[0-9a-f]+|\d+))?$/i.exec(text) ?? [];
  if (symbol === undefined) throw line.wrongBefore(`"${text}" is neither a number such as 0x80200000 nor a symbol`);
  return { symbol, value: BigInt(offset ?? 0), text };
}

function sizeOf(line: Line, text: string): bigint {
  const [, digits, unit = ''] = /^(0x[0-9a-f_]+|\d[\d_]*)([KMGT]?)(?:iB|B)?$/i.exec(text) ?? [];
  if (digits === undefined) throw line.wrongBefore(`"${text}" is no size: write 4K, 2M, 1G or a number of bytes`);
  const size = BigInt(digits.replaceAll('_', '')) << BigInt(10 * ' KMGT'.indexOf(unit.toUpperCase() || ' '));
  if (size === 0n) throw line.wrongBefore('the size is 0');
  return size;
}

function attributesOf(line: Line): Attributes {
  let attributes: Attributes = {};
  for (;;) {
    const word = line.word;
    if (word !== '' && /^[R-]?[W-]?[X-]?$/.test(word) && !/^-+$/.test(word)) {
      attributes = { ...attributes, r: word.includes('R'), w: word.includes('W'), x: word.includes('X') };
    } else if (word === 'user' || word === 'kernel') attributes = { ...attributes, user: word === 'user' };
    else if (word === 'global') attributes = { ...attributes, global: true };
    else if (word === 'PMA' || word === 'NC' || word === 'IO') attributes = { ...attributes, memoryType: word };
    else if (word === 'page') {
      line.next();
      const size = sizeOf(line, line.word);
      if (size % PAGE !== 0n) throw line.wrong(`"${line.word}" is no size of a page`);
      attributes = { ...attributes, pageSize: size };
    } else return attributes;
    line.next();
  }
}

function modesOf(line: Line): string[] {
  return line
    .take('a paging mode')
    .split(',')
    .map((name) => {
      const mode = modeNamed(name);
      if (!mode) throw line.wrongBefore(`"${name}" is no paging mode: sv32, sv39, sv48 or sv57`);
      return mode.name.toLowerCase();
    });
}

/** One line, word by word; a text in quotes belongs to the word that it stands in. */
class Line {
  readonly source: string;
  readonly number: number;
  readonly #file: string;
  readonly #words: readonly { readonly text: string; readonly at: number }[];
  #next = 0;

  constructor(raw: string, file: string, number: number) {
    this.#file = file;
    this.number = number;
    const words = [...raw.matchAll(/(?:[^\s"#]|"(?:[^"\\]|\\.)*")+|#.*|"/g)];
    const comment = words.findIndex(([text]) => text.startsWith('#'));
    this.#words = words.slice(0, comment < 0 ? undefined : comment).map(({ 0: text, index }) => ({ text, at: index }));
    this.source = raw;
    const quote = this.#words.find(({ text }) => text === '"');
    if (quote) throw this.#error(quote.at, 'this quotation does not end');
  }

  get done(): boolean {
    return this.#next >= this.#words.length;
  }

  get word(): string {
    return this.#words[this.#next]?.text ?? '';
  }

  get offset(): number {
    return this.#words[this.#next]?.at ?? this.source.length;
  }

  get column(): number {
    return this.offset + 1;
  }

  /** Where the last word taken ends. */
  get previousEnd(): number {
    const last = this.#words[this.#next - 1];
    return last ? last.at + last.text.length : 0;
  }

  next(): void {
    this.#next += 1;
  }

  is(word: string): boolean {
    if (this.word !== word) return false;
    this.next();
    return true;
  }

  take(what: string): string {
    if (this.done) throw this.wrong(`${what} is missing`);
    const { word } = this;
    this.next();
    return word;
  }

  expect(word: string, where: string): void {
    if (!this.is(word)) throw this.wrong(`"${word}" is missing ${where}`);
  }

  point(): string {
    const text = this.take('a point such as symbol:start_kernel');
    if (!/^(?:(?:satp|insn|symbol):\S+|console:"?.+|end)$/.test(text)) {
      throw this.wrongBefore(`"${text}" is no point: satp:N, insn:N, symbol:NAME, console:"TEXT" or end`);
    }
    return text.replace(/"((?:[^"\\]|\\.)*)"/, (_, inner: string) => inner.replace(/\\(.)/g, '$1'));
  }

  end(): void {
    if (!this.done) throw this.wrong(`"${this.word}" is one word too many`);
  }

  /** An error at the next word. */
  wrong(why: string): UserError {
    return this.#error(this.offset, why);
  }

  /** An error at the word that was just taken. */
  wrongBefore(why: string): UserError {
    return this.#error(this.#words[this.#next - 1]?.at ?? 0, why);
  }

  #error(at: number, why: string): UserError {
    return new UserError(`${this.#file}:${this.number}:${at + 1}: ${why}`);
  }
}
