// The types of a program as its debug information tells them: a graph of objects that read on when they are asked.
//
// A type is the same object whenever the same entry is met, so that `===` and Maps work within one file. Whatever is
// damaged or missing reads as the void type, an undefined size or an empty list, and is noted in the file's problems.

/** What every type has. */
interface TypeCommon {
  /** As the source names it, with Rust's and C++'s path (`core::fmt::Arguments`); undefined where it has no name. */
  readonly name: string | undefined;
  /** In bytes; undefined where the program does not say (void, functions, declarations, flexible arrays). */
  readonly size: number | undefined;
  /** The source language it was written in. */
  readonly language: Language;
  /** Where it was declared. */
  readonly declared: DeclaredAt | undefined;
}

export type Language = 'c' | 'c++' | 'rust' | 'assembly' | 'other';

/** A place in a source file that a declaration names. */
export interface DeclaredAt {
  /** Tidied like the paths of lines; see SourceLine. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; 0 = not told. */
  readonly column: number;
}

export type Type =
  | VoidType
  | BaseType
  | PointerType
  | QualifiedType
  | TypedefType
  | StructType
  | ArrayType
  | EnumType
  | FunctionType;

/** No value: what `void *` points to, and what stands for a type that cannot be read. `name` is 'void', Rust's `()` or `!`. */
export interface VoidType extends TypeCommon {
  readonly kind: 'void';
}

export type Encoding =
  | 'signed'
  | 'unsigned'
  | 'boolean'
  /** `char` where the compiler says that it is signed or unsigned; UTF is `char32_t` or Rust's `char`. */
  | 'signed-char'
  | 'unsigned-char'
  | 'utf'
  | 'float'
  | 'complex'
  | 'address'
  | 'other';

/** A type that is built into the language. */
export interface BaseType extends TypeCommon {
  readonly kind: 'base';
  readonly encoding: Encoding;
}

/** A pointer; `reference` is C++'s `&`, `rvalue-reference` its `&&`. Rust's references are pointers with a name (`&str` is a struct). */
export interface PointerType extends TypeCommon {
  readonly kind: 'pointer';
  readonly style: 'pointer' | 'reference' | 'rvalue-reference';
  readonly target: Type;
}

export type Qualifier = 'const' | 'volatile' | 'restrict' | 'atomic';

/** `const T` and the like. */
export interface QualifiedType extends TypeCommon {
  readonly kind: 'qualified';
  readonly qualifier: Qualifier;
  readonly target: Type;
}

export interface TypedefType extends TypeCommon {
  readonly kind: 'typedef';
  readonly target: Type;
}

/** A struct, union or class. Of a declaration the definition's members, wherever in the file that is. */
export interface StructType extends TypeCommon {
  readonly kind: 'struct' | 'union' | 'class';
  /** Only declared: no definition in this file. */
  readonly incomplete: boolean;
  /** In the source's order; inherited parts are members with `inherited`. Static members of C++ are not among them. */
  readonly members: readonly Member[];
  /** Rust's enums: what the value is depends on the discriminant. */
  readonly variants: VariantPart | undefined;
}

export interface Member {
  /** Undefined: an anonymous struct or union, whose members count as the outer one's own. */
  readonly name: string | undefined;
  readonly type: Type;
  /** Bytes from the start of the struct to the value; of a bit-field to the byte with its lowest bit. */
  readonly offset: number;
  /** A bit-field: `size` bits from bit `shift` (0 to 7) of the byte at `offset` on, counted from the least significant. */
  readonly bits: { readonly shift: number; readonly size: number } | undefined;
  /** A base class of C++. */
  readonly inherited: boolean;
  readonly declared: DeclaredAt | undefined;
}

export interface VariantPart {
  /** The member that tells which variant it is; undefined where there is only one. */
  readonly discriminant: Member | undefined;
  readonly variants: readonly Variant[];
}

export interface Variant {
  /** Values (inclusive ranges) of the discriminant, as unsigned numbers of its size; empty = when no other one fits. */
  readonly values: readonly { readonly low: bigint; readonly high: bigint }[];
  /** Mostly one: a struct named like the variant. */
  readonly members: readonly Member[];
}

/** An array; `int a[2][3]` is one with two dimensions. */
export interface ArrayType extends TypeCommon {
  readonly kind: 'array';
  readonly element: Type;
  /** Numbers of elements, outermost first; undefined = not told, as in a flexible array member `char data[]`. */
  readonly dimensions: readonly (number | undefined)[];
  /** A vector register's value (GNU vector). */
  readonly vector: boolean;
}

export interface EnumType extends TypeCommon {
  readonly kind: 'enum';
  /** The integer that it is stored as, where the program says so. */
  readonly underlying: Type | undefined;
  readonly signed: boolean;
  readonly enumerators: readonly Enumerator[];
  readonly incomplete: boolean;
}

export interface Enumerator {
  readonly name: string;
  readonly value: bigint;
}

export interface FunctionType extends TypeCommon {
  readonly kind: 'function';
  readonly result: Type;
  readonly parameters: readonly Parameter[];
  /** Ends with `...`. */
  readonly variadic: boolean;
  /** False for C's `int f()`, which says nothing of its parameters. */
  readonly prototyped: boolean;
}

export interface Parameter {
  readonly name: string | undefined;
  readonly type: Type;
}
