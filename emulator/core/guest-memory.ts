// Guest RAM in linear memory. A guest page gets a frame when it is first touched: its own place where all RAM fits, so
// that neighbours stay neighbours; else the next free one, so that a machine may have more RAM than a linear memory
// holds, as long as the touched pages fit.

import { type PhysAddr, phys } from '../address.ts';
import type { ByteSource } from '../loader/byte-source.ts';
import { UserError } from '../user-error.ts';
import { createMemory, type WasmMemory } from '../wasm/host.ts';
import { FrameBit, frameMask, ramBase, shared } from './layout.ts';
import { layOut, type Regions } from './linear-memory.ts';

const PAGE = 4096;
/** RAM whose tables leave room for touched pages, with any number of harts. */
const MOST = 512n << 30n;

export class GuestMemory {
  readonly size: bigint;
  readonly pages: number;
  readonly regions: Regions;
  readonly memory: WasmMemory;
  readonly bytes: Uint8Array;
  readonly halves: Uint16Array;
  readonly words: Uint32Array;
  readonly quads: BigUint64Array;

  /** All of it is zeros, and no page of the host's was touched for them. */
  private fresh = true;
  private soiled: number[] = [];
  private inEpoch = false;
  private beforeWrite: (page: number) => void = () => undefined;

  /** `size` in bytes, a multiple of 4 KiB. */
  constructor(size: bigint, harts: number) {
    this.size = size;
    this.pages = Number(size / BigInt(PAGE));
    this.regions = layOut(this.pages, harts);
    if (this.regions.frameCount <= 0) {
      throw new UserError(
        `memory: ${size >> 30n}G is more than can be kept track of: set memory to ${MOST >> 30n}G or less`,
      );
    }
    this.memory = createMemory(this.regions.wasmPages);
    this.bytes = new Uint8Array(this.memory.buffer);
    this.halves = new Uint16Array(this.memory.buffer);
    this.words = new Uint32Array(this.memory.buffer);
    this.quads = new BigUint64Array(this.memory.buffer);
    const { frames, code, ram, frameCount, sparse } = this.regions;
    const told = { frames, code, ram, frameCount, ramPages: this.pages, sparse: sparse ? 1 : 0 };
    for (const [name, value] of Object.entries(told)) this.words[shared[name as keyof typeof told] / 4] = value;
  }

  /** Frames given out; generated code gives them out too. */
  get framesInUse(): number {
    return this.words[shared.framesInUse / 4] as number;
  }

  private set framesInUse(count: number) {
    this.words[shared.framesInUse / 4] = count;
  }

  /** The page's index in RAM, or undefined when the address is not RAM. */
  pageOf(address: bigint): number | undefined {
    const offset = address - BigInt(ramBase);
    return offset >= 0n && offset < this.size ? Number(offset >> 12n) : undefined;
  }

  addressOf(page: number): PhysAddr {
    return phys(ramBase + page * PAGE);
  }

  private wordAt(page: number): number {
    return this.regions.frames / 4 + page;
  }

  /** The frame-table word of a page. */
  frame(page: number): number {
    return this.words[this.wordAt(page)] as number;
  }

  /** Host address of the page's frame, which is made (zeroed) when there is none. */
  touch(page: number): number {
    const word = this.frame(page);
    const host = (word & frameMask) >>> 0;
    if (host) return host;
    if (this.framesInUse >= this.regions.frameCount) {
      const touched = Math.floor((this.framesInUse * PAGE) / 2 ** 20);
      throw new UserError(`the guest has touched ${touched} MiB of RAM, more than can be held: give it less memory`);
    }
    const fresh = this.regions.ram + (this.regions.sparse ? this.framesInUse : page) * PAGE;
    this.framesInUse += 1;
    this.words[this.wordAt(page)] = fresh | word;
    return fresh;
  }

  setBit(page: number, bit: number, on: boolean): void {
    const at = this.wordAt(page);
    const word = this.words[at] as number;
    this.words[at] = on ? word | bit : word & ~bit;
  }

  hasBit(page: number, bit: number): boolean {
    return (this.frame(page) & bit) !== 0;
  }

  /** Decoded page of a page with code; 0 = none. */
  codeOf(page: number): number {
    return this.words[this.regions.code / 4 + page] as number;
  }

  setCode(page: number, decoded: number): void {
    this.words[this.regions.code / 4 + page] = decoded;
    this.setBit(page, FrameBit.code, decoded !== 0);
  }

  /** Copies out at most `length` bytes; shorter where RAM ends. Untouched pages read as zeros and stay untouched. */
  read(address: PhysAddr, length: number): Uint8Array {
    const first = this.pageOf(address);
    if (first === undefined) return new Uint8Array(0);
    const start = Number(address - BigInt(ramBase));
    const end = Math.min(start + length, this.pages * PAGE);
    const out = new Uint8Array(end - start);
    for (let at = start; at < end; ) {
      const stop = Math.min(end, (Math.floor(at / PAGE) + 1) * PAGE);
      const host = (this.frame(Math.floor(at / PAGE)) & frameMask) >>> 0;
      if (host) out.set(this.bytes.subarray(host + (at % PAGE), host + (at % PAGE) + stop - at), at - start);
      at = stop;
    }
    return out;
  }

  /** Copies in; returns how many bytes were inside RAM. Decoded code is not looked after here. */
  write(address: PhysAddr, bytes: Uint8Array): number {
    if (this.pageOf(address) === undefined) return 0;
    const start = Number(address - BigInt(ramBase));
    const end = Math.min(start + bytes.length, this.pages * PAGE);
    for (let at = start; at < end; ) {
      const stop = Math.min(end, (Math.floor(at / PAGE) + 1) * PAGE);
      this.soil(Math.floor(at / PAGE));
      const host = this.touch(Math.floor(at / PAGE)) + (at % PAGE);
      this.bytes.set(bytes.subarray(at - start, stop - start), host);
      at = stop;
    }
    return end - start;
  }

  /** Reads a file into RAM; stretches of pages whose frames lie side by side are read at once. */
  load(address: PhysAddr, source: ByteSource): void {
    const start = Number(address - BigInt(ramBase));
    const end = Math.min(start + source.size, this.pages * PAGE);
    for (let at = start; at < end; ) {
      const page = Math.floor(at / PAGE);
      const host = this.touch(page);
      let behind = page + 1;
      while (behind * PAGE < end && this.touch(behind) === host + (behind - page) * PAGE) behind += 1;
      const stop = Math.min(end, behind * PAGE);
      const from = host + (at % PAGE);
      source.readInto(at - start, this.bytes.subarray(from, from + stop - at));
      at = stop;
    }
  }

  /** Begins an epoch: from now on the first write to each page is noticed. Translations that allow stores must go. Only the
   * first one looks at all pages, a later one at those that were written since the last. */
  beginEpoch(beforeWrite: (page: number) => void): void {
    const from = this.regions.frames / 4;
    if (this.inEpoch) for (const page of this.soiled) this.setBit(page, FrameBit.clean, true);
    else
      for (let at = from; at < from + this.pages; at += 1) this.words[at] = (this.words[at] as number) | FrameBit.clean;
    this.inEpoch = true;
    this.soiled = [];
    this.beforeWrite = beforeWrite;
  }

  /** Pages written since the epoch began, in the order of their first writes. */
  get dirtyPages(): readonly number[] {
    return this.soiled;
  }

  /** A page is about to be written. */
  soil(page: number): void {
    if (!this.hasBit(page, FrameBit.clean)) return;
    this.beforeWrite(page);
    this.soiled.push(page);
    this.setBit(page, FrameBit.clean, false);
  }

  /** All RAM back to zeros, before the machine starts or starts anew. */
  clear(): void {
    if (this.fresh) {
      this.fresh = false;
      return;
    }
    const { frames, code, ram, sparse } = this.regions;
    this.soiled = [];
    this.inEpoch = false;
    if (sparse) this.bytes.fill(0, ram, ram + this.framesInUse * PAGE);
    else this.clearTouched();
    this.words.fill(0, frames / 4, frames / 4 + this.pages);
    this.words.fill(0, code / 4, code / 4 + this.pages);
    this.framesInUse = 0;
  }

  private clearTouched(): void {
    for (let page = 0, left = this.framesInUse; left > 0; page += 1) {
      const host = (this.frame(page) & frameMask) >>> 0;
      if (!host) continue;
      this.bytes.fill(0, host, host + PAGE);
      left -= 1;
    }
  }
}
