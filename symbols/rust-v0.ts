// Rust's v0 mangling (RFC 2603, "Syntax of mangled names"): a grammar that is read and written out at once.

import { fromPunycode } from './punycode.ts';

/** Back references may repeat what they refer to again and again: no name is longer, and nothing is nested deeper. */
const [longest, deepest, mostSteps] = [4096, 128, 20_000];

const basicTypes: Readonly<Record<string, string>> = {
  a: 'i8',
  b: 'bool',
  c: 'char',
  d: 'f64',
  e: 'str',
  f: 'f32',
  h: 'u8',
  i: 'isize',
  j: 'usize',
  l: 'i32',
  m: 'u32',
  n: 'i128',
  o: 'u128',
  p: '_',
  s: 'i16',
  t: 'u16',
  u: '()',
  v: '...',
  x: 'i64',
  y: 'u64',
  z: '!',
};

class Malformed extends Error {}

export class Demangler {
  readonly #text: string;
  #at = 0;
  #out = '';
  #depth = 0;
  #steps = 0;
  /** Lifetimes that are bound by the `for<…>` around. */
  #bound = 0;

  /** `text` is the symbol behind its `_R`. */
  constructor(text: string) {
    this.#text = text;
  }

  /** Undefined where the text does not follow the grammar, or is longer than names are. */
  name(): string | undefined {
    try {
      this.#path(true);
      // Behind it may be the crate that instantiated it, and what LLVM and linkers add.
      const rest = this.#text.slice(this.#at);
      return rest === '' || /^[A-Z.$]/.test(rest) ? this.#out : undefined;
    } catch (error) {
      if (error instanceof Malformed) return undefined;
      throw error;
    }
  }

  #next(): string {
    const letter = this.#text[this.#at++];
    if (letter === undefined) throw new Malformed();
    return letter;
  }

  #eat(letter: string): boolean {
    if (this.#text[this.#at] !== letter) return false;
    this.#at++;
    return true;
  }

  #write(text: string): void {
    this.#out += text;
    if (this.#out.length > longest) throw new Malformed();
  }

  /** Does what is one level deeper. */
  #nested(work: () => void): void {
    if (++this.#depth > deepest || ++this.#steps > mostSteps) throw new Malformed();
    work();
    this.#depth--;
  }

  /** Reads without writing: what nobody needs to see. */
  #silently(work: () => void): void {
    const { length } = this.#out;
    work();
    this.#out = this.#out.slice(0, length);
  }

  /** `_` is 0, `0_` is 1. */
  #base62(): number {
    let value = 0;
    if (this.#eat('_')) return 0;
    for (let letter = this.#next(); letter !== '_'; letter = this.#next()) {
      const digit = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.indexOf(letter);
      value = value * 62 + digit;
      // A crate's disambiguator has 64 bits, of which nobody asks for the lowest.
      if (digit < 0 || value > 2 ** 66) throw new Malformed();
    }
    return value + 1;
  }

  #disambiguator(): number {
    return this.#eat('s') ? this.#base62() + 1 : 0;
  }

  #identifier(): { name: string; disambiguator: number } {
    const disambiguator = this.#disambiguator();
    return { name: this.#plainIdentifier(), disambiguator };
  }

  #plainIdentifier(): string {
    const encoded = this.#eat('u');
    const [digits] = /^(0|[1-9]\d{0,4})/.exec(this.#text.slice(this.#at, this.#at + 5)) ?? [];
    if (!digits) throw new Malformed();
    this.#at += digits.length;
    this.#eat('_');
    const end = this.#at + Number(digits);
    if (end > this.#text.length) throw new Malformed();
    const text = this.#text.slice(this.#at, end);
    this.#at = end;
    const name = encoded ? fromPunycode(text) : text;
    if (name === undefined) throw new Malformed();
    return name;
  }

  /** Goes back to where a `B` leads: always before itself. */
  #back(work: () => void): void {
    const from = this.#at - 1;
    const to = this.#base62();
    if (to >= from) throw new Malformed();
    const after = this.#at;
    this.#at = to;
    this.#nested(work);
    this.#at = after;
  }

  /** In a value generic arguments have `::` before them. */
  #path(value: boolean): void {
    this.#nested(() => {
      switch (this.#next()) {
        case 'C':
          return this.#write(this.#identifier().name);
        case 'M':
          this.#implementation();
          return this.#between('<', '>', () => this.#type());
        case 'X':
          this.#implementation();
          return this.#qualified();
        case 'Y':
          return this.#qualified();
        case 'N':
          return this.#inner(value);
        case 'I':
          this.#path(value);
          return this.#between(value ? '::<' : '<', '>', () => this.#list(() => this.#genericArgument()));
        case 'B':
          return this.#back(() => this.#path(value));
      }
      throw new Malformed();
    });
  }

  #inner(value: boolean): void {
    const space = this.#next();
    this.#path(value);
    const { name, disambiguator } = this.#identifier();
    if (/[A-Z]/.test(space)) {
      const kind = space === 'C' ? 'closure' : space === 'S' ? 'shim' : space;
      this.#write(`::{${kind}${name === '' ? '' : `:${name}`}#${disambiguator}}`);
    } else if (/[a-z]/.test(space)) {
      if (name !== '') this.#write(`::${name}`);
    } else throw new Malformed();
  }

  /** Where an `impl` is: what it is of says more. */
  #implementation(): void {
    this.#silently(() => {
      this.#disambiguator();
      this.#path(false);
    });
  }

  #qualified(): void {
    this.#between('<', '>', () => {
      this.#type();
      this.#write(' as ');
      this.#path(false);
    });
  }

  #between(before: string, after: string, work: () => void): void {
    this.#write(before);
    work();
    this.#write(after);
  }

  /** Up to an `E`; tells how many. */
  #list(work: () => void, separator = ', '): number {
    let count = 0;
    for (; !this.#eat('E'); count++) {
      if (++this.#steps > mostSteps) throw new Malformed();
      if (count > 0) this.#write(separator);
      work();
    }
    return count;
  }

  #genericArgument(): void {
    if (this.#eat('L')) this.#lifetime(this.#base62());
    else if (this.#eat('K')) this.#constant();
    else this.#type();
  }

  /** By how many binders lie between: 1 is the innermost; 0 is erased. */
  #lifetime(index: number): void {
    if (index > this.#bound) throw new Malformed();
    const depth = this.#bound - index;
    if (index === 0) this.#write("'_");
    else this.#write(depth < 26 ? `'${String.fromCharCode(0x61 + depth)}` : `'_${depth}`);
  }

  #binder(work: () => void): void {
    const count = this.#eat('G') ? this.#base62() + 1 : 0;
    if (count > deepest) throw new Malformed();
    const before = this.#bound;
    for (let i = 0; i < count; i++) {
      this.#bound++;
      this.#write(i === 0 ? 'for<' : ', ');
      this.#lifetime(1);
    }
    if (count > 0) this.#write('> ');
    work();
    this.#bound = before;
  }

  #type(): void {
    this.#nested(() => {
      const letter = this.#next();
      const basic = basicTypes[letter];
      if (basic !== undefined) return this.#write(basic);
      switch (letter) {
        case 'A':
          return this.#between('[', ']', () => {
            this.#type();
            this.#write('; ');
            this.#constant();
          });
        case 'S':
          return this.#between('[', ']', () => this.#type());
        case 'T':
          return this.#between('(', ')', () => {
            if (this.#list(() => this.#type()) === 1) this.#write(',');
          });
        case 'R':
        case 'Q':
          return this.#reference(letter === 'R' ? '' : 'mut ');
        case 'P':
        case 'O':
          this.#write(letter === 'P' ? '*const ' : '*mut ');
          return this.#type();
        case 'F':
          return this.#binder(() => this.#functionType());
        case 'D':
          return this.#traits();
        case 'B':
          return this.#back(() => this.#type());
      }
      this.#at--;
      this.#path(false);
    });
  }

  #reference(mutable: string): void {
    this.#write('&');
    const lifetime = this.#eat('L') ? this.#base62() : 0;
    if (lifetime > 0) {
      this.#lifetime(lifetime);
      this.#write(' ');
    }
    this.#write(mutable);
    this.#type();
  }

  #functionType(): void {
    if (this.#eat('U')) this.#write('unsafe ');
    if (this.#eat('K')) {
      const abi = this.#eat('C') ? 'C' : this.#plainIdentifier().replaceAll('_', '-');
      this.#write(`extern "${abi}" `);
    }
    this.#between('fn(', ')', () => this.#list(() => this.#type()));
    if (this.#eat('u')) return;
    this.#write(' -> ');
    this.#type();
  }

  #traits(): void {
    this.#write('dyn ');
    this.#binder(() => this.#list(() => this.#trait(), ' + '));
    if (!this.#eat('L')) throw new Malformed();
    const lifetime = this.#base62();
    if (lifetime === 0) return;
    this.#write(' + ');
    this.#lifetime(lifetime);
  }

  /** With the types that it binds: `Iterator<Item = u8>`. */
  #trait(): void {
    this.#path(false);
    while (this.#eat('p')) {
      const isOpen = this.#out.endsWith('>');
      if (isOpen) this.#out = this.#out.slice(0, -1);
      this.#write(`${isOpen ? ', ' : '<'}${this.#plainIdentifier()} = `);
      this.#type();
      this.#write('>');
    }
  }

  #constant(): void {
    this.#nested(() => {
      if (this.#eat('B')) return this.#back(() => this.#constant());
      const type = this.#next();
      if (type === 'p') return this.#write('_');
      const [sign, digits] = [this.#eat('n') ? '-' : '', this.#hex()];
      const value = BigInt(`0x${digits}`);
      if (type === 'b' && value < 2n) return this.#write(value === 1n ? 'true' : 'false');
      if (type === 'c' && value <= 0x10ffffn) return this.#write(`'${String.fromCodePoint(Number(value))}'`);
      if (!/[ahijlmnostxy]/.test(type)) throw new Malformed();
      this.#write(`${sign}${value}`);
    });
  }

  #hex(): string {
    const [whole, digits = ''] = /^([0-9a-f]{0,32})_/.exec(this.#text.slice(this.#at, this.#at + 33)) ?? [];
    if (whole === undefined) throw new Malformed();
    this.#at += whole.length;
    return digits || '0';
  }
}
