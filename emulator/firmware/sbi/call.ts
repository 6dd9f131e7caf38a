// What the extensions of the SBI share: a call, its answer and the standard errors (RISC-V Supervisor Binary Interface
// Specification 3.0, "Binary Encoding").

import type { SbiMachine } from '../host.ts';

/** Standard error codes ("Standard SBI Errors"). */
export const SbiError = {
  notSupported: -2n,
  invalidParam: -3n,
  denied: -4n,
  invalidAddress: -5n,
  alreadyAvailable: -6n,
  deniedLocked: -14n,
} as const;

/** `error` as it goes to a0, `value` as it goes to a1. */
export interface SbiAnswer {
  readonly error: bigint;
  readonly value: bigint;
}

/** What a function gives: an answer, or `halted` when the calling hart does not come back from the call. */
export type SbiResult = SbiAnswer | 'halted';

export interface SbiCall {
  readonly machine: SbiMachine;
  /** The calling hart. */
  readonly hart: number;
  /** a0 to a5, unsigned, XLEN bits each. */
  readonly args: readonly [bigint, bigint, bigint, bigint, bigint, bigint];
}

export type SbiFunction = (call: SbiCall) => SbiResult;

/** One extension: its functions by function id; a hole is a function that is not supported. */
export interface SbiExtension {
  /** As in the specification: `HSM`. */
  readonly name: string;
  readonly id: number;
  readonly functions: readonly (SbiFunction | undefined)[];
}

/** All bits set: -1 as an unsigned long. */
export function allOnes({ xlen }: SbiMachine): bigint {
  return (1n << BigInt(xlen)) - 1n;
}

/** A 64-bit parameter that begins in argument `first`: on RV32 the next one holds its upper half. */
export function wide({ machine, args }: SbiCall, first: 0 | 1): bigint {
  return machine.xlen === 64 ? args[first] : args[first] | ((args[first + 1] as bigint) << 32n);
}

export function success(value = 0n): SbiAnswer {
  return { error: 0n, value };
}

export function failure(kind: keyof typeof SbiError): SbiAnswer {
  return { error: SbiError[kind], value: 0n };
}

/** A parameter of type uint32_t, unsigned long or hart id as a number; what is too large for any table stays too large. */
export function index(value: bigint): number {
  return Number(value);
}
