// What debug information says beyond lines: functions with their copies, variables, types, the way to the caller.
// Everything is read when it is asked for; what is damaged is noted in the file's problems and left out.

import type { VirtAddr } from '../emulator/address.ts';
import type { Frame, Unwound } from './frame.ts';
import type { CompilationUnit, FunctionCopy, FunctionScope, SourceFunction, Variable } from './program.ts';
import type { Type } from './types.ts';

export interface DebugInfo {
  /** Whether there is any: without it every answer is empty. */
  readonly present: boolean;
  /** Every compilation unit, in the file's order. */
  units(): readonly CompilationUnit[];
  /** The unit whose code is at an address. */
  unitAt(va: VirtAddr): CompilationUnit | undefined;
  /** The functions that an address lies in: inlined copies, innermost first, then the function that has the code. */
  scopesAt(va: VirtAddr): readonly FunctionScope[];
  /** Functions of that name, defined ones first; a Rust or C++ function also by the last part of its path, or linkage name. */
  functionsNamed(name: string): readonly SourceFunction[];
  /** Every copy of the functions of that name, ascending by entry: what a breakpoint on a function binds to. */
  copiesOf(name: string): readonly FunctionCopy[];
  /** The entries of those copies that were inlined, ascending. */
  inlinedAt(name: string): readonly VirtAddr[];
  /** Whether copies of that name may be in units that are not indexed yet, so that `copiesOf` and `inlinedAt` would index them first. */
  mayHaveMoreCopies(name: string): boolean;
  /** Whether all names are indexed: until then questions about names that are far away, or nowhere, go on with it. */
  readonly indexed: boolean;
  /** Indexes so many more bytes of debug information; whether all are indexed then. */
  index(bytes: number): boolean;
  /**
   * Globals and file-scope statics of that name that have an address or a value, globals first. With `near`, a static of
   * the unit at that address comes first. What is only declared, since assembly or the linker defines it, is where its
   * symbol is.
   */
  variablesNamed(name: string, near?: VirtAddr): readonly Variable[];
  /**
   * The globals and statics that the unit whose code is at an address defines outside of its functions, in the source's
   * order: first those of the file itself, then those of the files that it includes.
   */
  variablesAt(va: VirtAddr): readonly Variable[];
  /**
   * The type of that name, alone or none: `struct page`, `union x`, `enum y`, `class z`, or a plain name for typedefs,
   * base types (`unsigned long`, in any order that C allows) and Rust's and C++'s own types. With `near` it is
   * the one that the unit of the code at that address sees. Of types that share a name the first definition in the file's
   * order counts, then one inside of a function, then a declaration.
   */
  typesNamed(name: string, near?: VirtAddr): readonly Type[];
  /** Names of the types of the unit whose code is at an address, as typesNamed takes them; in the alphabet's order. */
  typeNamesAt(va: VirtAddr): readonly string[];
  /** The value of an enumerator of that name, as seen from `near`. */
  enumeratorNamed(name: string, near?: VirtAddr): { readonly value: bigint; readonly type: Type } | undefined;
  /**
   * Return addresses of functions that have jumped on, between a call, by the address behind it, and the function that has
   * the code at `inside`: innermost first. Only those that must have been there are told.
   */
  tailCalls(returnAddress: VirtAddr, inside: VirtAddr): readonly VirtAddr[];
  /** The canonical frame address of a frame by .debug_frame or .eh_frame; undefined where they do not tell. */
  cfaOf(frame: Omit<Frame, 'cfa'>): bigint | undefined;
  /** The caller of a frame by .debug_frame or .eh_frame; undefined where they know nothing of its code or it cannot be read. */
  unwind(frame: Omit<Frame, 'cfa'>): Unwound | undefined;
}

/** Of a file without debug information. */
export const noDebugInfo: DebugInfo = {
  present: false,
  units: () => [],
  unitAt: () => undefined,
  scopesAt: () => [],
  functionsNamed: () => [],
  copiesOf: () => [],
  inlinedAt: () => [],
  mayHaveMoreCopies: () => false,
  indexed: true,
  index: () => true,
  variablesNamed: () => [],
  variablesAt: () => [],
  typesNamed: () => [],
  typeNamesAt: () => [],
  enumeratorNamed: () => undefined,
  tailCalls: () => [],
  cfaOf: () => undefined,
  unwind: () => undefined,
};
