// From text to a tree, by operator precedence as in C.

import { mistake, numberOf, type Token, tokenize } from './tokens.ts';
import { isScalar, type Scalar } from './value.ts';

export type Node = { readonly at: number } & (
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Node }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly kind: 'choice'; readonly test: Node; readonly then: Node; readonly otherwise: Node }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Node[] }
  | { readonly kind: 'cast'; readonly type: Scalar; readonly pointer: boolean; readonly operand: Node }
  /** `u32[address]`. */
  | { readonly kind: 'read'; readonly type: Scalar; readonly address: Node }
  /** `base[index]`. */
  | { readonly kind: 'element'; readonly base: Node; readonly index: Node }
  /** `pa:x`, `va:x`, `va:x@root:mode`. */
  | {
      readonly kind: 'place';
      readonly physical: boolean;
      readonly address: Node;
      readonly root?: Node;
      readonly mode?: string;
    }
);

/** How a value is to be written: hexadecimal, decimal, binary, octal. */
export type Radix = 'x' | 'd' | 'b' | 'o';

export interface Expression {
  readonly root: Node;
  /** From a suffix such as `,b`. */
  readonly radix: Radix | undefined;
}

const powers: Readonly<Record<string, number>> = {
  '?': 1,
  '||': 2,
  '&&': 3,
  '|': 4,
  '^': 5,
  '&': 6,
  '==': 7,
  '!=': 7,
  '<': 8,
  '<=': 8,
  '>': 8,
  '>=': 8,
  '<<': 9,
  '>>': 9,
  '+': 10,
  '-': 10,
  '*': 11,
  '/': 11,
  '%': 11,
};
const PREFIX_POWER = 12;
const DEEPEST = 200;

export function parse(text: string): Expression {
  return new Parser(tokenize(text)).whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    if (this.#peek().kind === 'end') throw mistake(0, 'The expression is empty');
    const root = this.#expression(0);
    let radix: Radix | undefined;
    if (this.#skip(',')) {
      const suffix = this.#take();
      if (!/^[xdbo]$/.test(suffix.text)) throw mistake(suffix.at, 'After "," a format is expected: x, d, b or o');
      radix = suffix.text as Radix;
    }
    const rest = this.#peek();
    if (rest.kind !== 'end') throw mistake(rest.at, `"${rest.text}" does not continue the expression`);
    return { root, radix };
  }

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #is(text: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token.kind === 'operator' && token.text === text;
  }

  #skip(text: string): boolean {
    const found = this.#is(text);
    if (found) this.#next += 1;
    return found;
  }

  #expect(text: string): void {
    const token = this.#peek();
    if (!this.#skip(text))
      throw mistake(token.at, `"${text}" is missing before ${token.text ? `"${token.text}"` : 'the end'}`);
  }

  /** An expression of operators that bind more tightly than `power`. */
  #expression(power: number): Node {
    if (++this.#depth > DEEPEST) throw mistake(this.#peek().at, 'The expression is nested too deeply');
    let left = this.#prefix();
    for (;;) {
      const token = this.#peek();
      const binding = token.kind === 'operator' ? (powers[token.text] ?? 0) : 0;
      if (binding <= power) break;
      this.#next += 1;
      left = token.text === '?' ? this.#choice(left, token.at) : this.#binary(left, token, binding);
    }
    this.#depth -= 1;
    return left;
  }

  #binary(left: Node, token: Token, binding: number): Node {
    return { kind: 'binary', operator: token.text, left, right: this.#expression(binding), at: token.at };
  }

  #choice(test: Node, at: number): Node {
    const then = this.#expression(0);
    this.#expect(':');
    return { kind: 'choice', test, then, otherwise: this.#expression(0), at };
  }

  #prefix(): Node {
    const token = this.#peek();
    const { at, text } = token;
    if (token.kind === 'operator') {
      if (text === 'pa:' || text === 'va:') return this.#place();
      if (/^[-+~!*&]$/.test(text)) {
        this.#next += 1;
        return { kind: 'unary', operator: text, operand: this.#expression(PREFIX_POWER), at };
      }
      const cast = this.#cast();
      if (cast) return cast;
    }
    return this.#postfix(this.#primary());
  }

  #cast(): Node | undefined {
    const type = this.#peek(1).text;
    if (!this.#is('(') || !isScalar(type)) return undefined;
    const pointer = this.#is('*', 2);
    if (!this.#is(')', pointer ? 3 : 2)) return undefined;
    const { at } = this.#peek();
    this.#next += pointer ? 4 : 3;
    return { kind: 'cast', type, pointer, operand: this.#expression(PREFIX_POWER), at };
  }

  #place(): Node {
    const { text, at } = this.#take();
    const address = this.#postfix(this.#primary());
    if (text === 'pa:') return { kind: 'place', physical: true, address, at };
    if (!this.#skip('@')) return { kind: 'place', physical: false, address, at };
    const root = this.#primary();
    const mode = this.#peek(1).text;
    if (!this.#is(':') || !/^sv(32|39|48|57)$/i.test(mode))
      return { kind: 'place', physical: false, address, root, at };
    this.#next += 2;
    return { kind: 'place', physical: false, address, root, mode, at };
  }

  #primary(): Node {
    const token = this.#take();
    const { at, text } = token;
    if (token.kind === 'number') return { kind: 'number', value: numberOf(token), at };
    if (token.kind === 'string') return { kind: 'string', text: text.slice(1, -1), at };
    if (token.kind === 'name') return this.#named(token);
    if (token.kind === 'operator' && text === '(') {
      const inner = this.#expression(0);
      this.#expect(')');
      return inner;
    }
    throw mistake(at, token.kind === 'end' ? 'The expression ends too early' : `A value is expected, not "${text}"`);
  }

  #named({ text, at }: Token): Node {
    if (isScalar(text) && this.#skip('[')) {
      const address = this.#expression(0);
      this.#expect(']');
      return { kind: 'read', type: text, address, at };
    }
    if (!this.#skip('(')) return { kind: 'name', name: text, at };
    const operands: Node[] = [];
    while (!this.#is(')')) {
      operands.push(this.#expression(0));
      if (!this.#skip(',')) break;
    }
    this.#expect(')');
    return { kind: 'call', name: text, operands, at };
  }

  #postfix(base: Node): Node {
    let node = base;
    for (;;) {
      const { at } = this.#peek();
      if (!this.#skip('[')) return node;
      const index = this.#expression(0);
      this.#expect(']');
      node = { kind: 'element', base: node, index, at };
    }
  }
}
