// The interpreter's state while it runs.

import type { I32, Label, Local, Statement } from '../wasm/code.ts';
import type { Length } from './operations.ts';

/** The interpreter's own variables and the places that instructions end at. */
export interface RunLocals {
  readonly hart: Local<'i32'>;
  readonly budget: Local<'i32'>;
  /** The record being executed. */
  readonly record: Local<'i32'>;
  /** Bytes of records from it to the next one. Each operation sets it and the loop's head adds it: were it added in
   * each, V8 would work out all the sums before the dispatch. */
  readonly step: Local<'i32'>;
  /** Operation of the record behind `step`, for `ready`. */
  readonly operation: Local<'i32'>;
  /** First record of its page. */
  readonly page: Local<'i32'>;
  /** pc = bias + record / recordBytesPerByte. */
  readonly bias: Local<'i64'>;
  /** Address to go on at, for `refetch`. */
  readonly target: Local<'i64'>;
  readonly exit: Local<'i32'>;
  readonly status: Local<'i32'>;
  readonly next: Label;
  /** `next`, with `operation` set. */
  readonly ready: Label;
  readonly refetch: Label;
  readonly leave: Label;
  /** Goes on at pc + immediate, in another page. */
  readonly away: Label;
  /** Where the host executes the instruction instead, by its length. */
  readonly host: Readonly<Record<Length, Label>>;
  /** Counts a jump to a record of `page`; a hot one is translated. */
  readonly heat: (record: I32) => Statement;
}
