// Cached translations of a hart, forgotten from TypeScript; generated code empties the tables itself (core/flush.ts).

import {
  cachedBytes,
  chunkBytes,
  hartOffset,
  jumpCaches,
  spaceBytes,
  tlbBytes,
  tlbEmpty,
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
    if ((((tag & ~WATCHED) + addend) | 0) === (frame | 0)) forgetStores(hart, entry);
  });
}

/** Forgets so of all frames; what may be read and executed stays. */
export function forgetAllWritable(hart: Hart): void {
  eachEntry(hart, (entry) => forgetStores(hart, entry));
}

function forgetStores({ guest: { words } }: Hart, entry: number): void {
  const at = (entry + tlbField.write) / 4;
  words[at] = EMPTY_WORD;
  words[at + 1] = EMPTY_WORD;
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

const EMPTY_WORD = tlbEmpty * 0x01010101;

/**
 * Empties all tables and jump caches, at reset. New memory's zeros are no page's tag and no jump's target but at address 0,
 * whose entry is each table's first, and for an access from the last page that goes on there, whose entry is the last; a
 * global page's tag is never 0.
 */
export function emptyTables({ guest: { bytes }, block }: Hart): void {
  const first = block + hartOffset.tlb;
  const empty = (at: number, length: number) => bytes.fill(tlbEmpty, first + at, first + at + length);
  for (let at = 0; at < cachedBytes; at += chunkBytes) {
    if (bytes[block + hartOffset.chunks + at / chunkBytes]) empty(at, chunkBytes);
  }
  for (let at = 0; at < 2 * jumpCaches; at += tlbBytes) {
    empty(at, tlbEntryBytes);
    empty(at + tlbBytes - tlbEntryBytes, tlbEntryBytes);
  }
}
