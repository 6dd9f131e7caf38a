// The words of an expression.

import { UserError } from '../../emulator/user-error.ts';

export type TokenKind = 'number' | 'string' | 'name' | 'operator' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Offset of the first character. */
  readonly at: number;
}

/** A mistake in an expression: one sentence with the column, counted from 1. */
export function mistake(at: number, what: string): UserError {
  return new UserError(`${what} (column ${at + 1} of the expression).`);
}

const SPACE = /\s+/y;
const NUMBER = /0[xX][0-9A-Za-z_]*|[0-9][0-9A-Za-z_]*(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?[fFlL]?)?/y;
/** Names may begin with `$`, and have parts as `core::ptr` does. */
const NAME = /[A-Za-z_$][\w$]*(?:::[A-Za-z_{][\w$]*\}?)*/y;
const STRING = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/y;
/** `pa:` and `va:` are prefixes of the address grammar, not a name and a colon. */
const PREFIX = /(?:pa|va):(?!:)/y;
const OPERATOR = /(?:<<|>>|[-+*/%&|^])=|<<|>>|<=|>=|==|!=|&&|\|\||->|[-+*/%&|^~!<>?:()[\]{},@.=]/y;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const take = (kind: TokenKind, word: string) => {
    tokens.push({ kind, text: word, at });
    at += word.length;
  };
  while (at < text.length) {
    const space = match(SPACE);
    if (space) {
      at += space.length;
      continue;
    }
    const prefix = match(PREFIX);
    const number = prefix ? undefined : match(NUMBER);
    const name = prefix || number ? undefined : match(NAME);
    const string = match(STRING);
    const operator = match(OPERATOR);
    if (prefix) take('operator', prefix);
    else if (number) take('number', number);
    else if (name) take('name', name);
    else if (string) take('string', string);
    else if (operator) take('operator', operator);
    else throw mistake(at, `"${text[at]}" has no meaning here`);
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}
