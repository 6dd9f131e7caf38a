// Expressions that are being typed: what stands before the cursor.

import { isTag } from './parse-type.ts';
import { type Token, tokenize } from './tokens.ts';

/** What is typed at the cursor; `word` = the part of the name that is there, which begins at `start`. */
export interface Typed {
  readonly word: string;
  readonly start: number;
  /** The expression whose member it is. */
  readonly base?: string;
  /** Behind `->`. */
  readonly arrow?: boolean;
  /** The keyword before the name of a type. */
  readonly tag?: 'struct' | 'union' | 'enum';
  /** Behind a bracket, where a cast may stand. */
  readonly opened?: boolean;
}

/** Reads the text up to the cursor; undefined where it has no words of expressions. */
export function typedAt(before: string): Typed | undefined {
  const tokens = tokensOf(before);
  if (!tokens) return undefined;
  const last = tokens.at(-1);
  const isPart =
    last !== undefined && (last.kind === 'name' || last.kind === 'number') && endOf(last) === before.length;
  const word = isPart ? last.text : '';
  const start = before.length - word.length;
  const at = tokens.length - (isPart ? 2 : 1);
  const previous = tokens[at];
  const typed = { word, start };
  if (!previous) return typed;
  if (previous.text === '.' || previous.text === '->') {
    const first = operandStart(tokens, at - 1);
    const arrow = previous.text === '->';
    return { ...typed, arrow, base: before.slice(tokens[first ?? at]?.at, previous.at).trim() };
  }
  if (isTag(previous.text)) return { ...typed, tag: previous.text };
  return previous.text === '(' ? { ...typed, opened: true } : typed;
}

function tokensOf(text: string): Token[] | undefined {
  try {
    return tokenize(text).slice(0, -1);
  } catch {
    return undefined;
  }
}

function endOf({ at, text }: Token): number {
  return at + text.length;
}

/** The first token of the postfix expression whose last one is `last`. */
function operandStart(tokens: readonly Token[], last: number): number | undefined {
  let at = last;
  for (;;) {
    while (tokens[at]?.text === ']') at = opening(tokens, at) - 1;
    const token = tokens[at];
    if (token?.text === ')') {
      at = opening(tokens, at);
      if (tokens[at - 1]?.kind === 'name') at -= 1;
    } else if (token?.kind !== 'name' && token?.kind !== 'number') {
      return undefined;
    }
    if (at < 0) return undefined;
    const before = tokens[at - 1]?.text;
    if (before !== '.' && before !== '->') return at;
    at -= 2;
  }
}

/** The bracket that the one at `at` closes; -1 where there is none. */
function opening(tokens: readonly Token[], at: number): number {
  let depth = 0;
  let index = at;
  for (; index >= 0; index--) {
    const text = tokens[index]?.text ?? '';
    if (text === ')' || text === ']') depth += 1;
    if (text === '(' || text === '[') depth -= 1;
    if (depth === 0) break;
  }
  return index;
}
