// The ids of data that can be watched, as they travel between dataBreakpointInfo and setDataBreakpoints:
// `va:0x…/8`, `pa:0x…/4096`; `/change` behind it = only accesses that change the bytes; or an event (docs/events.md).

import { hex } from '../../emulator/address.ts';
import { UserError } from '../../emulator/user-error.ts';
import { eventDefinitions } from '../events/definitions.ts';
import { looksLikeEvent } from '../events/expression.ts';

export type WatchedData =
  | { readonly kind: 'event'; readonly event: string }
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

/** Whether a text is an event, by its prefix or as a name of the table. */
export function isEvent(text: string): boolean {
  return looksLikeEvent(text) || eventDefinitions.some(({ id }) => id === text.trim());
}

export function parseDataId(id: string): WatchedData {
  if (isEvent(id)) return { kind: 'event', event: id };
  const [, space, address, size, change] = /^(va|pa):(0x[0-9a-f]+)\/(\d+)(\/change)?$/i.exec(id) ?? [];
  if (!address || !size || BigInt(size) === 0n) {
    throw new UserError(
      `"${id}" names no data that can be watched: va:0x…/BYTES, pa:0x…/BYTES, csr:NAME, map:0x…+BYTES or another event.`,
    );
  }
  return {
    kind: 'memory',
    space: space?.toLowerCase() === 'va' ? 'virtual' : 'physical',
    address: BigInt(address),
    size: BigInt(size),
    change: change !== undefined,
  };
}
