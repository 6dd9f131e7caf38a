// The translations that a hart has cached, in the tables that generated code looks into (core/tlb-entry.ts), as TypeScript
// reads and fills them.

import type { VirtAddr } from '../address.ts';
import {
  chunkBytes,
  EMPTY_FIRST,
  Filled,
  hartOffset,
  superpageRegions,
  tlbEntries,
  tlbEntryBytes,
  tlbField,
  WATCHED,
  watchField,
} from '../core/layout.ts';
import type { Hart } from './hart.ts';

/** The tables in force, for fetches and for loads and stores. */
type InForce = typeof hartOffset.fetchTlb | typeof hartOffset.dataTlb;

const pageOf = (va: VirtAddr) => va & ~0xfffn;

const indexOf = (va: VirtAddr) => Number((va >> 12n) & BigInt(tlbEntries - 1));

function placeOf(hart: Hart, va: VirtAddr, inForce: InForce): number {
  return hart.word(inForce) + indexOf(va) * tlbEntryBytes;
}

/** Address of the entry of a table that is about to hold a translation of the address. */
export function entryFor(hart: Hart, va: VirtAddr, inForce: InForce): number {
  const entry = placeOf(hart, va, inForce);
  const chunk = Math.floor((entry - hart.block - hartOffset.tlb) / chunkBytes);
  (hart.guest.bytes[hart.block + hartOffset.chunks + chunk] as number) |= Filled.own;
  // Eight chunks are a group.
  (hart.guest.bytes[hart.block + hartOffset.groups + (chunk >> 6)] as number) |= 1 << ((chunk >> 3) & 7);
  return entry;
}

/** The tag that the address's entry has where it holds nothing. */
export const emptyTag = (va: VirtAddr): bigint => (indexOf(va) === 0 ? BigInt(EMPTY_FIRST) : 0n);

/** What of a page's accesses is allowed; `wide`: it is a part of a superpage. */
interface Allowed {
  readonly readable: boolean;
  readonly writable: boolean;
  readonly wide: boolean;
}

/** Keeps a translation that the fast walk does not find by itself; `host` is the page's frame. */
export function remember(hart: Hart, va: VirtAddr, host: number, { readable, writable, wide }: Allowed): void {
  const { quads, words } = hart.guest;
  const entry = entryFor(hart, va, hartOffset.dataTlb);
  const tag = pageOf(va);
  const watched = watchedIn(hart, va);
  const empty = emptyTag(va);
  const tagOf = (allowed: boolean, isWatched: boolean) => (allowed ? (isWatched ? tag ^ BigInt(WATCHED) : tag) : empty);
  quads[(entry + tlbField.read) / 8] = tagOf(readable, watched.loads);
  quads[(entry + tlbField.write) / 8] = tagOf(readable && writable, watched.stores);
  quads[(entry + tlbField.execute) / 8] = empty;
  words[(entry + tlbField.addend) / 4] = host - Number(tag & 0xffffffffn);
  if (wide) noteSuperpage(hart, va);
}

/** Whether bytes are watched in the page, and whether for loads, too. */
function watchedIn(hart: Hart, va: VirtAddr): { readonly stores: boolean; readonly loads: boolean } {
  const list = hartOffset.watched;
  const found = { stores: false, loads: false };
  for (let index = 0; index < hart.word(list + watchField.count); index += 1) {
    const at = list + watchField.ranges + index * 16;
    if (va < (hart.quadAt(at) & ~0xfffn) || va > (hart.quadAt(at + 8) | 0xfffn)) continue;
    found.stores = true;
    found.loads ||= ((hart.word(list + watchField.loads) >> index) & 1) !== 0;
  }
  return found;
}

/** Remembers that a part of the superpage is cached. */
export function noteSuperpage(hart: Hart, va: VirtAddr): void {
  const region = Number((va >> 30n) & BigInt(superpageRegions - 1));
  hart.guest.bytes[hart.block + hartOffset.superpages + region] = 1;
}

/** Host address of the byte at a virtual address whose page is cached for fetching; undefined where it is not. */
export const fetchedAddress = (hart: Hart, va: VirtAddr): number | undefined =>
  cachedAddress(hart, va, hartOffset.fetchTlb, tlbField.execute);

/** The same for loads. */
export const readableAddress = (hart: Hart, va: VirtAddr): number | undefined =>
  cachedAddress(hart, va, hartOffset.dataTlb, tlbField.read);

/** The same for stores. */
export const writableAddress = (hart: Hart, va: VirtAddr): number | undefined =>
  cachedAddress(hart, va, hartOffset.dataTlb, tlbField.write);

function cachedAddress(hart: Hart, va: VirtAddr, inForce: InForce, tag: number): number | undefined {
  const entry = placeOf(hart, va, inForce);
  const { quads, words } = hart.guest;
  if (quads[(entry + tag) / 8] !== pageOf(va)) return undefined;
  return ((words[(entry + tlbField.addend) / 4] as number) + Number(va & 0xffffffffn)) >>> 0;
}

/** The decoded page that pc is fetched from; 0 where none is cached. */
export function fetchedCode(hart: Hart): number {
  const { quads, words } = hart.guest;
  const entry = placeOf(hart, hart.pc, hartOffset.fetchTlb);
  if (quads[(entry + tlbField.execute) / 8] !== pageOf(hart.pc)) return 0;
  return words[(entry + tlbField.code) / 4] as number;
}
