// What the semantics of an instruction may say. The interpreter gives operands that are read from a decoded record; a
// translator can give constants and locals for the same words.

import type { I32, I64 } from '../wasm/code.ts';

export type LoadSize = 1 | 2 | 4 | 8;

/** Operations of AMOs: the value to store, from the loaded one and rs2. */
export type AmoOperation = (loaded: I64, operand: I64) => I64;

export interface Emitter {
  readonly xlen: 32 | 64;
  /** Operands; each use reads anew. */
  readonly rs1: I64;
  readonly rs2: I64;
  readonly imm: I64;
  /** rd as it was before this instruction. */
  readonly rdBefore: I64;
  /** Address of this instruction, and of the next. */
  readonly pc: I64;
  readonly next: I64;

  /** Writes rd. */
  rd(value: I64): void;
  /** Writes rd with a 32-bit result, sign-extended. */
  rdWord(value: I32): void;
  /** Writes rd with 0 or 1. */
  rdFlag(value: I32): void;
  /** A 64-bit value used more than once. */
  keep(value: I64): I64;
  /** rd = the value at rs1 + imm. */
  load(size: LoadSize, signed: boolean): void;
  /** Stores the low bytes of rs2 at rs1 + imm. */
  store(size: LoadSize): void;
  loadFp(size: 2 | 4 | 8): void;
  storeFp(size: 2 | 4 | 8): void;
  /** To pc + imm if the condition holds. */
  branch(condition: I32): void;
  /** rd = next, then to pc + imm. */
  jump(): void;
  /** rd = next, then to (rs1 + imm) with bit 0 clear. */
  jumpRegister(): void;
  /** rd = the value at rs1, then stores operation(value, rs2) there. */
  amo(size: LoadSize, operation: AmoOperation): void;
  loadReserved(size: 4 | 8): void;
  storeConditional(size: 4 | 8): void;
  /** No effect on one hart at a time: memory is sequentially consistent here. */
  fence(): void;
  /** The floating-point instruction of this name, where that is exact with its flags. */
  float(mnemonic: string): void;
  /** Decoded code follows every store at once. */
  fenceInstructions(): void;
  /** rd = the CSR whose number is the immediate, which is then changed by rs1 or by rs1's number. */
  csr(change: 'write' | 'set' | 'clear', immediate: boolean): void;
  /** Forgets cached translations: all, or where rs1 is not x0 those of the address in it. */
  fenceTranslations(): void;
  /** A trap for the environment to serve. */
  callEnvironment(): void;
  /** Back to what a trap to S-mode or M-mode interrupted. */
  returnFromTrap(mode: 'supervisor' | 'machine'): void;
  /** Stores zeros to the cache block at rs1. */
  zeroBlock(): void;
  /** Checks that the cache block at rs1 may be managed; `allowedBy` are the bits of menvcfg and senvcfg that let it. */
  manageBlock(allowedBy: bigint): void;
}
