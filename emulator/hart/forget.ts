// Cached translations of a hart, forgotten from TypeScript; generated code empties the tables itself (core/translate.ts).

import type { VirtAddr } from '../address.ts';
import {
  chunkBytes,
  hartOffset,
  jumpCaches,
  jumpEntryBytes,
  superpageRegions,
  Tlb,
  tlbBytes,
  tlbEmpty,
  tlbEntries,
  tlbEntryBytes,
  tlbField,
} from '../core/layout.ts';
import type { Hart } from './hart.ts';

/** Whether a part of a superpage that may hold the address is cached. */
export function hasSuperpage({ guest, block }: Hart, address: VirtAddr): boolean {
  const region = Number((address >> 30n) & BigInt(superpageRegions - 1));
  return guest.bytes[block + hartOffset.superpages + region] !== 0;
}

/** Forgets the cached translations of one 4 KiB page, but for M-mode. */
export function forgetPage(hart: Hart, address: VirtAddr): void {
  const index = Number((address >> 12n) & BigInt(tlbEntries - 1));
  for (const table of [Tlb.U, Tlb.S, Tlb.SSum]) {
    const at = hart.block + hartOffset.tlb + table * tlbBytes + index * tlbEntryBytes;
    hart.guest.bytes.fill(tlbEmpty, at, at + tlbField.addend);
  }
  for (const table of [Tlb.U, Tlb.S]) forgetJumps(hart, table, address);
}

/** Empties what a jump cache may hold of a page. */
function forgetJumps({ guest: { bytes }, block }: Hart, table: number, address: VirtAddr): void {
  const span = (4096 / 2) * jumpEntryBytes;
  const first = jumpCaches + table * tlbBytes + ((Number((address >> 12n) & 0xffffn) * span) % tlbBytes);
  for (let at = first; at < first + span; at += chunkBytes) {
    const used = block + hartOffset.tlbUsed + at / chunkBytes;
    if (!bytes[used]) continue;
    bytes[used] = 0;
    bytes.fill(tlbEmpty, block + hartOffset.tlb + at, block + hartOffset.tlb + at + chunkBytes);
  }
}

/** Forgets that the frame at this host address may be written without being seen. */
export function forgetWritable({ guest: { words, bytes }, block }: Hart, frame: number): void {
  const first = block + hartOffset.tlb;
  for (let entry = first; entry < first + 4 * tlbBytes; entry += tlbEntryBytes) {
    const chunk = (entry - first) / chunkBytes;
    if (Number.isInteger(chunk) && !bytes[block + hartOffset.tlbUsed + chunk]) {
      entry += chunkBytes - tlbEntryBytes;
      continue;
    }
    const tag = words[(entry + tlbField.write) / 4] as number;
    const addend = words[(entry + tlbField.addend) / 4] as number;
    if (((tag + addend) | 0) === (frame | 0)) bytes.fill(tlbEmpty, entry + tlbField.write, entry + tlbField.write + 8);
  }
}
