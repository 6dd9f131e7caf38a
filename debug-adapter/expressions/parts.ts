// Objects that do not simply lie in memory: variables in registers, in pieces, as constants, or nowhere. Offsets are in
// bytes from the object's beginning.

import type { HartView } from '../../emulator/inspection.ts';
import type { Located, Piece, Variable } from '../../symbols/index.ts';
import type { Seen } from './scope.ts';

/** What writing needs of the machine. */
export interface Editor {
  /** Gives a register of the frame (DWARF's number) a value. @throws UserError where the frame's register is not known. */
  setRegister(number: number, value: bigint): void;
  writeMemory(address: bigint, bytes: Uint8Array): void;
}

/** What reading needs of a frame. */
export interface PartsReader {
  /** A variable as the frame sees it. */
  seen?(variable: Variable): Seen;
  register(number: number): bigint | undefined;
  memory(address: bigint, size: number): Uint8Array | undefined;
}

export interface Parts {
  /** Why nothing is known of these bytes: `optimized out`; undefined when some are. */
  missingAt(offset: number, size: number): string | undefined;
  /** The bytes; undefined where one of them is not known. */
  read(offset: number, size: number): Uint8Array | undefined;
  /** False where they cannot be changed: a value that the compiler knew. */
  write(offset: number, bytes: Uint8Array, editor: Editor): boolean;
  /** `in a0`, `in 2 pieces`: where the debugger has it from. */
  readonly where: string;
}

export function partsOf(located: Exclude<Located, { kind: 'memory' }>, frame: PartsReader, xlen: 32 | 64): Parts {
  switch (located.kind) {
    case 'register':
      return registerParts(located.register, frame, xlen);
    case 'value':
      return {
        missingAt: () => undefined,
        where: 'known to the compiler',
        read: (offset, size) =>
          offset + size <= located.bytes.length ? located.bytes.slice(offset, offset + size) : undefined,
        write: () => false,
      };
    case 'pieces':
      return pieceParts(located.pieces, frame, xlen);
    case 'implicit-pointer':
      return nothing(`optimized out: it would point to ${located.target?.name ?? 'a value that is known'}`);
    case 'unavailable':
      return nothing(located.reason);
  }
}

function nothing(missing: string): Parts {
  return { missingAt: () => missing, where: '', read: () => undefined, write: () => false };
}

function registerParts(number: number, frame: PartsReader, xlen: 32 | 64): Parts {
  const width = number >= 32 && number < 64 ? 8 : xlen / 8;
  return {
    missingAt: () => (frame.register(number) === undefined ? 'its register was not saved' : undefined),
    where: `in ${registerName(number)}`,
    read(offset, size) {
      const value = frame.register(number);
      return value === undefined || offset + size > width ? undefined : bytesOf(value, 8).slice(offset, offset + size);
    },
    write(offset, bytes, editor) {
      const before = frame.register(number);
      if (before === undefined) return false;
      const whole = bytesOf(before, 8);
      whole.set(bytes, offset);
      editor.setRegister(number, numberOfBytes(whole));
      return true;
    },
  };
}

function registerName(number: number): string {
  return number < 32 ? `x${number}` : number < 64 ? `f${number - 32}` : `register ${number}`;
}

/** Bits of several places one behind the other. */
function pieceParts(pieces: readonly Piece[], frame: PartsReader, xlen: 32 | 64): Parts {
  const read = (offset: number, size: number): Uint8Array | undefined => {
    let all = 0n;
    let at = 0;
    for (const piece of pieces) {
      const bits = pieceBits(piece, frame, xlen);
      const [from, to] = [at, at + piece.bits];
      at = to;
      if (to <= offset * 8 || from >= (offset + size) * 8) continue;
      if (bits === undefined) return undefined;
      all |= bits << BigInt(from);
    }
    return at < (offset + size) * 8 ? undefined : bytesOf(all >> BigInt(offset * 8), size);
  };
  return {
    missingAt(offset, size) {
      let at = 0;
      const met = pieces.filter(({ bits }) => {
        const from = at;
        at += bits;
        return at > offset * 8 && from < (offset + size) * 8;
      });
      return met.every(({ located }) => located.kind === 'unavailable') ? 'optimized out' : undefined;
    },
    where: `in ${pieces.length} pieces`,
    read,
    write(offset, bytes, editor) {
      let at = 0;
      let done = true;
      for (const piece of pieces) {
        const [from, to] = [at / 8, (at + piece.bits) / 8];
        at += piece.bits;
        const [start, end] = [Math.max(from, offset), Math.min(to, offset + bytes.length)];
        if (start >= end) continue;
        if (piece.bits % 8 !== 0 || piece.shift % 8 !== 0) return false;
        const part = bytes.subarray(start - offset, end - offset);
        done = writePiece(piece, start - from + piece.shift / 8, part, frame, xlen, editor) && done;
      }
      return done;
    },
  };
}

function pieceBits({ located, bits, shift }: Piece, frame: PartsReader, xlen: 32 | 64): bigint | undefined {
  const size = Math.ceil((bits + shift) / 8);
  const bytes =
    located.kind === 'memory' ? frame.memory(located.address, size) : partsOf(located, frame, xlen).read(0, size);
  return bytes && BigInt.asUintN(bits, numberOfBytes(bytes) >> BigInt(shift));
}

function writePiece(
  { located }: Piece,
  offset: number,
  bytes: Uint8Array,
  frame: PartsReader,
  xlen: 32 | 64,
  editor: Editor,
): boolean {
  if (located.kind !== 'memory') return partsOf(located, frame, xlen).write(offset, bytes, editor);
  editor.writeMemory(located.address + BigInt(offset), bytes);
  return true;
}

export function bytesOf(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = BigInt.asUintN(size * 8, value);
  for (let index = 0; index < size; index += 1, rest >>= 8n) bytes[index] = Number(rest & 0xffn);
  return bytes;
}

export function numberOfBytes(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** The registers of the innermost frame. */
export function registersOf(hart: HartView): (number: number) => bigint | undefined {
  return (number) => {
    if (number < 32) return hart.x(number);
    if (number < 64) return hart.f(number - 32);
    return number >= 4096 ? hart.csr(number - 4096) : undefined;
  };
}
