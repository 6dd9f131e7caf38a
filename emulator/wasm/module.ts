// Puts functions together into a WebAssembly module.

import { Bytes, unsignedLeb } from './bytes.ts';
import { type Code, call, callIndirect, type I32, type Local, local, typeByte, type ValueType } from './code.ts';

/** A function of the module. */
export interface FunctionHandle<T extends ValueType | 'void'> {
  call(...args: Code<ValueType>[]): Code<T>;
}

/** Makes a function's body from its parameters and fresh locals. */
type Build<T extends ValueType | 'void', P extends ValueType[]> = (
  params: { [K in keyof P]: Local<P[K]> },
  locals: Locals,
) => Code<T>;

/** A function that others may call before it has a body. */
export interface Declared<T extends ValueType | 'void', P extends ValueType[]> extends FunctionHandle<T> {
  define(build: Build<T, P>): void;
}

interface Signature {
  readonly params: readonly ValueType[];
  readonly result: ValueType | 'void';
}

interface Defined extends Signature {
  readonly name: string;
  readonly locals: ValueType[];
  /** Code of the body, without its end. */
  readonly code: Bytes;
}

/** Gives out the locals of one function. */
export class Locals {
  private readonly declared: Defined;
  private readonly known: { readonly i64: Local<'i64'>[]; readonly f64: Local<'f64'>[] } = { i64: [], f64: [] };
  constructor(declared: Defined) {
    this.declared = declared;
  }
  fresh<T extends ValueType>(type: T): Local<T> {
    this.declared.locals.push(type);
    return local(type, this.declared.params.length + this.declared.locals.length - 1);
  }
  /** The same local each time, for values that are needed only for a moment. */
  numbered<T extends 'i64' | 'f64'>(type: T, index: number): Local<T> {
    const known = this.known[type][index] ?? this.fresh(type);
    this.known[type][index] = known as never;
    return known as Local<T>;
  }
}

/** Of 64 KiB, in a linear memory: a module goes with any. */
const MOST_PAGES = 65536;

export class ModuleBuilder {
  private readonly imports: (Signature & { readonly name: string })[] = [];
  private readonly functions: Defined[] = [];
  /** Of indirect calls; theirs are the first types. */
  private readonly signatures: Signature[] = [];
  private tableSize: number | undefined;

  /** Declares `env.<name>`. All imports come before the first function. */
  import<T extends ValueType | 'void'>(name: string, params: ValueType[], result: T): FunctionHandle<T> {
    if (this.functions.length) throw new Error('imports come first');
    const index = this.imports.push({ name, params, result }) - 1;
    return { call: (...args) => call(result, index, ...args) };
  }

  /** Declares the import of `env.table`, of at least `size` functions. */
  importTable(size: number): void {
    this.tableSize = size;
  }

  /** A call of a function in the table, by its index there. */
  indirect<T extends ValueType | 'void'>(
    params: readonly ValueType[],
    result: T,
  ): (index: I32, ...args: Code<ValueType>[]) => Code<T> {
    const type = this.signatures.push({ params, result }) - 1;
    return (index, ...args) => callIndirect(result, type, index, args);
  }

  /** Declares an exported function. */
  declare<T extends ValueType | 'void', P extends ValueType[]>(
    name: string,
    params: [...P],
    result: T,
  ): Declared<T, P> {
    const defined: Defined = { name, params, result, locals: [], code: new Bytes() };
    const index = this.imports.length + this.functions.push(defined) - 1;
    return {
      call: (...args) => call(result, index, ...args),
      define: (build) => {
        const parameters = params.map((type, at) => local(type, at)) as unknown as { [K in keyof P]: Local<P[K]> };
        // Written at once, so that its expressions need not be kept.
        build(parameters, new Locals(defined)).emit({ out: defined.code, labels: [] });
      },
    };
  }

  /** Declares and defines an exported function. */
  function<T extends ValueType | 'void', P extends ValueType[]>(
    name: string,
    params: [...P],
    result: T,
    build: Build<T, P>,
  ): FunctionHandle<T> {
    const declared = this.declare(name, params, result);
    declared.define(build);
    return declared;
  }

  /** The module: imports `env.memory` and the declared functions, exports every defined one. */
  bytes(): Uint8Array<ArrayBuffer> {
    const out = new Bytes();
    out.push(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
    const all: Signature[] = [...this.signatures, ...this.imports, ...this.functions];
    const firstImport = this.signatures.length;
    const firstFunction = firstImport + this.imports.length;
    section(out, 1, all, (entry, body) => {
      body.push(0x60);
      vector(body, entry.params, (type) => body.push(typeByte[type]));
      vector(body, entry.result === 'void' ? [] : [entry.result], (type) => body.push(typeByte[type]));
    });
    const memory = { name: 'memory' };
    const table = { name: 'table' };
    const tables = this.tableSize === undefined ? [] : [table];
    section(out, 2, [memory, ...tables, ...this.imports], (entry, body, index) => {
      text(body, 'env');
      text(body, entry.name);
      if (entry === memory) {
        body.push(0x02, 0x01);
        unsignedLeb(1, body);
        unsignedLeb(MOST_PAGES, body);
      } else if (entry === table) {
        body.push(0x01, 0x70, 0x00);
        unsignedLeb(this.tableSize ?? 0, body);
      } else {
        body.push(0x00);
        unsignedLeb(firstImport + index - 1 - tables.length, body);
      }
    });
    section(out, 3, this.functions, (_, body, index) => unsignedLeb(firstFunction + index, body));
    section(out, 7, this.functions, (entry, body, index) => {
      text(body, entry.name);
      body.push(0x00);
      unsignedLeb(this.imports.length + index, body);
    });
    section(out, 10, this.functions, (entry, body) => {
      const content = new Bytes();
      vector(content, entry.locals, (type) => content.push(1, typeByte[type]));
      content.append(entry.code);
      content.push(0x0b);
      unsignedLeb(content.length, body);
      body.append(content);
    });
    return out.take();
  }
}

function vector<E>(out: Bytes, entries: readonly E[], write: (entry: E, index: number) => void): void {
  unsignedLeb(entries.length, out);
  entries.forEach(write);
}

function section<E>(
  out: Bytes,
  id: number,
  entries: readonly E[],
  write: (entry: E, body: Bytes, index: number) => void,
): void {
  const body = new Bytes();
  vector(body, entries, (entry, index) => write(entry, body, index));
  out.push(id);
  unsignedLeb(body.length, out);
  out.append(body);
}

function text(out: Bytes, value: string): void {
  unsignedLeb(value.length, out);
  for (const character of value) out.push(character.charCodeAt(0));
}
