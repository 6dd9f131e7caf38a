// HTIF, the host-target interface of bare-metal test programs: a word called `tohost` in RAM, watched by the machine, and
// one called `fromhost` for answers. A word is device << 56 | command << 48 | payload (riscv-isa-sim, "HTIF").

import { hex, type PhysAddr, phys, plus } from '../address.ts';
import type { GuestEnd } from '../control.ts';
import type { Dma } from './dma.ts';

/** What a store to `tohost` asks of the host. */
export type HtifRequest =
  /** The program is done; `text` says for stderr which test failed. */
  | { readonly kind: 'end'; readonly code: number; readonly text?: string }
  /** A byte for the console. */
  | { readonly kind: 'print'; readonly byte: number }
  /** The next typed byte is wanted. */
  | { readonly kind: 'read' }
  /** A system call for the host to make; its number and arguments are eight words at the address. */
  | { readonly kind: 'call'; readonly address: PhysAddr }
  /** Nothing that is served here. */
  | { readonly kind: 'none' };

const consoleDevice = 1n;
const command = { getchar: 0n, putchar: 1n } as const;
const answerTo = (wanted: bigint, payload: bigint) => (consoleDevice << 56n) | (wanted << 48n) | payload;
/** Set in the answer to getchar beside the byte. */
const byteIsThere = 0x100n;
/** Numbers of Linux's system calls, which test programs use. */
const call = { write: 64n, exit: 93n } as const;
const errno = { badAddress: -14n, notImplemented: -38n } as const;

/** Reads the 64 bits that `tohost` now holds. */
export function htifRequest(tohost: bigint): HtifRequest {
  const device = tohost >> 56n;
  const wanted = (tohost >> 48n) & 0xffn;
  const payload = tohost & 0xffff_ffff_ffffn;
  if (device === consoleDevice && wanted === command.putchar) return { kind: 'print', byte: Number(payload & 0xffn) };
  if (device === consoleDevice && wanted === command.getchar) return { kind: 'read' };
  if (device !== 0n || wanted !== 0n || payload === 0n) return { kind: 'none' };
  if ((payload & 1n) === 0n) return { kind: 'call', address: phys(payload) };
  if (payload === 1n) return { kind: 'end', code: 0 };
  return { kind: 'end', code: 1, text: `test ${payload >> 1n} failed (tohost = ${payload})` };
}

export interface HtifParts {
  readonly dma: Dma;
  readonly end: (end: GuestEnd) => void;
  readonly print: (bytes: Uint8Array) => void;
  /** The guest begins to wait for input here. */
  readonly listen: () => void;
  /** Told in a sentence what the guest asks for in vain. */
  readonly warn: (line: string) => void;
}

/** Of a system call: its number and seven arguments. */
const callBytes = 64;
/** Bytes that are printed at once. */
const mostPrinted = 1n << 20n;

export class Htif {
  private readonly parts: HtifParts;
  private tohost: PhysAddr | undefined;
  private fromhost: PhysAddr | undefined;
  /** The guest waits for a byte. */
  private reading = false;
  private typed: number[] = [];

  constructor(parts: HtifParts) {
    this.parts = parts;
  }

  /** A word that is not all in RAM is no mailbox. */
  watch(tohost: PhysAddr, fromhost: PhysAddr | undefined): void {
    this.tohost = this.parts.dma.holds(tohost, 8) ? tohost : undefined;
    this.fromhost = fromhost;
  }

  /** The guest waits for input. */
  get wanted(): boolean {
    return this.reading;
  }

  /** Bytes from the terminal. */
  type(bytes: Uint8Array): void {
    for (const byte of bytes) this.typed.push(byte);
    this.deliver();
  }

  /** A store into the page of `tohost`. */
  stored(pa: PhysAddr, size: number): void {
    const { tohost } = this;
    if (tohost === undefined || pa + BigInt(size) <= tohost || pa >= tohost + 8n) return;
    const request = htifRequest(this.word(tohost));
    if (request.kind === 'end') this.end(request.code, request.text);
    else if (request.kind === 'print') {
      this.parts.print(Uint8Array.of(request.byte));
      this.answer(answerTo(command.putchar, 0n));
    } else if (request.kind === 'read') {
      this.reading = true;
      this.parts.listen();
      this.setWord(tohost, 0n);
      this.deliver();
    } else if (request.kind === 'call') {
      if (this.parts.dma.holds(request.address, callBytes)) this.call(request.address);
      else this.parts.warn(`HTIF: the system call at ${hex(request.address)} is not all in RAM; nothing is done.`);
      this.answer(1n);
    }
  }

  reset(): void {
    this.tohost = undefined;
    this.fromhost = undefined;
    this.reading = false;
    this.typed = [];
  }

  save(): unknown {
    return { reading: this.reading, typed: [...this.typed] };
  }

  restore(state: unknown): void {
    const { reading, typed } = state as { reading: boolean; typed: number[] };
    this.reading = reading;
    this.typed = [...typed];
  }

  private deliver(): void {
    if (!this.reading || this.typed.length === 0 || this.fromhost === undefined) return;
    this.reading = false;
    this.setWord(this.fromhost, answerTo(command.getchar, byteIsThere | BigInt(this.typed.shift() as number)));
  }

  private call(address: PhysAddr): void {
    const [number, first = 0n, second = 0n, third = 0n] = [0, 8, 16, 24].map((offset) =>
      this.word(plus(address, offset)),
    );
    let result: bigint = errno.notImplemented;
    if (number === call.exit) this.end(Number(BigInt.asUintN(8, first)));
    else if (number === call.write) result = this.writeOut(phys(second), third);
    this.setWord(address, result);
  }

  /** Prints bytes that all are RAM; what the system call returns. */
  private writeOut(from: PhysAddr, length: bigint): bigint {
    if (length === 0n) return 0n;
    const { dma, print } = this.parts;
    if (!dma.holds(from, Number(length))) return errno.badAddress;
    for (let at = 0n; at < length; at += mostPrinted) {
      const left = length - at;
      print(dma.read(plus(from, at), Number(left < mostPrinted ? left : mostPrinted)));
    }
    return length;
  }

  private end(code: number, text?: string): void {
    this.parts.end({ kind: 'poweroff', code, by: text === undefined ? 'HTIF' : `HTIF: ${text}` });
  }

  private answer(value: bigint): void {
    if (this.tohost !== undefined) this.setWord(this.tohost, 0n);
    if (this.fromhost !== undefined) this.setWord(this.fromhost, value);
  }

  private word(address: PhysAddr): bigint {
    return new DataView(this.parts.dma.read(address, 8).buffer).getBigUint64(0, true);
  }

  private setWord(address: PhysAddr, value: bigint): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, BigInt.asIntN(64, value), true);
    this.parts.dma.write(address, bytes);
  }
}
