// Decoded pages: for each page of RAM that has been executed a record for each halfword, made when first reached.
// Breakpoints are planted here, so that they cost nothing until they are reached.

import type { PhysAddr } from '../address.ts';
import { lengthOf } from '../isa/decode.ts';
import type { Instruction } from '../isa/row.ts';
import type { GuestMemory } from './guest-memory.ts';
import { decodedPageBytes, hartOffset, recordBytes, recordField, recordsPerPage, translatedField } from './layout.ts';
import { type Operations, Special } from './operations.ts';

/** A record's place: the page of RAM and the byte in it. */
export interface RecordPlace {
  readonly page: number;
  readonly offset: number;
}

export class CodeCache {
  private readonly guest: GuestMemory;
  private readonly operations: Operations;
  private readonly decodeWord: (word: number) => Instruction | undefined;
  private readonly pageOfSlot: Int32Array;
  private used = 0;
  /** Told when decoded instructions change in a page that regions were translated from. */
  changed: (decoded: number) => void = () => undefined;
  /** Told when all decoded pages are gone. */
  cleared: () => void = () => undefined;

  constructor(guest: GuestMemory, operations: Operations, decodeWord: (word: number) => Instruction | undefined) {
    this.guest = guest;
    this.operations = operations;
    this.decodeWord = decodeWord;
    this.pageOfSlot = new Int32Array(guest.regions.decodedPages);
  }

  /** Makes room for the records of a page; false when all slots are taken: `clear` first. */
  add(page: number): boolean {
    if (this.used === this.pageOfSlot.length) return false;
    const at = this.slotAddress(this.used);
    this.pageOfSlot[this.used] = page;
    this.used += 1;
    this.guest.bytes.fill(0, at, at + decodedPageBytes - recordBytes);
    this.guest.words[(at + recordsPerPage * recordBytes) / 4] = Special.pageEnd;
    this.guest.words[(at + recordsPerPage * recordBytes + translatedField) / 4] = 0;
    this.guest.setCode(page, at);
    return true;
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
    const at = this.guest.touch(page) + offset;
    const { bytes } = this.guest;
    const half = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    if (lengthOf(half) === 2 || offset === 4094) return half;
    return half | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
  }

  /** Fills the record of the instruction that begins there. */
  decode(record: number, stops: boolean): void {
    const place = this.place(record);
    const word = this.wordAt(place);
    const special = stops
      ? Special.breakpoint
      : place.offset === 4094 && lengthOf(word) === 4
        ? Special.straddle
        : undefined;
    if (special === undefined) this.write(record, word);
    else this.guest.words[record / 4] = special;
  }

  /** Puts an instruction that stands alone into the hart's scratch records. */
  writeAlone(block: number, word: number): void {
    const record = block + hartOffset.scratch;
    this.write(record, word);
    const end = Special.pageEnd;
    this.guest.words[(record + recordBytes) / 4] = end;
    this.guest.words[(record + 2 * recordBytes) / 4] = end;
    this.guest.words[(record + 3 * recordBytes) / 4] = word;
  }

  /** The bits of the instruction that `writeAlone` put there. */
  aloneWord(block: number): number {
    return this.guest.words[(block + hartOffset.scratch + 3 * recordBytes) / 4] as number;
  }

  private write(record: number, word: number): void {
    const { words } = this.guest;
    const instruction = this.decodeWord(word);
    const length = lengthOf(word);
    const operation = instruction ? this.operations.numberOf(instruction.row) : this.operations.host;
    const at = record / 4;
    words[at] = operation | ((length * (recordBytes / 2)) << 16);
    words[at + recordField.immediate / 4] = word;
    if (!instruction || operation === this.operations.host) return;
    const { operands, row } = instruction;
    const float = row.format === 'fp-load' ? 'rd' : row.format === 'fp-store' ? 'rs2' : undefined;
    const x = (index: number) => hartOffset.x + index * 8;
    const f = (index: number) => hartOffset.f + index * 8;
    const rd = float === 'rd' ? f(operands.rd) : operands.rd ? x(operands.rd) : hartOffset.sink;
    const rs2 = float === 'rs2' ? f(operands.rs2) : x(operands.rs2);
    words[at + 1] = rd | (x(operands.rs1) << 16);
    // The upper half is the heat.
    words[at + 2] = rs2;
    words[at + recordField.immediate / 4] = operands.imm;
  }

  /** Decodes the instruction at a physical address anew when it is next reached. */
  forget(address: PhysAddr): void {
    const page = this.guest.pageOf(address);
    if (page === undefined) return;
    this.forgetAt(this.guest.codeOf(page), Number(address & 0xfffn));
  }

  /** The same, by decoded page and byte in it. */
  forgetAt(decoded: number, offset: number): void {
    if (!decoded) return;
    this.guest.words[(decoded + (offset >> 1) * recordBytes) / 4] = Special.undecoded;
    if (this.guest.words[(decoded + recordsPerPage * recordBytes + translatedField) / 4]) this.changed(decoded);
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
