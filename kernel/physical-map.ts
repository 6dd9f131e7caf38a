// The physical address space: what answers where, where the kernel is loaded, and what the device tree keeps away.

import { type PhysAddr, phys } from '../emulator/address.ts';
import type { Inspection } from '../emulator/inspection.ts';
import { deviceTreeOf } from './reservations.ts';
import type { KernelImage, KernelSection } from './symbols.ts';

export interface PhysicalPart {
  readonly name: string;
  readonly kind: 'ram' | 'device' | 'reserved' | 'image' | 'device tree';
  readonly base: PhysAddr;
  /** In bytes. */
  readonly size: bigint;
  /** `no-map`, names of sections, or empty. */
  readonly text: string;
}

/** Ascending; parts of RAM stand behind the RAM that holds them. */
export function physicalMap(
  machine: Inspection,
  images: readonly KernelImage[],
  sections: readonly KernelSection[],
): PhysicalPart[] {
  const tree = deviceTreeOf(machine);
  const parts: PhysicalPart[] = machine.regions.map(({ name, kind, base, size }) => ({
    name,
    kind,
    base,
    size,
    text: '',
  }));
  for (const image of images) {
    const held = sections.filter(({ va }) => va >= image.va && va < image.va + image.size).map(({ name }) => name);
    const text = held.length > 4 ? `${held[0]} … ${held.at(-1)}` : held.join(', ');
    parts.push({ name: 'kernel image', kind: 'image', base: image.pa, size: image.size, text });
  }
  if (tree) {
    parts.push({ name: 'device tree', kind: 'device tree', base: tree.address, size: tree.size, text: '' });
    for (const { name, base, size, noMap } of tree.reservations)
      parts.push({ name, kind: 'reserved', base, size, text: noMap ? 'no-map' : '' });
  }
  const outer = ({ kind }: PhysicalPart) => (kind === 'ram' || kind === 'device' ? 0 : 1);
  return parts.sort((a, b) => compare(a.base, b.base) || outer(a) - outer(b) || compare(b.size, a.size));
}

const compare = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);

/** The part of the innermost kind that holds an address. */
export function partAt(parts: readonly PhysicalPart[], pa: PhysAddr): PhysicalPart | undefined {
  return parts.filter(({ base, size }) => pa >= base && pa < phys(base + size)).at(-1);
}
