// Names for what is mapped: a section of the kernel, a region of its layout, a device, or plain RAM.

import { type PhysAddr, plus, type VirtAddr } from '../../emulator/address.ts';
import type { PhysicalRegion } from '../../emulator/inspection.ts';
import type { MapRun } from '../map.ts';
import { imageAddress, type KernelImage, type KernelSection } from '../symbols.ts';
import type { Region } from './linux.ts';

export interface LayoutParts {
  /** `Linux 6.12.107, Sv57`, or `generic`. */
  readonly title: string;
  readonly regions: readonly Region[];
  readonly sections: readonly KernelSection[];
  /** Where the image is loaded, so that its sections can be named behind other addresses too. */
  readonly image: KernelImage | undefined;
  /** The physical address space. */
  readonly memory: readonly PhysicalRegion[];
}

export class Layout {
  readonly title: string;
  /** Ascending; empty when the kernel's layout is not known. */
  readonly regions: readonly Region[];
  readonly #parts: LayoutParts;

  constructor(parts: LayoutParts) {
    this.title = parts.title;
    this.regions = parts.regions;
    this.#parts = parts;
  }

  /** The name of one address; empty when there is none. `user` = the U bit of its page, where it is known. */
  regionAt(va: VirtAddr, pa?: PhysAddr, user?: boolean): string {
    return this.#name(va, pa, 1n, 1n, user);
  }

  /** The name of a run: all its sections, or region and, in brackets, what is physically there. */
  nameOf(run: Pick<MapRun, 'va' | 'pa' | 'size' | 'pageSize' | 'u'>): string {
    return this.#name(run.va, run.pa, run.size, run.pageSize, run.u);
  }

  #name(va: VirtAddr, pa: PhysAddr | undefined, size: bigint, leaf: bigint, user: boolean | undefined): string {
    if (user !== true) {
      const sections = this.#sectionsIn(va, size);
      const lastLeaf = this.#regionOf(plus(va, size - leaf), user);
      if (sections) return lastLeaf?.name === 'direct map' ? `${sections}, direct map` : sections;
    }
    const region = this.#regionOf(va, user)?.name;
    if (pa === undefined) return region ?? '';
    const there = this.#parts.memory.find(({ base, size }) => pa >= base && pa < base + size);
    const identity = BigInt(va) === BigInt(pa) && (region === undefined || (region === 'user' && user === false));
    if (there?.kind === 'device') return region === undefined || identity ? there.name : `${region} (${there.name})`;
    const place = identity ? 'identity map' : region;
    const sections = user === true ? '' : this.#sectionsBehind(pa, size);
    if (place && sections) return `${place} (${sections})`;
    return place ?? (sections || there?.name || '');
  }

  #regionOf(va: VirtAddr, user: boolean | undefined): Region | undefined {
    let found: Region | undefined;
    for (const region of this.regions) {
      if (va < region.start || va >= region.start + region.size) continue;
      if (region.kernelPagesOnly && user !== false) continue;
      if (!found || region.size < found.size) found = region;
    }
    return found;
  }

  /** `.text`; `.head.text, .text`; `.rodata … .bss`. */
  #sectionsIn(va: bigint, size: bigint): string {
    const end = va + size;
    const inside = this.#parts.sections
      .filter((section) => section.size > 0n && section.va < end && section.va + section.size > va)
      .sort((a, b) => (a.va < b.va ? -1 : 1));
    const first = inside[0];
    const last = inside.at(-1);
    if (!first || !last) return '';
    if (inside.length === 1) return first.name;
    return inside.length === 2 ? `${first.name}, ${last.name}` : `${first.name} … ${last.name}`;
  }

  #sectionsBehind(pa: PhysAddr, size: bigint): string {
    const { image } = this.#parts;
    if (!image || pa + size > image.pa + image.size) return '';
    const va = imageAddress(image, pa);
    if (va === undefined) return '';
    return this.#sectionsIn(va, size);
  }
}
