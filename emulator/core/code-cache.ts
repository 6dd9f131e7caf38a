// Decoded pages: for each page of RAM that has been executed a record for each halfword, made when first reached.
// Breakpoints are planted here, so that they cost nothing until they are reached.

import type { PhysAddr } from '../address.ts';
import { lengthOf } from '../isa/decode.ts';
import { floatOperands, type Instruction } from '../isa/row.ts';
import type { GuestMemory } from './guest-memory.ts';
import {
  aloneField,
  decodedPageBytes,
  hartOffset,
  heatAt,
  heatBytes,
  REGISTER_BYTES,
  recordBytes,
  recordBytesPerByte,
  recordField,
  recordsPerPage,
  STRADDLE_KNOWN,
  straddleAt,
  straddleField,
  translatedAt,
} from './layout.ts';
import { hasNoImmediate, hasRs2ForRd, type Operations, Special } from './operations.ts';

/** Decoded instructions that are kept by their bits, and the words of each: the bits and the record. */
const REMEMBERED = 16384;
const memoryWords = 3;

const PAGE = 4096;

/** Instructions that are decoded at once. */
const AHEAD = 12;

/** The last record of a page. */
const LAST_RECORD = (recordsPerPage - 1) * recordBytes;

/** Places of registers in a hart's block. */
const x = (index: number) => hartOffset.x / REGISTER_BYTES + index;
const f = (index: number) => hartOffset.f / REGISTER_BYTES + index;
const SINK = hartOffset.sink / REGISTER_BYTES;

/** A record's place: the page of RAM and the byte in it. */
export interface RecordPlace {
  readonly page: number;
  readonly offset: number;
}

/** A jump that links nothing: j, jr, c.j, c.jr. */
const neverGoesOn = (word: number) =>
  (word & 0xfff) === 0x6f || (word & 0xfff) === 0x67 || (word & 0xe003) === 0xa001 || (word & 0xf07f) === 0x8002;

/** Index among halves: the heat of a record. */
export const heatOf = (decoded: number, record: number): number =>
  (decoded + heatAt) / heatBytes + (record - decoded) / recordBytes;

export class CodeCache {
  private readonly guest: GuestMemory;
  private readonly operations: Operations;
  private readonly decodeWord: (word: number) => Instruction | undefined;
  private readonly pageOfSlot: Int32Array;
  private used = 0;
  /** Told when decoded instructions change in a page that regions were translated from. */
  changed: (decoded: number) => void = () => undefined;
  /** Told when an instruction of such a page begins to stop. */
  stopped: (decoded: number, offset: number) => void = () => undefined;
  /** Told when the instruction that goes on behind such a page has become another, as the next page has. */
  continued: (decoded: number) => void = () => undefined;
  /** Told when all decoded pages are gone. */
  cleared: () => void = () => undefined;

  /** By operation, the bytes from an instruction to the next one; 0 where control does not simply go on, or is not known to. */
  private readonly straight: Uint8Array;
  private readonly remembered = new Int32Array(REMEMBERED * memoryWords);
  /** Slots that have never been used hold zeros. */
  private fresh = 0;
  /** For each slot the lowest and the highest offset of a decoded instruction or a region's entry; elsewhere the records hold zeros. */
  private readonly extents: Uint16Array;

  /** `most`: pages that are decoded at once, before all are forgotten. */
  constructor(
    guest: GuestMemory,
    operations: Operations,
    decodeWord: (word: number) => Instruction | undefined,
    most: number,
  ) {
    this.guest = guest;
    this.operations = operations;
    this.decodeWord = decodeWord;
    this.straight = new Uint8Array(operations.count);
    for (const { row, length } of operations.rows) {
      const jumps = row.format === 'B' || row.format === 'J' || row.format === 'jalr';
      if (!jumps) this.straight[operations.numberOf(row, length) as number] = length;
    }
    this.pageOfSlot = new Int32Array(Math.min(most, guest.regions.decodedPages));
    this.extents = new Uint16Array(2 * this.pageOfSlot.length);
  }

  /** Makes room for the records of a page; false when all slots are taken: `clear` first. */
  add(page: number): boolean {
    if (this.used === this.pageOfSlot.length) return false;
    const slot = this.used;
    const at = this.slotAddress(slot);
    this.pageOfSlot[slot] = page;
    this.used += 1;
    if (slot < this.fresh) this.wipe(slot, at);
    else this.fresh = this.used;
    this.extents.set([PAGE, 0], 2 * slot);
    for (const mark of [recordsPerPage, recordsPerPage + 1]) {
      this.guest.words[(at + mark * recordBytes) / 4] = Special.pageEnd;
    }
    this.guest.words[(at + translatedAt) / 4] = 0;
    this.guest.setCode(page, at);
    return true;
  }

  /** Makes zeros of what is not: the host keeps no memory for what was never written, and code may fill little of its page. */
  private wipe(slot: number, at: number): void {
    const [low, high] = this.extents.subarray(2 * slot) as unknown as [number, number];
    const { bytes } = this.guest;
    if (low <= high) {
      const [first, behind] = [at + low * recordBytesPerByte, at + (high + 2) * recordBytesPerByte];
      bytes.fill(0, first, behind);
      bytes.fill(0, heatOf(at, first) * heatBytes, heatOf(at, behind) * heatBytes);
    }
    bytes.fill(0, at + translatedAt, at + decodedPageBytes);
  }

  /** Records are written from an offset of a page to another. */
  private extend(decoded: number, from: number, to: number): void {
    const low = 2 * Math.floor((decoded - this.guest.regions.decoded) / decodedPageBytes);
    const { extents } = this;
    if (from < (extents[low] as number)) extents[low] = from;
    if (to > (extents[low + 1] as number)) extents[low + 1] = to;
  }

  /** Forgets everything decoded. Translations that lead here must be forgotten too. */
  clear(): void {
    for (let slot = 0; slot < this.used; slot += 1) this.guest.setCode(this.pageOfSlot[slot] as number, 0);
    this.used = 0;
    this.cleared();
  }

  private slotAddress(slot: number): number {
    return this.guest.regions.decoded + slot * decodedPageBytes;
  }

  /** The decoded page that a record is in. */
  pageStart(record: number): number {
    const { decoded } = this.guest.regions;
    return decoded + Math.floor((record - decoded) / decodedPageBytes) * decodedPageBytes;
  }

  place(record: number): RecordPlace {
    const offset = record - this.guest.regions.decoded;
    const slot = Math.floor(offset / decodedPageBytes);
    const index = (offset - slot * decodedPageBytes) / recordBytes;
    return { page: this.pageOfSlot[slot] as number, offset: index * 2 };
  }

  /** The instruction's bits at a place; of one that goes on in the next page only the first half. */
  wordAt({ page, offset }: RecordPlace): number {
    return this.bitsAt(this.guest.touch(page), offset);
  }

  private bitsAt(frame: number, offset: number): number {
    const { halves } = this.guest;
    const at = (frame + offset) / 2;
    const half = halves[at] as number;
    return lengthOf(half) === 2 || offset === PAGE - 2 ? half : half | ((halves[at + 1] as number) << 16);
  }

  /** Fills the record of the instruction that begins there, and those behind it as far as it is likely to go. */
  decodeOn(record: number): void {
    const { words } = this.guest;
    const decoded = this.pageStart(record);
    const frame = this.frameOf(decoded);
    const first = (record - decoded) / recordBytesPerByte;
    let offset = first;
    let last = first;
    for (let count = 0; count < AHEAD && offset < PAGE; count += 1) {
      if (words[(decoded + offset * recordBytesPerByte) / 4] !== Special.undecoded) break;
      const word = this.fill(decoded, frame, offset);
      last = offset;
      if (neverGoesOn(word)) break;
      offset += lengthOf(word);
    }
    this.extend(decoded, first, last);
  }

  /** Fills the record of the instruction that begins there. */
  decode(record: number, stops: boolean): void {
    const decoded = this.pageStart(record);
    const offset = (record - decoded) / recordBytesPerByte;
    this.fill(decoded, this.frameOf(decoded), offset);
    this.extend(decoded, offset, offset);
    if (stops) this.guest.words[record / 4] = Special.breakpoint;
  }

  /** Decoded instructions from a record to the next jump, at most so many. */
  straightFrom(record: number, most: number): number {
    const { words } = this.guest;
    let at = record;
    for (let count = 1; count < most; count += 1) {
      const length = this.straight[(words[at / 4] as number) & 0xffff] as number;
      if (!length) return count;
      at += length * recordBytesPerByte;
    }
    return most;
  }

  /** Host address of the page that was decoded there. */
  private frameOf(decoded: number): number {
    return this.guest.touch(this.place(decoded).page);
  }

  /** Fills the record at an offset of a page; returns the instruction's bits. */
  private fill(decoded: number, frame: number, offset: number): number {
    const { words, halves } = this.guest;
    const record = decoded + offset * recordBytesPerByte;
    const word = this.bitsAt(frame, offset);
    halves[heatOf(decoded, record)] = 0;
    if (offset < PAGE - 2 || lengthOf(word) === 2) this.write(record, word);
    else {
      this.writeStraddling(record, decoded);
      words[(decoded + straddleAt) / 4] = 0;
    }
    return word;
  }

  private writeStraddling(at: number, decoded: number): void {
    this.guest.words[at / 4] = Special.straddle;
    this.guest.words[(at + recordField.straddle) / 4] = decoded + straddleAt;
  }

  /** Keeps the instruction that goes on behind the page; it holds while the next page begins with this half. */
  keepStraddling(decoded: number, word: number): void {
    const { words } = this.guest;
    const at = (decoded + straddleAt) / 4;
    const before = words[at] as number;
    words[at] = (word >>> 16) | STRADDLE_KNOWN;
    this.writeAlone(decoded + straddleAt + straddleField.alone, word);
    if (before && before !== words[at] && words[(decoded + translatedAt) / 4]) this.continued(decoded);
  }

  /** A copy of the page, and with `continued` of what its last instruction was last seen to go on with in the next one. */
  bytesOf(decoded: number, continued: boolean): Uint8Array {
    const { bytes } = this.guest;
    const frame = this.frameOf(decoded);
    const half = continued ? this.secondHalf(decoded) : undefined;
    if (half === undefined) return bytes.slice(frame, frame + PAGE);
    return Uint8Array.from([...bytes.subarray(frame, frame + PAGE), half & 0xff, half >> 8]);
  }

  /** Undefined where no instruction goes on behind the page. */
  private secondHalf(decoded: number): number | undefined {
    const { words } = this.guest;
    const operation = (words[(decoded + LAST_RECORD) / 4] as number) & 0xffff;
    const kept = words[(decoded + straddleAt) / 4] as number;
    return kept && (operation === Special.straddle || operation === Special.region) ? kept & 0xffff : undefined;
  }

  /** Makes the record at `alone` that of the instruction of a record which is to lead into a region. */
  writeEntry(alone: number, record: number): void {
    const place = this.place(record);
    const word = this.wordAt(place);
    this.writeAlone(alone, word);
    this.extend(this.pageStart(record), place.offset, place.offset);
    if (place.offset === PAGE - 2 && lengthOf(word) === 4) this.writeStraddling(alone, this.pageStart(record));
  }

  /** The bits of the instruction of a record that is being executed. */
  wordOf(record: number): number {
    const { decoded } = this.guest.regions;
    const alone = record < decoded || record - this.pageStart(record) > LAST_RECORD;
    return alone ? (this.guest.words[(record + aloneField.word) / 4] as number) : this.wordAt(this.place(record));
  }

  /** Makes the record at `alone` that of an instruction that stands alone. */
  writeAlone(alone: number, word: number): void {
    this.write(alone, word);
    const { words } = this.guest;
    for (const end of aloneField.ends) words[(alone + end) / 4] = Special.pageEnd;
    words[(alone + aloneField.word) / 4] = word;
  }

  private write(record: number, word: number): void {
    const { words } = this.guest;
    const { remembered } = this;
    const known = (Math.imul(word, 0x9e3779b1) >>> 18) * memoryWords;
    if (remembered[known] !== (word | 0) || remembered[known + 1] === 0) this.remember(known, word);
    words[record / 4] = remembered[known + 1] as number;
    words[record / 4 + 1] = remembered[known + 2] as number;
  }

  private remember(known: number, word: number): void {
    const instruction = this.decodeWord(word);
    const length = lengthOf(word);
    const operation = instruction && this.operations.numberOf(instruction.row, length);
    this.keepRecord(known, word, operation ?? this.operations.hostOf(length), word);
    if (!instruction || operation === undefined) return;
    const { operands, row } = instruction;
    const inF = floatOperands(row.format);
    const rd = inF.rd ? f(operands.rd) : operands.rd ? x(operands.rd) : SINK;
    const rs1 = (inF.rs1 ? f : x)(operands.rs1);
    const rs2 = (inF.rs2 ? f : x)(operands.rs2);
    const first = hasRs2ForRd(row.format) ? rs2 : rd;
    const rest = hasNoImmediate(row.format) ? rs2 | (f(word >>> 27) << 8) | (((word >>> 12) & 7) << 16) : operands.imm;
    this.keepRecord(known, word, operation | (first << 16) | (rs1 << 24), rest);
  }

  private keepRecord(known: number, word: number, first: number, rest: number): void {
    const { remembered } = this;
    remembered[known] = word;
    remembered[known + 1] = first;
    remembered[known + 2] = rest;
  }

  /** The instruction at a byte of a decoded page is decoded anew when it is next reached, as it has changed. */
  private forgetAt(decoded: number, offset: number): void {
    this.undecode(decoded, offset);
    if (this.isTranslated(decoded)) this.changed(decoded);
  }

  private undecode(decoded: number, offset: number): void {
    this.guest.words[(decoded + (offset >> 1) * recordBytes) / 4] = Special.undecoded;
  }

  private isTranslated(decoded: number): boolean {
    return this.guest.words[(decoded + translatedAt) / 4] !== 0;
  }

  /** A breakpoint has come to an instruction of a decoded page. */
  stopAt(decoded: number, offset: number): void {
    this.undecode(decoded, offset);
    if (this.isTranslated(decoded)) this.stopped(decoded, offset);
  }

  /** It has gone: no region holds the instruction, so that they stay. */
  goOnAt(decoded: number, offset: number): void {
    this.undecode(decoded, offset);
  }

  /** Bytes were changed behind the guest's back. */
  forgetRange(address: PhysAddr, length: number): void {
    // A 4-byte instruction may begin 2 bytes before.
    const end = address + BigInt(length);
    for (let at = (address - 2n) & ~1n; at < end; ) {
      const pageEnd = (at | 0xfffn) + 1n;
      const stop = pageEnd < end ? pageEnd : end;
      const page = this.guest.pageOf(at);
      const decoded = page === undefined ? 0 : this.guest.codeOf(page);
      const last = Number((stop - 1n) & 0xfffn);
      if (decoded) for (let offset = Number(at & 0xfffn); offset <= last; offset += 2) this.forgetAt(decoded, offset);
      at = stop;
    }
  }
}
