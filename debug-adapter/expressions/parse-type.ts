// Types in expressions: where one begins, and what it says.

import { numberOf } from './literals.ts';
import type { TypeNode } from './nodes.ts';
import { mistake, type Token } from './tokens.ts';

/** Says which names are types: those of the program. C's own are known here. */
export type IsType = (name: string) => boolean;

const tags = ['struct', 'union', 'enum'] as const;
type Tag = (typeof tags)[number];
const qualifiers = new Set(['const', 'volatile', 'restrict', '__restrict', '_Atomic']);
/** Words that a C type may be made of. */
const words = new Set(
  'char short int long signed unsigned float double void _Bool bool __int128 __signed__ __volatile__ __const'.split(
    ' ',
  ),
);
/** Types with a fixed meaning here, whatever the program says. */
export const fixedTypes: readonly string[] = (
  'u8 u16 u32 u64 s8 s16 s32 s64 uint8_t uint16_t uint32_t uint64_t int8_t int16_t int32_t int64_t ' +
  'size_t ssize_t uintptr_t intptr_t ptrdiff_t'
).split(' ');
const fixed = new Set(fixedTypes);

export function isTag(text: string): text is Tag {
  return (tags as readonly string[]).includes(text);
}

/** The part of the parser that types need. */
export interface Words {
  peek(ahead?: number): Token;
  take(): Token;
  skip(operator: string): boolean;
  expect(operator: string): void;
  readonly isType: IsType;
}

/** Whether a type begins `ahead` words from here. A name alone may be a variable too: then the program decides. */
export function beginsType(from: Words, ahead = 0): boolean {
  const { kind, text } = from.peek(ahead);
  return kind === 'name' && (isOwnWord(text) || from.isType(text));
}

/** Whether a word can only begin a type, whatever the program has. */
export function isOwnWord(text: string): boolean {
  return isTag(text) || qualifiers.has(text) || words.has(text) || fixed.has(text) || isTypeof(text);
}

export function isTypeof(text: string): boolean {
  return text === 'typeof' || text === '__typeof__';
}

/** A type, from its first word to its last `*` or `]`; `ofExpression` parses the operand of typeof. */
export function parseType(from: Words, ofExpression: () => TypeNode['of']): TypeNode {
  const { at } = from.peek();
  const base = parseBase(from, at, ofExpression);
  const layers: ('*' | bigint)[] = [];
  skipQualifiers(from);
  while (from.skip('*')) {
    layers.push('*');
    skipQualifiers(from);
  }
  const lengths: bigint[] = [];
  while (from.skip('[')) {
    const length = from.take();
    if (length.kind !== 'number') throw mistake(length.at, 'The length of an array is a number');
    lengths.push(numberOf(length).value);
    from.expect(']');
  }
  return { at, ...base, layers: [...layers, ...lengths.reverse()] };
}

function parseBase(from: Words, at: number, ofExpression: () => TypeNode['of']): Omit<TypeNode, 'at' | 'layers'> {
  skipQualifiers(from);
  const first = from.take();
  if (isTypeof(first.text)) {
    from.expect('(');
    const of = ofExpression();
    from.expect(')');
    return { name: first.text, ...(of && { of }) };
  }
  if (isTag(first.text)) {
    const name = from.take();
    if (name.kind !== 'name') throw mistake(name.at, `A name is missing behind "${first.text}"`);
    return { name: name.text, tag: first.text };
  }
  if (first.kind !== 'name') throw mistake(at, 'A type is expected');
  const names = [first.text];
  if (words.has(first.text)) {
    skipQualifiers(from);
    while (from.peek().kind === 'name' && words.has(from.peek().text)) {
      names.push(from.take().text);
      skipQualifiers(from);
    }
  }
  return { name: names.join(' ') };
}

function skipQualifiers(from: Words): void {
  while (from.peek().kind === 'name' && qualifiers.has(from.peek().text)) from.take();
}
