// Cached translations of a hart, forgotten from TypeScript; generated code empties the tables itself (core/flush.ts).

import {
  cachedBytes,
  chunkBytes,
  EMPTY_FIRST,
  hartOffset,
  jumpCaches,
  spaceBytes,
  tlbBytes,
  tlbEntryBytes,
  tlbField,
  WATCHED,
} from '../core/layout.ts';
import type { Hart } from './hart.ts';
import { usedSpaces } from './spaces.ts';

/** Forgets that the frame at this host address may be written without being seen. */
export function forgetWritable(hart: Hart, frame: number): void {
  const { words } = hart.guest;
  eachEntry(hart, (entry) => {
    const tag = words[(entry + tlbField.write) / 4] as number;
    const addend = words[(entry + tlbField.addend) / 4] as number;
    const page = tag & 0xfff ? tag ^ WATCHED : tag;
    if (((page + addend) | 0) === (frame | 0)) forgetStores(hart, entry);
  });
}

/** Forgets so of all frames; what may be read and executed stays. */
export function forgetAllWritable(hart: Hart): void {
  eachEntry(hart, (entry) => forgetStores(hart, entry));
}

function forgetStores({ guest: { words }, block }: Hart, entry: number): void {
  const at = (entry + tlbField.write) / 4;
  words[at] = (entry - block - hartOffset.tlb) % tlbBytes === 0 ? EMPTY_FIRST : 0;
  words[at + 1] = 0;
}

/** Calls for the address of each entry of the tables that may be filled. */
function eachEntry(hart: Hart, visit: (entry: number) => void): void {
  const { bytes } = hart.guest;
  const chunks = spaceBytes / chunkBytes;
  const visitChunk = (at: number) => {
    const chunk = hart.block + hartOffset.tlb + at * chunkBytes;
    for (let entry = chunk; entry < chunk + chunkBytes; entry += tlbEntryBytes) visit(entry);
  };
  for (const space of usedSpaces(hart)) {
    for (let at = space * chunks; at < (space + 1) * chunks; at += 1) {
      // Of 64 chunks none is filled.
      if (!bytes[hart.block + hartOffset.groups + (at >> 6)]) at += 63;
      else if (bytes[hart.block + hartOffset.chunks + at]) visitChunk(at);
    }
  }
}

/** Empties all tables and jump caches, at reset, as core/flush.ts does. New memory lacks but the first entries. */
export function emptyTables({ guest: { bytes, quads }, block }: Hart): void {
  const first = block + hartOffset.tlb;
  for (let at = 0; at < cachedBytes; at += chunkBytes) {
    if (bytes[block + hartOffset.chunks + at / chunkBytes]) bytes.fill(0, first + at, first + at + chunkBytes);
  }
  for (let at = 0; at < 2 * jumpCaches; at += tlbBytes) {
    quads.fill(BigInt(EMPTY_FIRST), (first + at) / 8, (first + at + tlbEntryBytes) / 8);
  }
}
