// What an expression can see.

import type { PhysAddr, VirtAddr } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import type { Located, Type, Variable } from '../../symbols/index.ts';
import type { Editor, PartsReader } from './parts.ts';
import type { Location, Value } from './value.ts';

/** The symbols of the debugged program. */
export interface Names {
  /** The symbol that holds `address`: a link address, or a load address before paging. */
  symbolAt(address: VirtAddr): { readonly name: string; readonly offset: bigint } | undefined;
  /** A symbol's link address. */
  valueOf(name: string): bigint | undefined;
  /** Names that begin with `prefix`, at most `limit`. */
  complete(prefix: string, limit: number): readonly string[];
  /** Where the byte with this link address has been loaded. */
  loadAddress(link: VirtAddr): PhysAddr | undefined;
}

/** A variable as the selected frame sees it. */
export interface Seen {
  readonly variable: Variable;
  readonly located: Located;
}

/** What debug information tells a frame. */
export interface Program extends PartsReader {
  /** The innermost local variable or parameter of that name, or a static of the function. */
  local(name: string): Seen | undefined;
  /** A static of the frame's file, else a global of that name. */
  global(name: string): Seen | undefined;
  /** `page` for typedefs and base types, `struct page`. */
  type(name: string): Type | undefined;
  enumerator(name: string): { readonly value: bigint; readonly type: Type } | undefined;
  /** The type of a function. */
  functionType(name: string): Type | undefined;
  /** Names of locals and arguments in sight. */
  localNames(): readonly string[];
  /** Names of the types that the frame's code sees, such as `struct page` and `pte_t`. */
  typeNames(): readonly string[];
}

/** An operand of a kernel's function: not read before it is wanted. */
export interface Operand {
  /** As a number. @throws UserError where it is none. */
  value(): Value;
  /** Where it is; undefined for what is computed. */
  location(): Location | undefined;
  /** Of a string literal. */
  readonly text?: string;
}

/** A function that a kernel's own meaning adds, such as `__pa`. */
export interface KernelFunction {
  readonly signature: string;
  readonly text: string;
  readonly arity: readonly [least: number, most: number];
  call(operands: readonly Operand[], scope: Scope, at: number): Value;
}

/** What the running kernel adds by its own meaning. */
export interface KernelScope {
  readonly functions: Readonly<Record<string, KernelFunction>>;
  /** Of a word that is no variable, such as `current`. */
  value(name: string, scope: Scope): Value | undefined;
  /** What a value of a type means, such as a page-table entry's; undefined for a value that is just what it is. */
  meaning(value: Value, scope: Scope): string | undefined;
  /** The page-table root that a name stands for, as in `va:0x1000@init`. */
  root(name: string): bigint | undefined;
}

export interface Scope {
  readonly machine: Inspection;
  readonly hart: HartView;
  readonly symbols: Names;
  /** Event variables by their names without `$`: `old`, `new`, `mode`, `root`, `asid`, `cause`, … */
  readonly events?: Readonly<Record<string, bigint>>;
  /** Absent = no debug information. */
  readonly program?: Program;
  readonly kernel?: KernelScope;
  /** Carries out an assignment; absent where expressions only ask. */
  readonly assign?: (location: Location, value: Value) => Value;
  /** What assignments need. */
  readonly editor?: Editor;
}
