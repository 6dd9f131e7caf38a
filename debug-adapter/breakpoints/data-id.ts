// The ids of data that can be watched, as they travel between dataBreakpointInfo and setDataBreakpoints:
// `csr:satp`, `va:0x…/8`, `pa:0x…/4096`; `/change` behind it = only accesses that change the bytes.

import { hex } from '../../emulator/address.ts';
import { UserError } from '../../emulator/user-error.ts';

export type WatchedData =
  | { readonly kind: 'csr'; readonly name: string }
  | {
      readonly kind: 'memory';
      readonly space: 'virtual' | 'physical';
      readonly address: bigint;
      /** In bytes. */
      readonly size: bigint;
      readonly change: boolean;
    };

/** The id of a range; a negative size means the bytes before `address`, as editors send for `to - from`. */
export function memoryDataId(space: 'virtual' | 'physical', address: bigint, size: bigint, change: boolean): string {
  const start = BigInt.asUintN(64, size < 0n ? address + size : address);
  const bytes = size < 0n ? -size : size;
  return `${space === 'virtual' ? 'va' : 'pa'}:${hex(start)}/${bytes}${change ? '/change' : ''}`;
}

export function parseDataId(id: string): WatchedData {
  const csr = /^csr:(\w+)$/.exec(id)?.[1];
  if (csr) return { kind: 'csr', name: csr };
  const [, space, address, size, change] = /^(va|pa):(0x[0-9a-f]+)\/(\d+)(\/change)?$/i.exec(id) ?? [];
  if (!address || !size || BigInt(size) === 0n) {
    throw new UserError(`"${id}" names no data that can be watched: csr:NAME, va:0x…/BYTES or pa:0x…/BYTES.`);
  }
  return {
    kind: 'memory',
    space: space?.toLowerCase() === 'va' ? 'virtual' : 'physical',
    address: BigInt(address),
    size: BigInt(size),
    change: change !== undefined,
  };
}
