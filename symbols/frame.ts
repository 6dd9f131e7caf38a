// Where a value is at a stop, and how to get from a frame to its caller: what debug information says of a machine's state.
// Register numbers are DWARF's for RISC-V (psABI, "DWARF Register Numbers"): 0 to 31 are x0 to x31, 32 to 63 f0 to f31,
// 4096 + n is CSR n.

import type { VirtAddr } from '../emulator/address.ts';
import type { Variable } from './program.ts';

/** A frame of the stack, as whoever owns the machine knows it. Nothing is read before it is asked for. */
export interface Frame {
  /** Link address of the next instruction; of a calling frame the return address. */
  readonly pc: VirtAddr;
  /** Whether `pc` is behind a call, so that the frame is at the instruction before it. False for the innermost and interrupted frames. */
  readonly called: boolean;
  /** The register's value in this frame, xlen bits, unsigned; undefined where it was not saved. */
  register(number: number): bigint | undefined;
  /** The canonical frame address; undefined where it is not known. `cfaOf` computes it from the registers. */
  cfa(): bigint | undefined;
  /** Memory as this frame's code sees it; undefined where it cannot be read. */
  memory(address: bigint, size: number): Uint8Array | undefined;
  /** Where a link address is now: moved by KASLR, or physical before paging. */
  addressOf(link: VirtAddr): bigint;
  /** The calling frame, for values as they were on entry; undefined where there is none, or it is of another program. */
  caller(): Frame | undefined;
}

/** Where a value is. Bytes are little-endian. */
export type Located =
  | { readonly kind: 'memory'; readonly address: bigint }
  /** In the register, from its lowest byte on; the frame's `register` has its value. */
  | { readonly kind: 'register'; readonly register: number }
  /** It is nowhere, but this is known to be its value: as many bytes as it has or as the machine's word. */
  | { readonly kind: 'value'; readonly bytes: Uint8Array }
  | { readonly kind: 'pieces'; readonly pieces: readonly Piece[] }
  /** A pointer that was optimised out; what it would point to, `offset` bytes into it, is still known. */
  | { readonly kind: 'implicit-pointer'; readonly target: Variable | undefined; readonly offset: number }
  /** Why there is none, as a sentence's part: `optimized out here`, `x10 was not saved`. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Part of a value; the first holds its lowest bits. */
export interface Piece {
  readonly located: Located;
  readonly bits: number;
  /** Bits to skip at `located`. */
  readonly shift: number;
}

/** The frame that called, as .debug_frame or .eh_frame restores it. */
export interface Unwound {
  /** The canonical frame address of the frame that was unwound: the caller's stack pointer. */
  readonly cfa: bigint;
  /** Where it returns to, as the machine has it; undefined for the outermost frame. */
  readonly returnAddress: bigint | undefined;
  /** A signal or trap frame: the caller was interrupted at `returnAddress` rather than behind a call. */
  readonly interrupted: boolean;
  /** The caller's register; undefined where it was not saved. */
  register(number: number): bigint | undefined;
  /** The address where the caller's register was saved; undefined where it is still in the register, or lost. */
  savedAt(number: number): bigint | undefined;
}
