// Translations of device pages, kept in the same tables as those of RAM so that whatever empties these empties them too.
// Generated code never takes such an entry for its own: its tag is not the page's.

import { type PhysAddr, phys, type VirtAddr } from '../address.ts';
import { DEVICE, hartOffset, tlbField } from '../core/layout.ts';
import { emptyTag, entryFor } from './cached.ts';
import type { Hart } from './hart.ts';

const tagOf = (va: VirtAddr) => (va & ~0xfffn) ^ BigInt(DEVICE);
const fieldOf = (access: 'load' | 'store') => (access === 'load' ? tlbField.read : tlbField.write);

/** Keeps the device page of an access that was allowed, whatever byte of the page it is for. */
export function rememberDevicePage(hart: Hart, va: VirtAddr, pa: PhysAddr, access: 'load' | 'store'): void {
  const { quads, words } = hart.guest;
  const frame = Number(pa >> 12n);
  if (frame > 0xffffffff) return;
  const entry = entryFor(hart, va, hartOffset.dataTlb);
  const known = devicePageAddress(hart, va, access === 'load' ? 'store' : 'load');
  if (known === undefined) {
    for (const field of [tlbField.read, tlbField.write, tlbField.execute]) quads[(entry + field) / 8] = emptyTag(va);
  }
  quads[(entry + fieldOf(access)) / 8] = tagOf(va);
  words[(entry + tlbField.addend) / 4] = frame;
}

/** The physical address, if the access is to a device page that was kept. */
export function devicePageAddress(hart: Hart, va: VirtAddr, access: 'load' | 'store'): PhysAddr | undefined {
  const { quads, words } = hart.guest;
  const entry = entryFor(hart, va, hartOffset.dataTlb);
  if (quads[(entry + fieldOf(access)) / 8] !== tagOf(va)) return undefined;
  return phys((BigInt(words[(entry + tlbField.addend) / 4] as number) << 12n) | (va & 0xfffn));
}
