// From text to a tree, by operator precedence as in C.

import { isFloating, numberOf, quotedText } from './literals.ts';
import type { Expression, Node, Radix } from './nodes.ts';
import { beginsType, type IsType, isOwnWord, isTypeof, parseType, type Words } from './parse-type.ts';
import { mistake, type Token, tokenize } from './tokens.ts';

const powers: Readonly<Record<string, number>> = {
  ...{ '?': 2, '||': 3, '&&': 4, '|': 5, '^': 6, '&': 7, '==': 8, '!=': 8, '<': 9, '<=': 9, '>': 9, '>=': 9 },
  ...{ '<<': 10, '>>': 10, '@': 11, '+': 12, '-': 12, '*': 13, '/': 13, '%': 13 },
};
/** Assignments bind least, and to the right. */
const ASSIGN_POWER = 1;
const PREFIX_POWER = 14;
const DEEPEST = 200;

/** Functions whose operands may be types. */
const takesTypes = new Set(['sizeof', 'container_of', 'offsetof', 'list_entry', 'alignof', '_Alignof']);

/** @throws UserError with the column of a mistake. `isType` tells which names of the program are types. */
export function parse(text: string, isType: IsType = () => false): Expression {
  const prefixed = /^\s*\/([xdtuboacs])\s/.exec(text);
  const shifted = prefixed ? text.replace('/', ' ').replace(prefixed[1] as string, ' ') : text;
  const { root, radix, count } = new Parser(tokenize(shifted), isType).whole();
  return { root, count, radix: radix ?? (prefixed ? formatOf(prefixed[1] as string) : undefined) };
}

/** gdb's letters and ours: `t` is two, `u` decimal, `a` and `h` hexadecimal. */
function formatOf(letter: string): Radix | undefined {
  const other: Readonly<Record<string, Radix>> = { t: 'b', u: 'd', a: 'x', h: 'x' };
  return /^[xdbocs]$/.test(letter) ? (letter as Radix) : other[letter];
}

class Parser implements Words {
  readonly isType: IsType;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], isType: IsType) {
    this.#tokens = tokens;
    this.isType = isType;
  }

  whole(): Expression {
    if (this.peek().kind === 'end') throw mistake(0, 'The expression is empty');
    const root = this.#standsAlone() ? this.#type() : this.#expression(0);
    let radix: Radix | undefined;
    let count: Node | undefined;
    while (this.skip(',')) {
      const suffix = this.peek();
      const format = suffix.kind === 'name' ? formatOf(suffix.text) : undefined;
      if (format) {
        this.take();
        radix = format;
      } else if (suffix.kind === 'number' || this.#is('[')) {
        count = this.skip('[') ? this.#until(']') : this.#primary();
      } else {
        throw mistake(suffix.at, 'After "," a format is expected (x, d, b, o, c or s) or a number of elements');
      }
    }
    const rest = this.peek();
    if (rest.kind !== 'end') throw mistake(rest.at, `"${rest.text}" does not continue the expression`);
    return { root, radix, count };
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)] as Token;
  }

  take(): Token {
    const token = this.peek();
    this.#next += 1;
    return token;
  }

  skip(text: string): boolean {
    const found = this.#is(text);
    if (found) this.#next += 1;
    return found;
  }

  expect(text: string): void {
    const token = this.peek();
    if (!this.skip(text))
      throw mistake(token.at, `"${text}" is missing before ${token.text ? `"${token.text}"` : 'the end'}`);
  }

  #is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'operator' && token.text === text;
  }

  #until(close: string): Node {
    const inner = this.#expression(0);
    this.expect(close);
    return inner;
  }

  /** Whether the whole is a type: `struct page`, `pte_t *`, but not `u8[sp]`. A name alone is taken for a variable. */
  #standsAlone(): boolean {
    const start = this.#next;
    const own = this.peek().kind === 'name' && isOwnWord(this.peek().text);
    if (!own && !(this.#is('*', 1) && this.peek(2).kind === 'end' && beginsType(this))) return false;
    try {
      this.#type();
      return this.peek().kind === 'end' && this.#next > start;
    } catch {
      return false;
    } finally {
      this.#next = start;
    }
  }

  #type(): Node {
    const { at } = this.peek();
    return { kind: 'type', type: parseType(this, () => this.#operand()), at };
  }

  /** A type or an expression. */
  #operand(): Node {
    return beginsType(this) && !this.#is('[', 1) ? this.#type() : this.#expression(0);
  }

  /** An expression of operators that bind more tightly than `power`. */
  #expression(power: number): Node {
    if (++this.#depth > DEEPEST) throw mistake(this.peek().at, 'The expression is nested too deeply');
    let left = this.#prefix();
    for (;;) {
      const token = this.peek();
      const assigns = token.kind === 'operator' && /^(<<|>>|[-+*/%&|^])?=$/.test(token.text);
      const binding = assigns ? ASSIGN_POWER : token.kind === 'operator' ? (powers[token.text] ?? 0) : 0;
      if (binding <= power) break;
      this.#next += 1;
      left = assigns ? this.#assign(left, token) : this.#infix(left, token, binding);
    }
    this.#depth -= 1;
    return left;
  }

  #assign(left: Node, { at, text }: Token): Node {
    return { kind: 'assign', operator: text.slice(0, -1), left, right: this.#expression(0), at };
  }

  #infix(left: Node, { at, text }: Token, binding: number): Node {
    if (text === '?') {
      const then = this.#expression(ASSIGN_POWER);
      this.expect(':');
      return { kind: 'choice', test: left, then, otherwise: this.#expression(ASSIGN_POWER), at };
    }
    const right = this.#expression(binding);
    if (text === '@') return { kind: 'neighbours', first: left, count: right, at };
    return { kind: 'binary', operator: text, left, right, at };
  }

  #prefix(): Node {
    const { at, kind, text } = this.peek();
    if (kind === 'operator') {
      if (text === 'pa:' || text === 'va:') return this.#place();
      if (/^[-+~!*&]$|^&&$/.test(text)) return this.#unary();
      if (text === '(' && beginsType(this, 1)) {
        this.#next += 1;
        return this.#cast(')', at);
      }
      if (text === '{') {
        this.#next += 1;
        const cast = this.#cast('}', at);
        if (cast.kind !== 'cast') throw mistake(at, 'A type is expected in braces');
        const pointer = { ...cast.type, layers: [...cast.type.layers, '*' as const] };
        return { kind: 'unary', operator: '*', operand: { ...cast, type: pointer }, at };
      }
    }
    if (text === 'sizeof' && kind === 'name' && !this.#is('(', 1)) {
      this.#next += 1;
      return { kind: 'sizeof', operand: this.#expression(PREFIX_POWER), at };
    }
    return this.#postfix(this.#primary());
  }

  #unary(): Node {
    const { at, text } = this.take();
    if (text === '&&') throw mistake(at, 'A value is expected, not "&&"');
    return { kind: 'unary', operator: text, operand: this.#expression(PREFIX_POWER), at };
  }

  /** A cast, behind its `(`; a type read as in `(u8[sp])` is no cast. */
  #cast(close: string, at: number): Node {
    const start = this.#next;
    if (!isTypeof(this.peek().text) && this.#is('[', 1)) {
      const inner = this.#until(close);
      return this.#postfix(inner);
    }
    const type = parseType(this, () => this.#operand());
    if (!this.skip(close)) {
      // A variable that shares its name with a type.
      this.#next = start;
      return this.#postfix(this.#until(close));
    }
    return { kind: 'cast', type, operand: this.#expression(PREFIX_POWER), at };
  }

  #place(): Node {
    const { text, at } = this.take();
    const address = this.#postfix(this.#primary());
    if (text === 'pa:') return { kind: 'place', physical: true, address, at };
    if (!this.skip('@')) return { kind: 'place', physical: false, address, at };
    const root = this.#primary();
    const mode = this.peek(1).text;
    if (!this.#is(':') || !/^sv(32|39|48|57)$/i.test(mode))
      return { kind: 'place', physical: false, address, root, at };
    this.#next += 2;
    return { kind: 'place', physical: false, address, root, mode, at };
  }

  #primary(): Node {
    const token = this.take();
    const { at, kind, text } = token;
    if (kind === 'number') return numberNode(token);
    if (kind === 'string') {
      const quoted = quotedText(token);
      if (text.startsWith("'") && quoted.length === 1) return { kind: 'character', code: quoted.charCodeAt(0), at };
      return { kind: 'string', text: quoted, at };
    }
    if (kind === 'name') return this.#named(token);
    if (text === '(') return this.#until(')');
    if (text === '.' && this.peek().kind === 'name') return { kind: 'name', name: `.${this.take().text}`, at };
    throw mistake(at, kind === 'end' ? 'The expression ends too early' : `A value is expected, not "${text}"`);
  }

  #named({ text, at }: Token): Node {
    if (this.#is('[') && this.#next > 0) {
      this.#next -= 1;
      const typed = beginsType(this);
      this.#next += 1;
      if (typed) {
        this.#next += 1;
        const type = { name: text, layers: [], at };
        return { kind: 'read', type, address: this.#until(']'), at };
      }
    }
    if (!this.skip('(')) return { kind: 'name', name: text, at };
    const operands: Node[] = [];
    while (!this.#is(')')) {
      operands.push(takesTypes.has(text) ? this.#operand() : this.#expression(0));
      if (!this.skip(',')) break;
    }
    this.expect(')');
    if (text === 'sizeof' && operands[0]) return { kind: 'sizeof', operand: operands[0], at };
    return { kind: 'call', name: text, operands, at };
  }

  #postfix(base: Node): Node {
    let node = base;
    for (;;) {
      const { at } = this.peek();
      if (this.skip('[')) {
        node = { kind: 'element', base: node, index: this.#until(']'), at };
      } else if (this.#is('.') || this.#is('->')) {
        const arrow = this.take().text === '->';
        const name = this.take();
        if (name.kind !== 'name' && name.kind !== 'number') throw mistake(name.at, 'A member is expected');
        // `pair.0.1` has no floating-point number in it.
        for (const part of name.kind === 'number' ? name.text.split('.') : [name.text]) {
          node = { kind: 'member', base: node, name: part, arrow, at: name.at };
        }
      } else {
        return node;
      }
    }
  }
}

function numberNode(token: Token): Node {
  const { at, text } = token;
  if (!isFloating(token)) return { kind: 'number', literal: numberOf(token), at };
  const value = Number(text.replaceAll('_', '').replace(/[fl]$/i, ''));
  if (Number.isNaN(value)) throw mistake(at, `"${text}" is not a number`);
  return { kind: 'floating', value, single: /f$/i.test(text), at };
}
