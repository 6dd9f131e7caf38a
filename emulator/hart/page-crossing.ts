// Accesses over the end of a page into the next, where both pages are cached: no walk is needed, and nothing watches them.

import { further, type VirtAddr } from '../address.ts';
import type { Hart } from './hart.ts';

type Cached = (address: bigint) => number | undefined;

/** Host addresses of the bytes, in their order; undefined where the access stays in a page or one is not cached. */
function bytesAcross(va: VirtAddr, size: number, xlen: 32 | 64, cached: Cached): readonly number[] | undefined {
  const room = 4096 - Number(va & 0xfffn);
  if (size <= room) return undefined;
  const [first, second] = [cached(va), cached(further(va, room, xlen))];
  if (first === undefined || second === undefined) return undefined;
  return Array.from({ length: size }, (_, at) => (at < room ? first + at : second + at - room));
}

/** The value, little-endian; undefined: the explained walk must do it. */
export function loadAcross(hart: Hart, va: VirtAddr, size: number, xlen: 32 | 64): bigint | undefined {
  const across = bytesAcross(va, size, xlen, (address) => hart.readableAddress(address));
  const { bytes } = hart.guest;
  return across?.reduceRight((value, at) => (value << 8n) | BigInt(bytes[at] as number), 0n);
}

/** False: nothing was written, the explained walk must do it. */
export function storeAcross(hart: Hart, va: VirtAddr, size: number, value: bigint, xlen: 32 | 64): boolean {
  const across = bytesAcross(va, size, xlen, (address) => hart.writableAddress(address));
  for (const [index, at] of across?.entries() ?? []) {
    hart.guest.bytes[at] = Number((value >> BigInt(index * 8)) & 0xffn);
  }
  return across !== undefined;
}
