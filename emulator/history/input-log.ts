// What comes into the machine from outside. Everything else follows from the loaded bytes and the options, so a machine
// that is given the same inputs at the same moments does the same again.

/** One piece of outside input. */
export interface Input {
  /** `console`: typed bytes. `disk`: what a read of a file that others may change gave. */
  readonly kind: 'console' | 'disk';
  /** Guest time in nanoseconds. */
  readonly time: bigint;
  /** Instructions that all harts together had retired. */
  readonly instret: bigint;
  readonly bytes: Uint8Array;
}

/** Called with each input at the moment when it enters. */
export type InputLog = (input: Input) => void;
