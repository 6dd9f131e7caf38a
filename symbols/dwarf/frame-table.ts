// .debug_frame and .eh_frame: which code has which rules for finding its caller (DWARF 5, section 6.4 "Call Frame
// Information"; LSB, "Exception Frames").

import { type AddressRange, AddressRanges } from '../address-ranges.ts';
import { Cursor, DwarfError } from './cursor.ts';

/** What many functions share (CIE). */
export interface CommonInformation {
  readonly codeAlignment: number;
  readonly dataAlignment: number;
  /** Column of the return address. */
  readonly returnRegister: number;
  /** A signal or trap frame: its caller was interrupted. */
  readonly signal: boolean;
  readonly addressSize: number;
  /** How pointers of .eh_frame are written (DW_EH_PE_*); 0 in .debug_frame. */
  readonly encoding: number;
  /** Whether functions have augmentation data, to be skipped. */
  readonly augmented: boolean;
  readonly instructions: Uint8Array;
}

/** The rules of one function (FDE). */
export interface FrameDescription {
  readonly common: CommonInformation;
  readonly start: bigint;
  readonly size: bigint;
  readonly instructions: Uint8Array;
}

export interface FrameSection {
  readonly bytes: Uint8Array;
  /** Link address of the section; pointers of .eh_frame are relative to their own place. */
  readonly va: bigint;
  readonly isEh: boolean;
  /** Of the program, for CIEs that do not tell their own. */
  readonly addressSize: number;
}

export class FrameTable {
  readonly isEh: boolean;
  readonly #section: FrameSection;
  readonly #common = new Map<number, CommonInformation>();
  readonly #ranges: AddressRanges;

  /** Finds all functions; `note` is told of what is damaged, and the rest is kept. */
  constructor(section: FrameSection, note: (work: () => void) => void) {
    this.#section = section;
    this.isEh = section.isEh;
    const found: AddressRange[] = [];
    note(() => {
      for (const at of this.#entries()) {
        note(() => {
          const { start, size } = this.#read(at, new Cursor(section.bytes, at));
          found.push({ start, size: Number(size), id: at });
        });
      }
    });
    this.#ranges = new AddressRanges(found);
  }

  /** The rules of the function that has the code at an address. */
  at(address: bigint): FrameDescription | undefined {
    const range = this.#ranges.find(address);
    return range && this.description(range.id);
  }

  /** Where the descriptions of functions are in the section, ascending. */
  positions(): number[] {
    return [...this.#ranges.ids()].sort((a, b) => a - b);
  }

  description(at: number): FrameDescription {
    return this.#read(at, new Cursor(this.#section.bytes, at));
  }

  /** Where the descriptions of functions begin, by the lengths alone. */
  *#entries(): Generator<number> {
    const { bytes, isEh } = this.#section;
    for (let at = 0; at + 4 <= bytes.length; ) {
      const cursor = new Cursor(bytes, at);
      const length = cursor.unitLength();
      const next = cursor.at + length;
      if (next > bytes.length) throw new DwarfError('a frame description is truncated');
      if (length > 0 && !isCommon(readId(cursor, isEh), cursor, isEh)) yield at;
      at = next;
    }
  }

  #read(at: number, cursor: Cursor): FrameDescription {
    const { isEh, va, bytes } = this.#section;
    const length = cursor.unitLength();
    const end = cursor.at + length;
    if (end > bytes.length) throw new DwarfError('a frame description is truncated');
    const idAt = cursor.at;
    const id = readId(cursor, isEh);
    const common = this.#commonAt(isEh ? idAt - id : id);
    const pointer = (encoding: number) => readPointer(cursor, encoding, common.addressSize, va);
    const start = pointer(common.encoding);
    const size = pointer(common.encoding & 0x0f);
    if (common.augmented) cursor.skip(cursor.uleb());
    if (cursor.at > end) throw new DwarfError(`the frame description at 0x${at.toString(16)} is too short`);
    return { common, start, size, instructions: bytes.subarray(cursor.at, end) };
  }

  #commonAt(at: number): CommonInformation {
    let common = this.#common.get(at);
    if (!common) {
      if (!(at >= 0 && at < this.#section.bytes.length)) throw new DwarfError('a frame description has no common part');
      common = readCommon(new Cursor(this.#section.bytes, at), this.#section);
      this.#common.set(at, common);
    }
    return common;
  }
}

function readId(cursor: Cursor, isEh: boolean): number {
  return isEh ? cursor.u32() : cursor.offset();
}

function isCommon(id: number, cursor: Cursor, isEh: boolean): boolean {
  if (isEh) return id === 0;
  return id === (cursor.offsetSize === 8 ? Number(0xffffffffffffffffn) : 0xffffffff);
}

function readCommon(cursor: Cursor, section: FrameSection): CommonInformation {
  const length = cursor.unitLength();
  const end = cursor.at + length;
  if (end > section.bytes.length) throw new DwarfError('a frame description is truncated');
  if (!isCommon(readId(cursor, section.isEh), cursor, section.isEh)) {
    throw new DwarfError('a frame description has no common part');
  }
  const version = cursor.u8();
  if (![1, 3, 4].includes(version)) throw new DwarfError(`version ${version} of frame descriptions is not supported`);
  const augmentation = cursor.string();
  let { addressSize } = section;
  if (version >= 4) {
    addressSize = cursor.u8();
    cursor.u8(); // segment selector size
  }
  const codeAlignment = cursor.uleb();
  const dataAlignment = cursor.sleb();
  const returnRegister = version === 1 ? cursor.u8() : cursor.uleb();
  let encoding = 0;
  let signal = augmentation === 'S';
  const augmented = augmentation.startsWith('z');
  if (augmented) {
    const after = cursor.uleb() + cursor.at;
    for (const letter of augmentation.slice(1)) {
      if (letter === 'R') encoding = cursor.u8();
      else if (letter === 'P') readPointer(cursor, cursor.u8(), addressSize, section.va);
      else if (letter === 'L') cursor.u8();
      else if (letter === 'S') signal = true;
      else break;
    }
    cursor.at = after;
  } else if (augmentation !== '' && !signal) {
    throw new DwarfError(`augmentation "${augmentation.slice(0, 8)}" of frame descriptions is not known`);
  }
  if (cursor.at > end) throw new DwarfError('a frame description is truncated');
  const instructions = section.bytes.subarray(cursor.at, end);
  return { codeAlignment, dataAlignment, returnRegister, signal, addressSize, encoding, augmented, instructions };
}

/** DW_EH_PE_*: the low four bits tell the format, the next three what it is relative to. */
export function readPointer(cursor: Cursor, encoding: number, addressSize: number, va: bigint): bigint {
  if (encoding === 0xff) return 0n; // DW_EH_PE_omit
  const base = (encoding & 0x70) === 0x10 ? va + BigInt(cursor.at) : 0n;
  if ((encoding & 0x70) > 0x10) throw new DwarfError(`pointer encoding ${encoding} is not supported`);
  const value = readFormat(cursor, encoding & 0x0f, addressSize);
  return BigInt.asUintN(8 * addressSize, base + value);
}

function readFormat(cursor: Cursor, format: number, addressSize: number): bigint {
  switch (format) {
    case 0:
      return cursor.address(addressSize);
    case 1:
      return cursor.uleb64();
    case 2:
      return BigInt(cursor.u16());
    case 3:
      return BigInt(cursor.u32());
    case 4:
    case 12:
      return cursor.u64();
    case 9:
      return cursor.sleb64();
    case 10:
      return BigInt.asIntN(16, BigInt(cursor.u16()));
    case 11:
      return BigInt.asIntN(32, BigInt(cursor.u32()));
  }
  throw new DwarfError(`pointer format ${format} is not known`);
}
