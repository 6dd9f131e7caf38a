// What a program consists of as its debug information tells it: compilation units, functions and their copies, blocks,
// variables. All addresses are link addresses.

import type { VirtAddr } from '../emulator/address.ts';
import type { Frame, Located } from './frame.ts';
import type { DeclaredAt, FunctionType, Language, Type } from './types.ts';

/** Code from `start` up to, not including, `end`. */
export interface CodeRange {
  readonly start: VirtAddr;
  readonly end: VirtAddr;
}

/** What one run of the compiler made. */
export interface CompilationUnit {
  /** The source file, tidied like the paths of lines. */
  readonly name: string;
  /** Where the compiler ran (DW_AT_comp_dir), or empty. */
  readonly directory: string;
  readonly producer: string;
  readonly language: Language;
  /** 2 to 5. */
  readonly dwarfVersion: number;
}

/** A function of the source. The same object whenever the same function of the same unit is met. */
export interface SourceFunction {
  /** With Rust's and C++'s path: `core::fmt::write`. */
  readonly name: string;
  /** The symbol that the linker sees where it differs from `name` (mangled); undefined where it is the same. */
  readonly linkageName: string | undefined;
  readonly type: FunctionType;
  readonly declared: DeclaredAt | undefined;
  /** Seen by other units: not `static`. */
  readonly external: boolean;
  readonly unit: CompilationUnit;
}

/** Code of a function: its own, or a copy that was inlined into another one. */
export interface FunctionCopy {
  readonly function: SourceFunction;
  readonly inlined: boolean;
  /** Where it is entered; of an inlined copy the first statement. */
  readonly entry: VirtAddr;
  /** Where a breakpoint goes: behind patchable padding and the prologue; `entry` of an inlined copy. */
  readonly body: VirtAddr;
  /** Ascending; more than one where the compiler moved parts away (`.text.unlikely`). */
  readonly ranges: readonly CodeRange[];
  /** Of an inlined copy: where the outer function calls it. */
  readonly call: DeclaredAt | undefined;
}

/** A function's copy around an address, with the blocks around it. */
export interface FunctionScope extends FunctionCopy {
  /** Innermost first; the last is the function's own, with its parameters. */
  readonly blocks: readonly Block[];
  /** DW_AT_frame_base, from which locals count; undefined where it does not matter. */
  frameBase(frame: Frame): Located | undefined;
}

export interface Block {
  readonly ranges: readonly CodeRange[];
  /** In the source's order; parameters come first. */
  readonly variables: readonly Variable[];
}

/** A variable or parameter. */
export interface Variable {
  readonly name: string;
  readonly kind: 'parameter' | 'local' | 'static' | 'global';
  readonly type: Type;
  readonly declared: DeclaredAt | undefined;
  /** Made by the compiler, such as C++'s `this`. */
  readonly artificial: boolean;
  /** The unit it belongs to: `static` ones of several units may share a name. */
  readonly unit: CompilationUnit;
  /** Its link address where that is fixed: globals and statics. */
  readonly address: VirtAddr | undefined;
  /** The same with what its type leaves to the run, such as the length of an array, as a frame has it. */
  inFrame(frame: Frame): Variable;
  /** Where its value is in a frame; never throws. */
  locate(frame: Frame): Located;
}
