// Words of a line of C, C++ or Rust, and the expression that ends at one of them: `item->link.next`, `tops[1]`, `*p`.

import { type Word, wordAt } from './words.ts';

/** A token; comments and texts are one each. */
export interface Token {
  readonly text: string;
  readonly start: number;
}

const pattern = new RegExp(
  [
    String.raw`\/\/.*|\/\*.*?(?:\*\/|$)|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.[^']*)'`,
    String.raw`(?:[pv]a:(?!:))?\d[\w.@:]*|[A-Za-z_$][\w$]*(?:::[A-Za-z_$][\w$]*)*`,
    String.raw`->|&&|\|\||\S`,
  ].join('|'),
  'g',
);

/** Words behind which a value begins. */
const keywords = new Set('return case else do sizeof in if while match let mut goto break continue'.split(' '));

/** Words that name no value, nor anything that has one. */
const nameless = new Set([
  ...keywords,
  ...'for switch default const volatile static extern inline register restrict struct union enum typedef'.split(' '),
  ...'fn pub use impl trait where unsafe as loop move ref mod crate type dyn async await'.split(' '),
]);

export function tokensOf(line: string): Token[] {
  return [...line.matchAll(pattern)].map((match) => ({ text: match[0], start: match.index }));
}

export function isName({ text }: Token): boolean {
  return /^[A-Za-z_$]/.test(text);
}

export function isMemberOperator(token: Token | undefined): boolean {
  return token?.text === '.' || token?.text === '->';
}

/**
 * The expression of `line` at `column`: a member with all that stands before it, an element at its brackets, what is
 * pointed to at the `*`; else the word. Undefined where it could be told only by calling a function.
 */
export function chainAt(line: string, column: number): Word | undefined {
  const tokens = tokensOf(line);
  const at = tokens.findIndex(({ text, start }) => start <= column && column < start + text.length);
  const token = tokens[at];
  if (!token) return undefined;
  if (token.text === '*')
    return isUnary(tokens[at - 1]) ? wordOf(line, tokens, at, chainEnd(tokens, at + 1)) : undefined;
  if (token.text === '[' || token.text === ']') {
    const end = token.text === '[' ? partner(tokens, at, 1) : at;
    return wordOf(line, tokens, chainStart(tokens, end), end);
  }
  if (!isName(token)) return wordAt(line, column);
  if (!isMemberOperator(tokens[at - 1])) return lone(line, column, token);
  return wordOf(line, tokens, chainStart(tokens, at), at);
}

/** A name that is no member: with its path, without the dots that may stand behind it. */
function lone(line: string, column: number, { text, start }: Token): Word | undefined {
  if (nameless.has(text)) return undefined;
  const word = wordAt(line, column);
  if (word && !word.expression.includes('.') && !text.includes('::')) return word;
  return { start, end: start + text.length, expression: text };
}

function wordOf(line: string, tokens: readonly Token[], first?: number, last?: number): Word | undefined {
  const [from, to] = [tokens[first ?? -1], tokens[last ?? -1]];
  if (!from || !to) return undefined;
  const end = to.start + to.text.length;
  return { start: from.start, end, expression: line.slice(from.start, end) };
}

/** The first token of the postfix expression whose last one is `last`. */
export function chainStart(tokens: readonly Token[], last: number | undefined): number | undefined {
  let at = last;
  while (at !== undefined) {
    while (at !== undefined && tokens[at]?.text === ']') at = before(partner(tokens, at, -1));
    const token = at === undefined ? undefined : tokens[at];
    if (at === undefined || !token) return undefined;
    if (token.text === ')') {
      at = partner(tokens, at, -1);
      // A call: its value is not known without making it.
      if (at === undefined || !isUnary(tokens[at - 1])) return undefined;
    } else if (!isName(token) && !/^\d/.test(token.text)) {
      return undefined;
    }
    if (!isMemberOperator(tokens[at - 1])) return at;
    at -= 2;
  }
  return undefined;
}

/** The last token of the postfix expression that begins at `first`. */
function chainEnd(tokens: readonly Token[], first: number): number | undefined {
  const token = tokens[first];
  if (!token || !(isName(token) || token.text === '(')) return undefined;
  let end = token.text === '(' ? partner(tokens, first, 1) : first;
  while (end !== undefined) {
    const next = tokens[end + 1];
    const member = tokens[end + 2];
    if (next?.text === '[') end = partner(tokens, end + 1, 1);
    else if (next?.text === '(') return undefined;
    else if (isMemberOperator(next) && member && isName(member)) end += 2;
    else return end;
  }
  return undefined;
}

/** The index of the bracket that belongs to the one at `at`. */
function partner(tokens: readonly Token[], at: number, step: 1 | -1): number | undefined {
  let depth = 0;
  for (let index = at; index >= 0 && index < tokens.length; index += step) {
    const text = tokens[index]?.text ?? '';
    if (text === '[' || text === '(') depth += step;
    if (text === ']' || text === ')') depth -= step;
    if (depth === 0) return index;
  }
  return undefined;
}

function before(index: number | undefined): number | undefined {
  return index === undefined || index === 0 ? undefined : index - 1;
}

/** Whether a `*` or `(` behind this token begins a value: it follows no other one. */
function isUnary(previous: Token | undefined): boolean {
  if (!previous || keywords.has(previous.text)) return true;
  return !isName(previous) && !/^[\d)\]"']/.test(previous.text);
}
