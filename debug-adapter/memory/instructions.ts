// Instruction boundaries in memory that mixes 16- and 32-bit instructions: forwards they follow from the bits, backwards
// only from a place where one is known to begin.

import { type VirtAddr, virt } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { decode, lengthOf } from '../../emulator/isa/decode.ts';
import { physicalOf, type Space } from './space.ts';

/** One line of a disassembly. */
export interface Line {
  readonly address: VirtAddr;
  readonly length: 2 | 4;
  /** The bits, unsigned; undefined where no memory is mapped. */
  readonly word: number | undefined;
}

/** Where instructions are read: halfword by halfword, undefined where no memory is mapped. */
export interface Code {
  readonly xlen: 32 | 64;
  halfword(address: VirtAddr): number | undefined;
  /** The start of the symbol that holds an address. */
  symbolStart(address: VirtAddr): bigint | undefined;
}

const PAGE = 4096n;

/** Memory of a space. */
export function codeIn(machine: Inspection, hart: HartView, space: Space, symbolStart: Code['symbolStart']): Code {
  return codeOf(
    machine.xlen,
    (start, length) => {
      const pa = physicalOf(machine, hart, space, start);
      return pa === undefined ? undefined : machine.readPhysical(pa, length);
    },
    symbolStart,
  );
}

/** Memory read a page at a time, each page once. `read` gives fewer bytes, or none, where nothing is. */
export function codeOf(
  xlen: 32 | 64,
  read: (address: VirtAddr, length: number) => Uint8Array | undefined,
  symbolStart: Code['symbolStart'] = () => undefined,
): Code {
  const pages = new Map<bigint, Uint8Array>();
  const pageAt = (start: VirtAddr): Uint8Array => {
    const known = pages.get(start);
    if (known) return known;
    const bytes = read(start, Number(PAGE)) ?? new Uint8Array(0);
    pages.set(start, bytes);
    return bytes;
  };
  return {
    xlen,
    symbolStart,
    halfword(address) {
      const page = pageAt(virt(address & ~(PAGE - 1n)));
      const offset = Number(address & (PAGE - 1n));
      return offset + 2 <= page.length ? (page[offset] as number) | ((page[offset + 1] as number) << 8) : undefined;
    },
  };
}

/** The line that begins at an even `address`. */
export function lineAt(code: Code, address: VirtAddr): Line {
  const low = code.halfword(address);
  if (low === undefined) return { address, length: address % 4n === 2n ? 2 : 4, word: undefined };
  if (lengthOf(low) === 2) return { address, length: 2, word: low };
  const high = code.halfword(virt(address + 2n));
  if (high === undefined) return { address, length: 2, word: low };
  return { address, length: 4, word: (low | (high << 16)) >>> 0 };
}

export function linesFrom(code: Code, address: VirtAddr, count: number): Line[] {
  const lines: Line[] = [];
  for (let at = address; lines.length < count; ) {
    const line = lineAt(code, at);
    lines.push(line);
    at = virt(at + BigInt(line.length));
  }
  return lines;
}

/** A symbol that begins further back than this is not decoded from its start. */
const FARTHEST = 0x10000n;

/** The `count` lines that end where `end` begins. */
export function linesBefore(code: Code, end: VirtAddr, count: number): Line[] {
  const blocks: Line[][] = [];
  let until = end;
  for (let found = 0; found < count; ) {
    const block = blockBefore(code, until, count - found);
    blocks.unshift(block);
    found += block.length;
    until = (block[0] as Line).address;
  }
  return blocks.flat().slice(-count);
}

/** At least one line that ends at `end`: from the start of the symbol there, else by the likeliest alignment. */
function blockBefore(code: Code, end: VirtAddr, wanted: number): Line[] {
  const last = virt(end - 2n);
  if (code.halfword(last) === undefined) {
    const length = last % 4n === 2n ? 4 : 2;
    return [{ address: virt(end - BigInt(length)), length, word: undefined }];
  }
  const start = code.symbolStart(last);
  if (start !== undefined && start % 2n === 0n && end - start > 0n && end - start <= FARTHEST) {
    return linesBetween(code, virt(start), end);
  }
  return alignedBefore(code, end, wanted);
}

/** The lines of a stretch. One that would reach over its end is cut: something else is known to begin there. */
function linesBetween(code: Code, start: VirtAddr, end: VirtAddr): Line[] {
  const lines: Line[] = [];
  for (let at = start; at < end; ) {
    const line = lineAt(code, at);
    const cut = at + BigInt(line.length) > end;
    const word = line.word === undefined ? undefined : line.word & 0xffff;
    lines.push(cut ? { address: at, length: 2, word } : line);
    at = virt(at + BigInt(cut ? 2 : line.length));
  }
  return lines;
}

/** Decodes from some way back, once from each halfword, and keeps what has the fewest undefined encodings; decoding
 * falls into step after a few instructions whatever it begins with. */
function alignedBefore(code: Code, end: VirtAddr, wanted: number): Line[] {
  const back = BigInt(4 * (wanted + 16));
  let start = end - 2n;
  while (end - start < back && code.halfword(virt(start - 2n)) !== undefined) start -= 2n;
  const starts = [start, start + 2n].filter((at) => at < end);
  const candidates = starts.map((at) => linesBetween(code, virt(at), end));
  candidates.sort((a, b) => faults(code, a) - faults(code, b));
  return candidates[0] as Line[];
}

function faults(code: Code, lines: readonly Line[]): number {
  return lines.filter(({ word }) => word === undefined || !decode(word, code.xlen)).length;
}
