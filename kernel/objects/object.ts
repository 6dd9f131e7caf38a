// The kernel's own objects, read through its own types: `task.at('mm').follow().at('pgd').number()`. Nothing throws: what
// is not there, or cannot be read, is undefined.

import { littleEndian } from '../../emulator/mmu/regime.ts';
import { strip, type Type } from '../../symbols/index.ts';
import { elementOf, integerShape } from './c-types.ts';
import { memberNamed } from './members.ts';

/** A kernel as its debug information and its memory show it. */
export interface KernelProgram {
  readonly xlen: 32 | 64;
  /** A global or static of that name, at the address at which it runs. */
  variable(name: string): { readonly type: Type; readonly address: bigint } | undefined;
  /** `struct page`, `pte_t`. */
  type(name: string): Type | undefined;
  /** Where a symbol runs. */
  symbol(name: string): bigint | undefined;
  /** Memory of the kernel by virtual address; undefined where not all of it can be read. */
  read(address: bigint, size: number): Uint8Array | undefined;
}

export class KernelObject {
  readonly program: KernelProgram;
  readonly type: Type;
  readonly address: bigint;
  readonly #bits: { readonly shift: number; readonly size: number } | undefined;

  constructor(
    program: KernelProgram,
    type: Type,
    address: bigint,
    bits?: { readonly shift: number; readonly size: number },
  ) {
    this.program = program;
    this.type = type;
    this.address = BigInt.asUintN(program.xlen, address);
    this.#bits = bits;
  }

  /** A variable of the kernel. */
  static named(program: KernelProgram, name: string): KernelObject | undefined {
    const variable = program.variable(name);
    return variable && new KernelObject(program, variable.type, variable.address);
  }

  /** A member, or one of a member: `thread.sp`; undefined where this kernel has none of that name. */
  at(path: string): KernelObject | undefined {
    let object: KernelObject | undefined = this;
    for (const name of path.split('.')) object = object && memberOf(object, name);
    return object;
  }

  /** An array's element, or what is that many elements behind a pointer's target. */
  element(index: number): KernelObject | undefined {
    const bare = strip(this.type);
    if (bare.kind === 'pointer') return this.follow()?.neighbour(index);
    if (bare.kind !== 'array') return undefined;
    const element = elementOf(bare);
    return new KernelObject(this.program, element, this.address + BigInt(index) * BigInt(element.size ?? 0));
  }

  /** The object of the same type `index` places on. */
  neighbour(index: number): KernelObject {
    const size = BigInt(strip(this.type).size ?? 0);
    return new KernelObject(this.program, this.type, this.address + BigInt(index) * size);
  }

  /** What the pointer points to; undefined for NULL. */
  follow(): KernelObject | undefined {
    const bare = strip(this.type);
    const address = this.number();
    if (bare.kind !== 'pointer' || !address) return undefined;
    return new KernelObject(this.program, bare.target, address);
  }

  /** The object that this one is a member of. */
  containedIn(type: Type, member: string): KernelObject | undefined {
    const found = memberNamed(type, member);
    return found && new KernelObject(this.program, type, this.address - BigInt(found.offset));
  }

  /** A number or pointer; negative where its type is signed. */
  number(): bigint | undefined {
    const shape = integerShape(this.type) ?? this.#wrapped();
    if (!shape || shape.size > 8) return undefined;
    const field = this.#bits;
    const bytes = this.program.read(this.address, field ? Math.ceil((field.shift + field.size) / 8) : shape.size);
    if (!bytes) return undefined;
    const raw = littleEndian(bytes);
    const width = field?.size ?? shape.size * 8;
    const cut = BigInt.asUintN(width, field ? raw >> BigInt(field.shift) : raw);
    return shape.signed ? BigInt.asIntN(width, cut) : cut;
  }

  /** A struct that wraps one number, as `pgd_t` does. */
  #wrapped(): { readonly size: number; readonly signed: boolean } | undefined {
    const { size } = strip(this.type);
    return size === 4 || size === 8 ? { size, signed: false } : undefined;
  }

  /** The letters up to the first zero, of an array of char or behind a pointer. */
  text(most = 64): string | undefined {
    const bare = strip(this.type);
    const size = bare.kind === 'array' ? Math.min(bare.size ?? 0, most) : most;
    const address = bare.kind === 'array' ? this.address : this.number();
    if (!address) return undefined;
    let letters = '';
    for (let at = 0; at < size; at += 1) {
      const code = this.program.read(address + BigInt(at), 1)?.[0];
      if (code === undefined) return at ? letters : undefined;
      if (code === 0) break;
      letters += String.fromCharCode(code);
    }
    return letters;
  }
}

function memberOf({ program, type, address }: KernelObject, name: string): KernelObject | undefined {
  const member = memberNamed(type, name);
  return member && new KernelObject(program, member.type, address + BigInt(member.offset), member.bits);
}
