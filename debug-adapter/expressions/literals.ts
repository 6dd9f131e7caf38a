// Numbers, characters and strings as they are written.

import { mistake, type Token } from './tokens.ts';

/** A number as C sees it: the suffix and the radix take part in choosing its type. */
export interface NumberLiteral {
  readonly value: bigint;
  readonly unsigned: boolean;
  /** Number of `l`s. */
  readonly long: 0 | 1 | 2;
  readonly decimal: boolean;
}

/** `42`, `0x2a`, `052`, `0b101`, `0o52`, `42ul`, with `_` between digits; at most 64 bits. */
export function numberOf(token: Token): NumberLiteral {
  const text = token.text.replaceAll('_', '').toLowerCase();
  const [, digits = '', suffix = ''] = /^(0x[0-9a-f]+|0b[01]+|0o[0-7]+|[0-9]+)(u?l{0,2}|l{1,2}u)$/.exec(text) ?? [];
  const octal = /^0[0-9]+$/.test(digits);
  if (!digits || (octal && /[89]/.test(digits))) throw mistake(token.at, `"${token.text}" is not a number`);
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  if (value >> 64n) throw mistake(token.at, `${token.text} does not fit into 64 bits`);
  const long = suffix.replace('u', '').length as NumberLiteral['long'];
  return { value, unsigned: suffix.includes('u'), long, decimal: /^[1-9]|^0$/.test(digits) };
}

/** Whether a number token is a floating-point one: `1.5`, `2.0e3f`. */
export function isFloating({ text }: Token): boolean {
  return !/^0[xX]/.test(text) && text.includes('.');
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
};

/** What stands between the quotes of a string or character, each char one byte. */
export function quotedText({ text }: Token): string {
  return text.slice(1, -1).replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)/g, (_, code: string) => {
    if (/^x[0-9a-fA-F]/.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]{2,3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
    return escapes[code] ?? code;
  });
}
