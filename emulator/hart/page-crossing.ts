// Accesses over the end of a page into the next, where both pages are cached: no walk is needed, and nothing watches them.

import { further, type VirtAddr } from '../address.ts';
import { readableAddress, writableAddress } from './cached.ts';
import type { Hart } from './hart.ts';

/** Host addresses of the first byte and of the first in the second page, which is byte `room` of the access. */
interface Across {
  readonly first: number;
  readonly second: number;
  readonly room: number;
}

type Cached = typeof readableAddress | typeof writableAddress;

/** Undefined where the access stays in a page or one is not cached. */
function across(hart: Hart, va: VirtAddr, size: number, xlen: 32 | 64, cached: Cached): Across | undefined {
  const room = 4096 - Number(va & 0xfffn);
  if (size <= room) return undefined;
  const first = cached(hart, va);
  const second = cached(hart, further(va, room, xlen));
  return first === undefined || second === undefined ? undefined : { first, second, room };
}

const hostOf = ({ first, second, room }: Across, index: number) => (index < room ? first : second - room) + index;

/** The value, little-endian; undefined: the explained walk must do it. */
export function loadAcross(hart: Hart, va: VirtAddr, size: number, xlen: 32 | 64): bigint | undefined {
  const found = across(hart, va, size, xlen, readableAddress);
  if (!found) return undefined;
  const { bytes } = hart.guest;
  let [low, high] = [0, 0];
  for (let index = size - 1; index >= 4; index -= 1) high = (high << 8) | (bytes[hostOf(found, index)] as number);
  for (let index = Math.min(size, 4) - 1; index >= 0; index -= 1) {
    low = (low << 8) | (bytes[hostOf(found, index)] as number);
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** False: nothing was written, the explained walk must do it. */
export function storeAcross(hart: Hart, va: VirtAddr, size: number, value: bigint, xlen: 32 | 64): boolean {
  const found = across(hart, va, size, xlen, writableAddress);
  if (!found) return false;
  const { bytes } = hart.guest;
  const [low, high] = [Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn)];
  for (let index = 0; index < size; index += 1) {
    bytes[hostOf(found, index)] = (index < 4 ? low : high) >>> (8 * (index & 3));
  }
  return true;
}
