// The interpreter's state while it runs.

import type { I32, Label, Local, Statement } from '../wasm/code.ts';

/** The interpreter's own variables and the places that instructions end at. */
export interface RunLocals {
  readonly hart: Local<'i32'>;
  readonly budget: Local<'i32'>;
  /** The record being executed. */
  readonly record: Local<'i32'>;
  /** Its first word: operation, and in the high half the way to the next record. */
  readonly word: Local<'i32'>;
  /** First record of its page. */
  readonly page: Local<'i32'>;
  /** pc = bias + record / 8. */
  readonly bias: Local<'i64'>;
  /** Address to go on at, for `refetch`. */
  readonly target: Local<'i64'>;
  readonly exit: Local<'i32'>;
  readonly status: Local<'i32'>;
  readonly next: Label;
  readonly refetch: Label;
  readonly leave: Label;
  /** Where the host executes the instruction instead. */
  readonly host: Label;
  /** Counts a jump to a record; a hot one is translated. */
  readonly heat: (record: I32) => Statement;
}
